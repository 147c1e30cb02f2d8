//! "Copy as fetch" of Chrome and Firefox: a call with a literal URL and a literal object of options.

use serde_json::Value;

use super::error::UnreadableEvidence;
use super::form_data;
use super::sent::{Exchange, Sent};

/// Reads `fetch("https://…", {"headers": {…}, "method": "PUT", …});`. Its answer is not known.
pub(super) fn read(text: &str) -> Result<Exchange, UnreadableEvidence> {
    let (_, call) = text.split_once("fetch(").ok_or(UnreadableEvidence::Fetch)?;
    let mut values = serde_json::Deserializer::from_str(call).into_iter::<Value>();
    let Some(Ok(Value::String(url))) = values.next() else { return Err(UnreadableEvidence::Fetch) };
    let rest = call.get(values.byte_offset()..).unwrap_or_default().trim_start();
    let options = match rest.strip_prefix(',') {
        None if rest.starts_with(')') => Value::Null,
        None => return Err(UnreadableEvidence::Fetch),
        Some(rest) => match serde_json::Deserializer::from_str(rest).into_iter::<Value>().next() {
            Some(Ok(options)) => options,
            _ => return Err(UnreadableEvidence::Fetch),
        },
    };
    let text = |name: &str| options.get(name).and_then(Value::as_str);
    let mut headers: Vec<(Box<str>, Box<str>)> = Vec::new();
    for (name, value) in options.get("headers").and_then(Value::as_object).into_iter().flatten() {
        headers.push((name.to_ascii_lowercase().into(), value.as_str().unwrap_or_default().into()));
    }
    let has_type = headers.iter().any(|(name, _)| &**name == "content-type");
    // https://fetch.spec.whatwg.org/#concept-bodyinit-extract: the type of a body that is a string.
    if text("body").is_some() && !has_type {
        headers.push(("content-type".into(), "text/plain;charset=UTF-8".into()));
    }
    let is_from = |name: &str| text(name).filter(|it| it.starts_with("http")).map(str::to_owned);
    if let Some(referrer) = is_from("referrer") {
        headers.push(("referer".into(), referrer.into()));
    }
    let mut sent =
        Sent::new(text("method").unwrap_or("GET"), &url, headers).ok_or(UnreadableEvidence::Fetch)?;
    let content_type = sent.request.header("content-type").unwrap_or_default();
    sent.form = form_data::fields(content_type, text("body").unwrap_or_default());
    Ok(Exchange { sent, answer: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FormField;

    #[test]
    fn calls_of_both_browsers_are_read() {
        for call in [
            "fetch(\"https://b/k?X-Amz-Date=1\", {\n  \"headers\": {\n    \"content-type\": \"image/png\"\n  },\n  \"body\": null,\n  \"method\": \"PUT\"\n});",
            "await fetch(\"https://b/k?X-Amz-Date=1\", {\n    \"credentials\": \"omit\",\n    \"headers\": {\"Content-Type\": \"image/png\"},\n    \"method\": \"PUT\",\n    \"mode\": \"cors\"\n});",
        ] {
            let sent = read(call).unwrap().sent;
            assert_eq!((&*sent.request.method, &*sent.request.path), ("PUT", "/k"));
            assert_eq!(sent.request.header("content-type"), Some("image/png"));
        }
        let sent = read(r#"fetch("https://b/k", {"body":"x","method":"PUT"})"#).unwrap().sent;
        assert_eq!(sent.request.header("content-type"), Some("text/plain;charset=UTF-8"));
        let form = r#"fetch("https://b/", {"headers": {"content-type": "multipart/form-data; boundary=--X"},
            "body": "----X\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na/1\r\n----X--\r\n", "method": "POST"});"#;
        assert_eq!(read(form).unwrap().sent.form, [FormField::new("key", "a/1")]);
        assert_eq!(&*read(r#"fetch("https://b/k");"#).unwrap().sent.request.method, "GET");
    }

    #[test]
    fn calls_that_are_no_literals_are_refused() {
        for call in [
            "fetch(",
            "fetch(url, {})",
            "fetch(\"https://b/k\", {headers})",
            "fetch(\"https://b/k",
            "fetch(\"x\")",
        ] {
            assert!(matches!(read(call), Err(UnreadableEvidence::Fetch)), "{call}");
        }
    }
}
