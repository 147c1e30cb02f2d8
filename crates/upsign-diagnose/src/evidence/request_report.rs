//! What a program reports of its own request, as JSON: `{"request": {…}, "response": {…}, "grant": {…}}`.
//!
//! A page can send that when an upload fails; the page of `upsign dev` does.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::grant::Grant;
use super::sent::{Answer, Exchange, Sent};
use crate::form::FormField;

/// The largest body of an answer that is looked at. Errors of stores have about 2 KB.
const MAX_BODY: usize = 256 * 1024;

#[derive(Deserialize)]
struct Report {
    request: Request,
    #[serde(default)]
    response: Option<Response>,
    /// The answer of the API that issued the URL.
    #[serde(default)]
    grant: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    /// The headers that the program set.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The length of the body that was sent, in bytes.
    #[serde(default)]
    body_size: Option<u64>,
    /// The fields of a POST form. The value of the file is its name.
    #[serde(default)]
    fields: BTreeMap<String, String>,
    /// The origin of the page, if a browser sent the request.
    #[serde(default)]
    origin: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Response {
    /// 0 if the browser showed no answer.
    status: u16,
    /// The headers that the program can read.
    headers: BTreeMap<String, String>,
    body: String,
}

/// A request, its answer, and what was signed for it.
pub(super) struct Reported {
    pub(super) exchange: Exchange,
    pub(super) grant: Option<Grant>,
}

/// Returns whether a JSON value has the form of a report.
pub(super) fn is_report(value: &Value) -> bool {
    value.pointer("/request/url").is_some_and(Value::is_string)
        && value.pointer("/request/method").is_some_and(Value::is_string)
}

/// Reads a report. Returns `None` if its URL is not one of HTTP.
///
/// # Errors
/// Fails if a member has another type than it should have.
pub(super) fn read(value: Value) -> Result<Option<Reported>, serde_json::Error> {
    let Report { request, response, grant } = serde_json::from_value(value)?;
    let mut headers = lower(request.headers);
    let origin = request.origin.filter(|_| !headers.iter().any(|(name, _)| &**name == "origin"));
    headers.extend(origin.map(|origin| ("origin".into(), origin.into())));
    let Some(mut sent) = Sent::new(&request.method, &request.url, headers) else { return Ok(None) };
    let stated = sent.request.header("content-length").and_then(|length| length.parse().ok());
    sent.body_len = stated.or(request.body_size);
    sent.is_len_exact = sent.body_len.is_some();
    sent.form = request.fields.iter().map(|(name, value)| FormField::new(name, value)).collect();
    // Members of JSON have no order, and the file is the last field of a form.
    sent.form.sort_by_key(|field| &*field.name == "file");
    let answer = response.map(|Response { status, headers, body }| {
        let end = body.floor_char_boundary(MAX_BODY);
        let body = body.get(..end).unwrap_or_default().into();
        Answer { status: Some(status), headers: lower(headers), body, ..Answer::default() }
    });
    let grant = grant.and_then(|grant| Grant::read(&grant.to_string()));
    Ok(Some(Reported { exchange: Exchange { sent, answer }, grant }))
}

fn lower(headers: BTreeMap<String, String>) -> Vec<(Box<str>, Box<str>)> {
    headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase().into(), value.trim().into())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_method_and_url_are_required() {
        let least = json!({"request": {"method": "put", "url": "https://b.s3.amazonaws.com/k"}});
        assert!(is_report(&least));
        let exchange = read(least).unwrap().unwrap().exchange;
        assert_eq!((&*exchange.sent.request.method, exchange.sent.body_len), ("PUT", None));
        assert!(exchange.answer.is_none());

        let most = json!({
            "request": {"method": "PUT", "url": "https://b.s3.amazonaws.com/k", "headers": {"Content-Type": "image/png"},
                "bodySize": 5, "origin": "https://app.example.com"},
            "response": {"status": 403, "headers": {"X-Amz-Request-Id": "1"}, "body": "<Error/>"},
        });
        let Exchange { sent, answer } = read(most).unwrap().unwrap().exchange;
        assert_eq!(sent.request.header("content-type"), Some("image/png"));
        assert_eq!((sent.origin(), sent.body_len), (Some("https://app.example.com"), Some(5)));
        let answer = answer.unwrap();
        assert_eq!((answer.status, &*answer.body), (Some(403), "<Error/>"));
        assert_eq!(answer.header("x-amz-request-id").as_deref(), Some("1"));
    }

    #[test]
    fn the_file_is_the_last_field_of_a_form() {
        let form = json!({"request": {"method": "POST", "url": "https://b.s3.amazonaws.com/",
            "fields": {"file": "a.jpg", "key": "k", "policy": "e30="}}});
        let sent = read(form).unwrap().unwrap().exchange.sent;
        let names: Vec<&str> = sent.form.iter().map(|field| &*field.name).collect();
        assert_eq!(names, ["key", "policy", "file"]);
        assert!(sent.is_signed_form());
    }

    #[test]
    fn other_json_is_not_a_report() {
        for value in [json!({"request": "a"}), json!({"request": {"url": 1, "method": "PUT"}}), json!([])] {
            assert!(!is_report(&value), "{value}");
        }
        assert!(read(json!({"request": {"method": "PUT", "url": "file:///etc"}})).unwrap().is_none());
        assert!(
            read(json!({"request": {"method": "PUT", "url": "https://b/k"}, "response": {"status": "x"}}))
                .is_err()
        );
    }
}
