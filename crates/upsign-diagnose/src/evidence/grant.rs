//! The answer that issued a URL: it states what was signed, which the URL alone does not.

use serde_json::{Map, Value};

use super::sent::Sent;
use crate::url::SignedUrl;

/// What the answer with a URL says about the request to send.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) url: SignedUrl,
    pub(crate) method: Option<Box<str>>,
    /// Signed headers with their values, names in lower case.
    pub(crate) headers: Vec<(Box<str>, Box<str>)>,
}

/// How deep the URL may be inside of the answer.
const MAX_DEPTH: usize = 8;

impl Grant {
    /// Reads the JSON of an API, of `upsign presign --json` or of an SDK's wrapper: the first object with a presigned URL.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        search(&value, MAX_DEPTH, &|_| true)
    }

    /// Returns what a JSON answer says about the URL of a request. Its signature, or its credential with its date, identifies it.
    pub(super) fn find(body: &str, sent: &Sent) -> Option<Self> {
        if !body.contains("X-Amz-") {
            return None;
        }
        let value: Value = serde_json::from_str(body).ok()?;
        let signature = sent.signature();
        let is_same = |url: &SignedUrl| {
            let same = |name| url.parameter(name) == sent.request.parameter(name);
            signature.as_deref() == Some(url.signature())
                || (same("X-Amz-Credential") && same("X-Amz-Date") && *url.raw_path() == *sent.request.path)
        };
        search(&value, MAX_DEPTH, &is_same)
    }

    /// Adds the length and the type that the request for the URL described, which the answer may leave out.
    pub(super) fn add_description(&mut self, asked: &str) {
        let Ok(Value::Object(asked)) = serde_json::from_str::<Value>(asked) else { return };
        let signed = |name: &str| self.url.signed_headers().iter().any(|it| it.eq_ignore_ascii_case(name));
        for (header, member) in [("content-length", "contentLength"), ("content-type", "contentType")] {
            let value = match asked.get(member) {
                Some(Value::Number(number)) => number.to_string(),
                Some(Value::String(text)) => text.clone(),
                _ => continue,
            };
            // Of a list of files, nothing says which one this is.
            if signed(header) && !self.headers.iter().any(|(name, _)| &**name == header) {
                self.headers.push((header.into(), value.into()));
            }
        }
    }
}

fn search(value: &Value, depth: usize, is_wanted: &dyn Fn(&SignedUrl) -> bool) -> Option<Grant> {
    let depth = depth.checked_sub(1)?;
    match value {
        Value::Object(members) => {
            let found = members.values().filter_map(Value::as_str).filter(|text| text.contains("X-Amz-"));
            let url = found.filter_map(|text| SignedUrl::parse(text).ok()).find(|url| is_wanted(url));
            if let Some(url) = url {
                return Some(of_members(url, members));
            }
            members.values().find_map(|value| search(value, depth, is_wanted))
        }
        Value::Array(items) => items.iter().find_map(|item| search(item, depth, is_wanted)),
        _ => None,
    }
}

fn of_members(url: SignedUrl, members: &Map<String, Value>) -> Grant {
    let method =
        members.get("method").and_then(Value::as_str).map(|method| method.to_ascii_uppercase().into());
    let mut headers = members.get("headers").map(headers_of).unwrap_or_default();
    let length = members.get("contentLength").and_then(Value::as_u64);
    if let Some(length) = length.filter(|_| !headers.iter().any(|(name, _)| &**name == "content-length")) {
        headers.push(("content-length".into(), length.to_string().into()));
    }
    Grant { url, method, headers }
}

/// Reads headers: an object, or the list of pairs that `upsign presign --json` prints.
fn headers_of(value: &Value) -> Vec<(Box<str>, Box<str>)> {
    let pair = |name: &str, value: &Value| Some((name.to_ascii_lowercase().into(), value.as_str()?.into()));
    match value {
        Value::Object(members) => members.iter().filter_map(|(name, value)| pair(name, value)).collect(),
        Value::Array(items) => {
            let pairs = items.iter().filter_map(|item| match item.as_array()?.as_slice() {
                [name, value] => pair(name.as_str()?, value),
                _ => None,
            });
            pairs.collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str =
        "https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=5f1e5f1e5f1e5f1e";

    #[test]
    fn answers_of_services_and_commands_are_read() {
        for text in [
            format!(r#"{{"uploadUrl":"{URL}","method":"PUT","headers":{{"Content-Type":"image/png"}}}}"#),
            format!(r#"{{"url":"{URL}","method":"put","headers":[["content-type","image/png"]]}}"#),
            format!(
                r#"{{"files":[{{"upload":{{"url":"{URL}","method":"PUT","headers":[["content-type","image/png"]]}}}}]}}"#
            ),
        ] {
            let grant = Grant::read(&text).unwrap();
            assert_eq!(grant.method.as_deref(), Some("PUT"));
            assert_eq!(grant.headers, [("content-type".into(), "image/png".into())], "{text}");
        }
        assert!(Grant::read(r#"{"uploadUrl":"https://b/k"}"#).is_none());
    }
}
