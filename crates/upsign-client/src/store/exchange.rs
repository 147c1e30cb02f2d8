//! A refused request with its answer, for a diagnosis.

use std::collections::BTreeMap;
use std::fmt;

use reqwest::header::HeaderMap;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

/// A request that the store refused, and the store's answer.
///
/// [`report`](Self::report) is what `upsign diagnose` and `upsign_diagnose::Evidence::read` read to find the cause. `Debug` shows
/// the method and the status only: the URL is a secret until it expires, and the answer to a wrong signature repeats its parts.
#[derive(Clone, PartialEq, Eq)]
pub struct RefusedExchange {
    request: SentRequest,
    status: u16,
    headers: Vec<(String, String)>,
    body: Zeroizing<String>,
}

/// A request as it was sent.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SentRequest {
    pub(crate) method: String,
    pub(crate) url: Zeroizing<String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) len: u64,
}

impl SentRequest {
    /// Adds the answer. `body` is bounded already.
    pub(super) fn refused(self, status: u16, headers: &HeaderMap, body: &[u8]) -> RefusedExchange {
        let text =
            |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let body = Zeroizing::new(String::from_utf8_lossy(body).into_owned());
        RefusedExchange { request: self, status, headers, body }
    }
}

impl RefusedExchange {
    /// Returns the HTTP status of the answer.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns request and answer as JSON: `{"request": {…}, "response": {…}, "grant": {…}}`. `grant` is what the API granted, which
    /// this client sends unchanged; it is absent for a form.
    ///
    /// It contains the presigned URL and what the store repeats of it. Pass it to `upsign_diagnose`, whose diagnoses do not; neither
    /// print nor log it.
    #[must_use]
    pub fn report(&self) -> Zeroizing<String> {
        let SentRequest { method, url, headers, len } = &self.request;
        let url = url.as_str();
        let mut report = json!({
            "request": {"method": method, "url": url, "headers": headers, "bodySize": len},
            "response": {"status": self.status, "headers": joined(&self.headers), "body": self.body.as_str()},
        });
        if let (Value::Object(members), "PUT") = (&mut report, method.as_str()) {
            let mut signed = headers.clone();
            signed.insert("content-length".to_owned(), len.to_string());
            members.insert("grant".to_owned(), json!({"url": url, "method": method, "headers": signed}));
        }
        Zeroizing::new(report.to_string())
    }
}

impl fmt::Debug for RefusedExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, status, .. } = self;
        f.debug_struct("RefusedExchange")
            .field("method", &request.method)
            .field("status", status)
            .finish_non_exhaustive()
    }
}

/// Returns each header once, its values joined by commas.
fn joined(headers: &[(String, String)]) -> Map<String, Value> {
    let mut joined: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in headers {
        joined.entry(name).or_default().push(value);
    }
    joined.into_iter().map(|(name, values)| (name.to_owned(), values.join(", ").into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(method: &str) -> RefusedExchange {
        let request = SentRequest {
            method: method.to_owned(),
            url: Zeroizing::new("https://b.s3.amazonaws.com/k?X-Amz-Signature=secret".to_owned()),
            headers: [("content-type".to_owned(), "image/jpeg".to_owned())].into(),
            len: 7,
        };
        let mut headers = HeaderMap::new();
        headers.append("vary", "a".parse().unwrap());
        headers.append("vary", "b".parse().unwrap());
        request.refused(403, &headers, b"<Error><StringToSign>secret</StringToSign></Error>")
    }

    #[test]
    fn debug_shows_neither_url_nor_answer() {
        assert_eq!(format!("{:?}", exchange("PUT")), "RefusedExchange { method: \"PUT\", status: 403, .. }");
    }

    #[test]
    fn report_has_request_answer_and_what_was_granted() {
        let report: Value = serde_json::from_str(&exchange("PUT").report()).unwrap();
        assert_eq!(report.pointer("/request/bodySize"), Some(&json!(7)));
        assert_eq!(report.pointer("/response/headers/vary"), Some(&json!("a, b")));
        assert_eq!(
            report.pointer("/grant/headers"),
            Some(&json!({"content-length": "7", "content-type": "image/jpeg"}))
        );
        let report: Value = serde_json::from_str(&exchange("POST").report()).unwrap();
        assert_eq!(report.get("grant"), None);
    }
}
