//! Detection of the kind of a text.

use serde_json::Value;

use super::console::{Blocked, Reason};
use super::grant::Grant;
use super::sent::{Answer, Exchange, Sent};
use super::{
    Evidence, EvidenceKind, UnreadableEvidence, client_report, console, curl_command, curl_verbose,
    fetch_call, har, http_text, powershell, refuse_other_schemes, request_report,
};
use crate::echo::StoreError;
use crate::redacted::Redacted;
use crate::url::SignedUrl;

impl Evidence {
    /// Reads a text and detects its kind: the XML or JSON of an error, an HTTP answer, a HAR file, the output of `curl -v`, a copied
    /// request, a message of a browser's console, what `upsign upload` printed, or a program's report of its own request: JSON with
    /// `request` (`method`, `url`, `headers`, `bodySize`, `fields`, `origin`), `response` (`status`, `headers`, `body`) and `grant`, the answer
    /// that contained the URL. Only `method` and `url` are required.
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
            // Consoles write `[Error]`, `[blocked]` or `[Report Only]` in front of messages.
            Some('[')
                if start.get(1..2).is_some_and(|it| it.starts_with(|it: char| it.is_ascii_alphabetic())) =>
            {
                Self::of_text(start)
            }
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
        if found.is_success() {
            return Err(UnreadableEvidence::NoFailure(1));
        }
        Ok(found)
    }

    /// Returns whether a record of one request shows that it succeeded, so that there is nothing to explain.
    fn is_success(&self) -> bool {
        let Some(answer) = &self.answer else { return false };
        let is_good = answer.status.is_some_and(|status| (200..300).contains(&status))
            && self.blocked.is_none()
            && StoreError::read(&answer.body).is_none()
            && !is_json_error(&answer.body)
            // A web server answers every request with its page.
            && !answer.is_page();
        // A browser can hide a good answer from a page, or refuse that to a preflight. A page that reports an answer has read it.
        let is_of_page = |sent: &Sent| &*sent.request.method == "OPTIONS" || sent.origin().is_some();
        match self.kind {
            EvidenceKind::HttpAnswer | EvidenceKind::ClientReport => is_good,
            EvidenceKind::CurlVerbose => is_good && !self.sent.as_ref().is_some_and(is_of_page),
            _ => false,
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
            let har::Recorded { failed, preflight, grant, hidden_etag, page, count, later } = recorded;
            // The console has the same name.
            let network_error = failed.answer.as_ref().and_then(|answer| answer.network_error.clone());
            let origin = failed.sent.origin().map(Into::into);
            let blocked =
                network_error.map(|name| Blocked { url: None, origin, reason: Reason::Network(name) });
            let found = Self::of_exchange(EvidenceKind::Har, failed);
            return Ok(Self { preflight, grant, hidden_etag, page, blocked, among: count, later, ..found });
        }
        if let Some(report) = Self::of_report(text) {
            return Ok(report);
        }
        let value: Value = serde_json::from_str(text)?;
        if request_report::is_report(&value) {
            let reported = request_report::read(value)?.ok_or(UnreadableEvidence::NoUrl)?;
            let found = Self::of_exchange(EvidenceKind::ClientReport, reported.exchange);
            return Ok(Self { grant: reported.grant, ..found });
        }
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
            let failure = curl_verbose::failure(text).filter(|_| exchange.answer.is_none());
            let found = Self::of_exchange(EvidenceKind::CurlVerbose, exchange);
            return Ok(Self { blocked: failure.map(of_network), ..found });
        }
        if text.starts_with("HTTP/") {
            let answer = http_text::read(text).ok_or_else(|| unrecognized(text))?;
            return Ok(Self { answer: Some(answer), ..Self::empty(EvidenceKind::HttpAnswer) });
        }
        let first = text.trim_start_matches("$ ").split_ascii_whitespace().next().unwrap_or_default();
        if matches!(first.rsplit(['/', '\\']).next(), Some("curl" | "curl.exe")) {
            return Ok(Self::of_exchange(EvidenceKind::CurlCommand, curl_command::read(text)?));
        }
        if let Some(failure) = curl_verbose::failure(text) {
            let found = Self::empty(EvidenceKind::CurlVerbose);
            return Ok(match curl_verbose::status_of_failure(failure) {
                Some(status) => found.with_status(status),
                None => Self { blocked: Some(of_network(failure)), ..found },
            });
        }
        if powershell::is_call(text) {
            return Ok(Self::of_exchange(EvidenceKind::PowerShell, powershell::read(text)?));
        }
        if text.starts_with("fetch(") || text.starts_with("await fetch(") {
            return Ok(Self::of_exchange(EvidenceKind::FetchCall, fetch_call::read(text)?));
        }
        if let Some(console::Shown { blocked, status }) = console::read(text) {
            let issued = blocked.url.as_deref().and_then(|url| SignedUrl::parse(url).ok());
            let answer = status.map(|status| Answer { status: Some(status), ..Answer::default() });
            return Ok(Self { blocked: Some(blocked), issued, answer, ..Self::empty(EvidenceKind::Console) });
        }
        if let Some(report) = Self::of_report(text) {
            return Ok(report);
        }
        if text.starts_with("http://") || text.starts_with("https://") {
            return SignedUrl::parse(text).map(Self::of_url).map_err(|_| unrecognized(text));
        }
        Err(unrecognized(text))
    }
}

/// Returns that a request failed below HTTP.
fn of_network(failure: &str) -> Blocked {
    Blocked { url: None, origin: None, reason: Reason::Network(failure.into()) }
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

/// Returns whether JSON describes an error. Lambda answers 200 also if a function fails.
fn is_json_error(body: &str) -> bool {
    let value: Option<Value> = serde_json::from_str(body.trim()).ok();
    let names = ["errorMessage", "error", "code", "message", "Message"];
    value.is_some_and(|value| names.into_iter().any(|name| value.get(name).is_some()))
}

fn unrecognized(text: &str) -> UnreadableEvidence {
    let start = text.lines().next().unwrap_or_default();
    let start: String = start.chars().take(40).collect();
    UnreadableEvidence::Unrecognized { start: Redacted::new(&start) }
}
