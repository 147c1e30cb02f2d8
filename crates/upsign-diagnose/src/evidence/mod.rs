//! What is known of a refused upload: detection of the kind of a text, and the parts that rules look at.

mod client_report;
mod console;
mod curl_command;
mod curl_verbose;
mod error;
mod fetch_call;
mod grant;
mod har;
mod http_text;
mod sent;
pub(crate) mod shell_words;

use std::fmt;

use upsign_core::Timestamp;
use upsign_documents::{CorsDocument, IamPolicy};
use zeroize::Zeroizing;

pub use error::UnreadableEvidence;
use serde_json::Value;

pub(crate) use console::{Blocked, Reason};
pub(crate) use grant::Grant;
pub(crate) use sent::{Answer, Exchange, MAX_PARTS, Sent};

use crate::echo::StoreError;
use crate::redacted::Redacted;
use crate::url::{SignatureScheme, SignedUrl};

/// The kind of a text, as it was detected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EvidenceKind {
    /// The XML of a store's error.
    StoreError,
    /// A problem document of the API, or JSON of a gateway.
    ApiError,
    /// An HTML page.
    Page,
    /// An answer with its headers, as `curl -i` prints it.
    HttpAnswer,
    /// A HAR file.
    Har,
    /// The output of `curl -v`.
    CurlVerbose,
    /// A command of curl.
    CurlCommand,
    /// A call of `fetch`.
    FetchCall,
    /// A message of a browser's console.
    Console,
    /// What `upsign upload` printed.
    ClientReport,
    /// Nothing but a status or a URL.
    Nothing,
}

impl EvidenceKind {
    /// Returns the kind in words.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::StoreError => "the error of a store",
            Self::ApiError => "the error of an API",
            Self::Page => "an HTML page",
            Self::HttpAnswer => "an HTTP answer",
            Self::Har => "a HAR file",
            Self::CurlVerbose => "the output of curl -v",
            Self::CurlCommand => "a curl command",
            Self::FetchCall => "a call of fetch",
            Self::Console => "a message of a browser's console",
            Self::ClientReport => "the report of upsign upload",
            Self::Nothing => "no record of the request",
        }
    }
}

/// Everything that is known of a refused upload.
///
/// [`diagnose`](crate::diagnose) has an example. `Debug` shows the kind only: requests and answers contain signatures and tokens.
#[derive(Clone)]
pub struct Evidence {
    pub(crate) kind: EvidenceKind,
    /// The URL as it was issued.
    pub(crate) issued: Option<SignedUrl>,
    pub(crate) grant: Option<Grant>,
    pub(crate) sent: Option<Sent>,
    pub(crate) answer: Option<Answer>,
    pub(crate) preflight: Option<Exchange>,
    pub(crate) hidden_etag: Option<Exchange>,
    pub(crate) page: Option<Box<str>>,
    pub(crate) blocked: Option<Blocked>,
    pub(crate) cors: Option<CorsDocument>,
    pub(crate) role: Option<IamPolicy>,
    pub(crate) bucket_policy: Option<IamPolicy>,
    pub(crate) secret: Option<Secret>,
    pub(crate) at: Option<Timestamp>,
}

/// The key pair that should have signed.
#[derive(Clone)]
pub(crate) struct Secret {
    pub(crate) access_key_id: Option<Box<str>>,
    pub(crate) secret_access_key: Zeroizing<String>,
}

impl Evidence {
    /// The largest input that is read, in bytes: 32 MiB. A HAR of one upload without contents has some kilobytes.
    pub const MAX_BYTES: usize = 32 << 20;

    /// Reads a text and detects its kind: the XML or JSON of an error, an HTTP answer, a HAR file, the output of `curl -v`, a copied
    /// request, a message of a browser's console, or what `upsign upload` printed.
    ///
    /// ```
    /// use upsign_diagnose::{Evidence, EvidenceKind};
    /// let evidence = Evidence::read(b"<Error><Code>ExpiredToken</Code></Error>")?;
    /// assert_eq!(evidence.kind(), EvidenceKind::StoreError);
    /// assert!(Evidence::read(b"\x89PNG\r\n").is_err());
    /// # Ok::<(), upsign_diagnose::UnreadableEvidence>(())
    /// ```
    ///
    /// # Errors
    /// Fails if the input is too large, is not text, was cut off, or is of no known kind.
    pub fn read(bytes: &[u8]) -> Result<Self, UnreadableEvidence> {
        let text = text(bytes)?;
        let start = text.trim_start();
        let found = match start.chars().next() {
            None => Err(UnreadableEvidence::Empty),
            Some('{' | '[') => Self::of_json(start),
            Some('<') if !curl_verbose::is_verbose(text) => Self::of_markup(start),
            _ => Self::of_text(start),
        }?;
        // The rules know what SigV4 signs. They would take a URL of another scheme for a damaged one of this.
        let of_request = found.sent.as_ref().and_then(|sent| SignedUrl::parse(&sent.url).ok());
        for url in found.issued.iter().chain(&of_request) {
            refuse_other_schemes(url)?;
        }
        let others = [&found.preflight, &found.hidden_etag].into_iter().flatten().map(|it| &it.sent);
        if found.sent.iter().chain(others).any(Sent::is_oversized) {
            return Err(UnreadableEvidence::OversizedRequest);
        }
        Ok(found)
    }

