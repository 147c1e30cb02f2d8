//! What a browser asks before an upload, and what it hides after one.
//!
//! Source: the CORS protocol of <https://fetch.spec.whatwg.org/#http-cors-protocol>.

mod asked;
mod console;
mod preflight;
mod redirect;
mod server;

use super::Diagnosis;
use super::case::Case;
use super::scrub::quoted;
use crate::cause::known;
use crate::diff::{DiffLine, Field};
use crate::evidence::{Answer, EvidenceKind, Exchange};
use crate::preflight::{is_local, is_loopback};

pub(super) use preflight::of_error;

/// Returns what the console, the preflight or the rules in hand say.
pub(super) fn find(case: &Case<'_>) -> Vec<Diagnosis> {
    if let Some(blocked) = &case.evidence.blocked {
        return console::find(case, blocked);
    }
    let mut found = mixed_content(case);
    // An upload that was answered shows that its preflight was in order, also if the record left the headers of that out.
    let is_answered = case.evidence.status().is_some_and(|status| status >= 200) && !is_preflight(case);
    // A preflight that somebody sent with curl.
    let own = || Some(Exchange { sent: case.sent()?.clone(), answer: case.evidence.answer.clone() });
    let preflight = case.evidence.preflight.clone().or_else(|| own().filter(|_| is_preflight(case)));
    if let Some(Exchange { sent, answer: Some(answer) }) = &preflight
        && !is_answered
    {
        found.extend(preflight::find(case, sent, answer));
    }
    if found.is_empty() {
        found.extend(preflight::of_rules(case));
    }
    found.extend(hidden_etag(case).filter(|it| it.certain));
    if found.is_empty() && case.evidence.status() == Some(0) {
        found.push(without_answer(case));
    }
    found
}

/// No answer arrived, or the browser hides it. If the rules in hand allow the request, CORS is not the reason.
fn without_answer(case: &Case<'_>) -> Diagnosis {
    let allowed = case.sent().filter(|sent| case.evidence.cors.is_some() && sent.origin().is_some());
    match allowed {
        Some(sent) => Diagnosis::candidate(&known::NETWORK_ERROR, Field::Host)
            .saying("no answer arrived, and the CORS rules allow this request: the connection failed, or the browser blocks it")
            .fixed_by(format!(
                "check that the server at {} runs and can be reached, then connect-src of the page's Content-Security-Policy",
                quoted(&sent.host)
            )),
        None => Diagnosis::candidate(&known::NETWORK_ERROR, Field::Origin),
    }
}

/// Returns whether the request that failed is the preflight itself.
pub(super) fn is_preflight(case: &Case<'_>) -> bool {
    case.sent().is_some_and(|sent| &*sent.request.method == "OPTIONS")
}

/// Returns that a browser hides the answer of the request from the page.
pub(super) fn hidden(case: &Case<'_>) -> Option<Diagnosis> {
    // A page that reports a status has read the answer.
    if case.evidence.kind == EvidenceKind::ClientReport {
        return None;
    }
    let (sent, answer) = (case.sent()?, case.evidence.answer.as_ref()?);
    let origin = sent.origin()?;
    let status = answer.status.filter(|status| *status >= 400)?;
    if answer.header("access-control-allow-origin").is_some() || &*sent.request.method == "OPTIONS" {
        return None;
    }
    let sentence = format!(
        "the answer with the status {status} has no CORS headers, so the page at {origin} sees a CORS error in place of it"
    );
    // True, and not what has to be corrected first.
    let found =
        Diagnosis::candidate(&known::CORS_HIDDEN, Field::AnswerHeader("access-control-allow-origin".into()));
    Some(server::of_host(case, Some(&sent.host), found.saying(sentence)))
}

/// A page of https and a URL of http. Browsers send such requests to this machine, and Chromium sends them to a private network if the user
/// permits it.
///
/// Source: <https://www.w3.org/TR/mixed-content/#categories>, <https://developer.chrome.com/blog/local-network-access>.
fn mixed_content(case: &Case<'_>) -> Vec<Diagnosis> {
    let Some(sent) = case.sent() else { return Vec::new() };
    let page = sent.origin().or_else(|| sent.request.header("referer")).or(case.evidence.page.as_deref());
    let is_mixed = page.is_some_and(|page| page.starts_with("https://")) && !sent.is_https;
    if !is_mixed || is_loopback(&sent.host) || case.evidence.status() != Some(0) {
        return Vec::new();
    }
    let mixed = Diagnosis::candidate(&known::MIXED_CONTENT, Field::Scheme);
    if !is_local(&sent.host) {
        return vec![mixed.certain_if(true)];
    }
    let others = [(&known::LOCAL_NETWORK, Field::Host), (&known::NETWORK_ERROR, Field::Origin)];
    let others = others.into_iter().map(|(cause, field)| Diagnosis::candidate(cause, field));
    std::iter::once(mixed).chain(others).collect()
}

/// Returns that a page cannot read the ETag of a part. It is certain if nothing else failed, or the store misses the part.
pub(super) fn hidden_etag(case: &Case<'_>) -> Option<Diagnosis> {
    let Exchange { sent, answer: Some(answer) } = case.evidence.hidden_etag.as_ref()? else { return None };
    // The page cannot complete the upload, or completes it with ETags that are null. An API that lists the parts needs no ETag.
    let is_invalid_part = case.error.as_ref().is_some_and(|error| error.code() == "InvalidPart");
    if case.error.is_some() && !is_invalid_part {
        return None;
    }
    let has_failed = case.evidence.answer.as_ref().is_none_or(Answer::is_failure);
    let number = sent.request.parameter("partNumber").unwrap_or_default();
    let listed = answer.header("access-control-expose-headers");
    let field = Field::AnswerHeader("access-control-expose-headers".into());
    let sentence =
        format!("part {number} was stored, and the page cannot read its ETag: no CORS rule exposes it");
    let line = DiffLine::new(field.clone(), Some("ETag"), listed.as_deref());
    Some(
        Diagnosis::candidate(&known::ETAG_HIDDEN, field)
            .saying(sentence)
            .with_diff(vec![line])
            .certain_if(is_invalid_part || !has_failed),
    )
}
