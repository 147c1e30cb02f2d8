//! Refusals of the store.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;

use super::exchange::RefusedExchange;

/// A refusal of the store: its status and the elements of the error document that are not secret.
///
/// The document of a wrong signature repeats what was signed, so only [`exchange`](Self::exchange) keeps the rest of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreRefusal {
    /// The HTTP status.
    pub status: u16,
    /// The code, such as `AccessDenied`; empty without an error document.
    pub code: String,
    /// The message of the store, shortened.
    pub message: String,
    /// The number with which the operator of the store finds the request.
    pub request_id: Option<String>,
    /// The pause that the store demands, in seconds.
    retry_after: Option<u32>,
    exchange: Option<Arc<RefusedExchange>>,
}

/// The longest message that is kept.
const MAX_MESSAGE: usize = 300;

impl StoreRefusal {
    pub(crate) fn read(status: u16, retry_after: Option<Duration>, headers: &HeaderMap, body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(body);
        let text = |name| element(&body, name).map(unescaped).unwrap_or_default();
        let header = headers.get("x-amz-request-id").and_then(|value| value.to_str().ok());
        let request_id = header.map(str::to_owned).or_else(|| element(&body, "RequestId").map(unescaped));
        let retry_after = retry_after.map(|pause| u32::try_from(pause.as_secs()).unwrap_or(u32::MAX));
        Self { status, code: text("Code"), message: text("Message"), request_id, retry_after, exchange: None }
    }

    /// Returns the pause that the store demands.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.retry_after.map(|seconds| Duration::from_secs(seconds.into()))
    }

    pub(super) fn with_exchange(self, exchange: RefusedExchange) -> Self {
        Self { exchange: Some(Arc::new(exchange)), ..self }
    }

    /// Returns the request and the complete answer, to find out why the store refused it.
    #[must_use]
    pub fn exchange(&self) -> Option<&RefusedExchange> {
        self.exchange.as_deref()
    }

    fn has_code(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }

    /// Returns whether the URL, or the credentials that signed it, have expired. The service signs another one then.
    ///
    /// S3 answers 403 `AccessDenied` with `Request has expired` for a URL, and 400 `ExpiredToken` for credentials:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
    pub(crate) fn is_expired(&self) -> bool {
        self.has_code(&["ExpiredToken", "TokenRefreshRequired", "RequestExpired"])
            || (self.status == 403 && self.message.to_ascii_lowercase().contains("expired"))
    }

    /// Returns whether the bytes that the store received have another checksum than those that were read.
    pub(crate) fn is_checksum_mismatch(&self) -> bool {
        self.has_code(&["BadDigest", "XAmzContentChecksumMismatch", "InvalidDigest"])
    }

    /// Returns whether the multipart upload is not at the store: completed, aborted, or removed.
    pub(crate) fn is_gone(&self) -> bool {
        self.has_code(&["NoSuchUpload"])
    }

    /// Returns whether an object has the key already, and the request does not replace it.
    pub(crate) fn is_present(&self) -> bool {
        self.status == 412
    }

    /// Returns whether a repeated request may succeed. `RequestTimeout` and `IncompleteBody` are of a connection that ended while
    /// the body was sent, and 409 is of two requests for one key at the same time.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self.status, 408 | 409 | 429 | 500..=599)
            || self.has_code(&["RequestTimeout", "IncompleteBody"])
    }
}

impl fmt::Display for StoreRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status)?;
        if !self.code.is_empty() {
            write!(f, ", {}", self.code)?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        match &self.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

/// Returns the text of the first element with this name, if it has no elements of its own.
fn element<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    (!text.contains('<')).then_some(text)
}

/// Returns a text without references and control characters, shortened.
fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&amp;", "&").chars().filter(|c| !c.is_control()).take(MAX_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> StoreRefusal {
        StoreRefusal::read(status, None, &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn documents_are_read_without_what_was_signed() {
        let body = "<?xml version=\"1.0\"?><Error><Code>SignatureDoesNotMatch</Code><Message>a &lt;b&gt; &amp;amp;</Message>\
                    <StringToSign>AWS4-HMAC-SHA256 secret</StringToSign><RequestId>R1</RequestId></Error>";
        let refusal = read(403, body);
        assert_eq!(refusal.to_string(), "status 403, SignatureDoesNotMatch: a <b> &amp; (request R1)");
        assert!(!format!("{refusal:?}").contains("secret"));
    }

    #[test]
    fn answers_without_a_document_are_read() {
        for body in ["", "<html>no</html>", "<Code>", "<Code><a></a></Code>", "\u{fffd}"] {
            assert_eq!(read(502, body).to_string(), "status 502", "{body}");
        }
    }

    #[test]
    fn refusals_are_told_apart() {
        let error = |code: &str, message: &str| {
            format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>")
        };
        assert!(read(403, &error("AccessDenied", "Request has expired")).is_expired());
        assert!(read(400, &error("ExpiredToken", "The provided token has expired.")).is_expired());
        assert!(!read(403, &error("AccessDenied", "Access Denied")).is_expired());
        assert!(read(400, &error("BadDigest", "")).is_checksum_mismatch());
        assert!(read(404, &error("NoSuchUpload", "")).is_gone());
        assert!(!read(404, &error("NoSuchBucket", "")).is_gone());
        assert!(read(400, &error("RequestTimeout", "")).may_pass());
        assert!(!read(400, &error("EntityTooLarge", "")).may_pass());
        for status in [408, 409, 429, 500, 503, 504] {
            assert!(read(status, "").may_pass(), "{status}");
        }
        assert!(!read(412, "").may_pass() && read(412, "").is_present());
    }

    #[test]
    fn messages_are_shortened() {
        let refusal = read(400, &format!("<Message>{}\n</Message>", "ä".repeat(1_000)));
        assert_eq!(refusal.message.chars().count(), MAX_MESSAGE);
    }
}