    /// Creates evidence that has nothing but a URL.
    #[must_use]
    pub fn of_url(url: SignedUrl) -> Self {
        Self { issued: Some(url), ..Self::empty(EvidenceKind::Nothing) }
    }

    fn empty(kind: EvidenceKind) -> Self {
        Self {
            kind,
            issued: None,
            grant: None,
            sent: None,
            answer: None,
            preflight: None,
            hidden_etag: None,
            page: None,
            blocked: None,
            cors: None,
            role: None,
            bucket_policy: None,
            secret: None,
            at: None,
        }
    }

    fn of_exchange(kind: EvidenceKind, exchange: Exchange) -> Self {
        let Exchange { sent, answer } = exchange;
        Self { sent: Some(sent), answer, ..Self::empty(kind) }
    }

    fn of_body(kind: EvidenceKind, body: &str) -> Self {
        let answer = Answer { body: body.into(), ..Answer::default() };
        Self { answer: Some(answer), ..Self::empty(kind) }
    }

    fn of_json(text: &str) -> Result<Self, UnreadableEvidence> {
        // The start of a HAR, which may be cut off.
        if text.get(..text.floor_char_boundary(4_096)).is_some_and(|start| start.contains("\"log\"")) {
            let recorded = har::read(text)?;
            let har::Recorded { failed, preflight, grant, hidden_etag, page } = recorded;
            let found = Self::of_exchange(EvidenceKind::Har, failed);
            return Ok(Self { preflight, grant, hidden_etag, page, ..found });
        }
        if let Some(report) = Self::of_report(text) {
            return Ok(report);
        }
        let value: Value = serde_json::from_str(text)?;
        if Grant::read(text).is_some() {
            return Err(UnreadableEvidence::Grant);
        }
        let has = |name: &str| value.get(name).is_some();
        if !["code", "message", "Message", "errorMessage", "error", "title"].into_iter().any(has) {
            return Err(UnreadableEvidence::OtherJson);
        }
        let mut found = Self::of_body(EvidenceKind::ApiError, text);
        let status =
            value.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
        if let (Some(answer), Some(status)) = (&mut found.answer, status) {
            answer.status = Some(status);
        }
        Ok(found)
    }

    fn of_report(text: &str) -> Option<Self> {
        let answer = client_report::read(text)?;
        Some(Self { answer: Some(answer), ..Self::empty(EvidenceKind::ClientReport) })
    }

    fn of_markup(text: &str) -> Result<Self, UnreadableEvidence> {
        if StoreError::read(text).is_some() {
            return Ok(Self::of_body(EvidenceKind::StoreError, text));
        }
        let start = text.get(..text.floor_char_boundary(1_024)).unwrap_or_default().to_ascii_lowercase();
        if start.contains("<html") || start.contains("<!doctype html") {
            return Ok(Self::of_body(EvidenceKind::Page, text));
        }
        Err(UnreadableEvidence::OtherXml)
    }

    fn of_text(text: &str) -> Result<Self, UnreadableEvidence> {
        if curl_verbose::is_verbose(text) {
            let exchange = curl_verbose::read(text).ok_or(UnreadableEvidence::NoUrl)?;
            return Ok(Self::of_exchange(EvidenceKind::CurlVerbose, exchange));
        }
        if text.starts_with("HTTP/") {
            let answer = http_text::read(text).ok_or_else(|| unrecognized(text))?;
            return Ok(Self { answer: Some(answer), ..Self::empty(EvidenceKind::HttpAnswer) });
        }
        let first = text.trim_start_matches("$ ").split_ascii_whitespace().next().unwrap_or_default();
        if matches!(first.rsplit(['/', '\\']).next(), Some("curl" | "curl.exe")) {
            return Ok(Self::of_exchange(EvidenceKind::CurlCommand, curl_command::read(text)?));
        }
        if text.starts_with("fetch(") || text.starts_with("await fetch(") {
            return Ok(Self::of_exchange(EvidenceKind::FetchCall, fetch_call::read(text)?));
        }
        if let Some(blocked) = console::read(text) {
            let issued = blocked.url.as_deref().and_then(|url| SignedUrl::parse(url).ok());
            return Ok(Self { blocked: Some(blocked), issued, ..Self::empty(EvidenceKind::Console) });
        }
        if let Some(report) = Self::of_report(text) {
            return Ok(report);
        }
        if text.starts_with("http://") || text.starts_with("https://") {
            return SignedUrl::parse(text).map(Self::of_url).map_err(|_| unrecognized(text));
        }
        Err(unrecognized(text))
    }

    /// Returns the kind that was detected.
    #[must_use]
    pub const fn kind(&self) -> EvidenceKind {
        self.kind
    }

    /// States the URL as it was issued. Without it, the URL of the request counts as such.
    ///
    /// # Errors
    /// Fails if the URL is not signed by SigV4 or SigV4a, the schemes of S3.
    pub fn with_url(mut self, url: SignedUrl) -> Result<Self, UnreadableEvidence> {
        refuse_other_schemes(&url)?;
        if url.parameters().len() > MAX_PARTS {
            return Err(UnreadableEvidence::OversizedRequest);
        }
        self.issued = Some(url);
        Ok(self)
    }

    /// States the answer that issued the URL, as JSON: it has the method and the headers that were signed.
    ///
    /// # Errors
    /// Fails if the text is not JSON with a presigned URL of S3.
    pub fn with_grant(mut self, json: &str) -> Result<Self, UnreadableEvidence> {
        let grant = Grant::read(json).ok_or(UnreadableEvidence::OtherJson)?;
        refuse_other_schemes(&grant.url)?;
        self.grant = Some(grant);
        Ok(self)
    }

    /// States the status of the answer. 0 stands for a request that the browser showed no answer of.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.answer.get_or_insert_default().status = Some(status);
        self
    }

    /// States the CORS rules of the bucket.
    #[must_use]
    pub fn with_cors(self, rules: CorsDocument) -> Self {
        Self { cors: Some(rules), ..self }
    }

    /// States the policies of the role that signed, and the policy of the bucket.
    #[must_use]
    pub fn with_policies(self, role: Option<IamPolicy>, bucket: Option<IamPolicy>) -> Self {
        Self { role: role.or(self.role), bucket_policy: bucket.or(self.bucket_policy), ..self }
    }

    /// States the secret access key that should have signed, and its access key id. It is wiped from memory on drop.
    #[must_use]
    pub fn with_secret(self, access_key_id: Option<&str>, secret_access_key: Zeroizing<String>) -> Self {
        let access_key_id = access_key_id.map(Into::into);
        Self { secret: Some(Secret { access_key_id, secret_access_key }), ..self }
    }

    /// States the present time, against which a URL is compared if nothing says when it was sent.
    #[must_use]
    pub fn with_time(self, now: Timestamp) -> Self {
        Self { at: Some(now), ..self }
    }

    /// Returns the URL as it was issued, as far as that is known.
    pub(crate) fn signed_url(&self) -> Option<SignedUrl> {
        let of_grant = self.grant.as_ref().map(|grant| grant.url.clone());
        let of_request = || self.sent.as_ref().and_then(|sent| SignedUrl::parse(&sent.url).ok());
        let url = self.issued.clone().or(of_grant).or_else(of_request);
        url.filter(|url| refuse_other_schemes(url).is_ok())
    }

    /// Returns the error of the store, if its answer has one.
    pub(crate) fn store_error(&self) -> Option<StoreError> {
        StoreError::read(&self.answer.as_ref()?.body)
    }

    /// Returns the status of the answer.
    pub(crate) fn status(&self) -> Option<u16> {
        self.answer.as_ref()?.status
    }

    /// Returns when the request was sent, and whether that is recorded rather than assumed.
    pub(crate) fn time(&self) -> Option<(Timestamp, bool)> {
        let recorded = self.sent.as_ref().and_then(|sent| sent.at);
        let recorded = recorded.or_else(|| {
            let date = self.answer.as_ref()?.header("date")?;
            http_date(&date)
        });
        recorded.map(|at| (at, true)).or_else(|| self.at.map(|at| (at, false)))
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence").field("kind", &self.kind).finish_non_exhaustive()
    }
}

fn refuse_other_schemes(url: &SignedUrl) -> Result<(), UnreadableEvidence> {
    match url.scheme() {
        SignatureScheme::SigV4 | SignatureScheme::SigV4a => Ok(()),
        other => Err(UnreadableEvidence::OtherService { scheme: other.title() }),
    }
}

fn text(bytes: &[u8]) -> Result<&str, UnreadableEvidence> {
    if bytes.len() > Evidence::MAX_BYTES {
        return Err(UnreadableEvidence::TooLarge);
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(UnreadableEvidence::Utf16);
    }
    let text = str::from_utf8(bytes).map_err(|_| UnreadableEvidence::Binary)?;
    if text.contains('\0') {
        return Err(UnreadableEvidence::Binary);
    }
    Ok(text.trim_start_matches('\u{feff}'))
}

fn unrecognized(text: &str) -> UnreadableEvidence {
    let start = text.lines().next().unwrap_or_default();
    let start: String = start.chars().take(40).collect();
    UnreadableEvidence::Unrecognized { start: Redacted::new(&start) }
}

/// Reads a date such as `Fri, 27 Nov 2026 18:00:00 GMT`.
///
/// Source: IMF-fixdate of <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>.
fn http_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.split_once(", ")?;
    let parts: Vec<&str> = rest.split(' ').collect();
    let [day, month, year, time, "GMT"] = parts.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    format!("{year}-{month:02}-{day}T{time}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_headers_are_read() {
        let at = http_date("Fri, 27 Nov 2026 18:00:00 GMT").unwrap();
        assert_eq!(at.to_string(), "2026-11-27T18:00:00Z");
        assert!(http_date("2026-11-27").is_none() && http_date("Fri, 27 Xyz 2026 18:00:00 GMT").is_none());
    }
}
