//! A status without an error code, or no answer at all.

use super::case::{Case, is_public_store};
use super::scrub::quoted;
use super::{Diagnosis, api, denied, mismatch, policies};
use crate::cause::known;
use crate::diff::Field;
use crate::evidence::Reason;
use crate::url::SignedUrl;

/// Returns candidates if no store and no API names a code.
pub(super) fn find(case: &Case<'_>) -> Vec<Diagnosis> {
    if !case.is_page() {
        return of_status(case);
    }
    // No store saw the request, so nothing in it is proven to be the reason.
    let rest = of_status(case).into_iter().filter(|it| it.cause.code != known::PROXY_ANSWER.code);
    std::iter::once(page(case)).chain(rest.map(|it| it.certain_if(false))).collect()
}

fn page(case: &Case<'_>) -> Diagnosis {
    let found = Diagnosis::candidate(&known::PROXY_ANSWER, Field::Unknown);
    let server = case.evidence.answer.as_ref().and_then(|answer| answer.header("server"));
    let found = match server {
        Some(server) => {
            found.saying(format!("{} answered with an HTML page, and not the store", quoted(&server)))
        }
        None => found,
    };
    match case.evidence.status() {
        Some(413) => found.fixed_by("raise the limit of the proxy for bodies (nginx: client_max_body_size), or send uploads around it"),
        _ => found,
    }
}

/// Returns candidates for the status alone.
fn of_status(case: &Case<'_>) -> Vec<Diagnosis> {
    let is_upload_of_store = case.url.is_some();
    let candidate = |cause, field| vec![Diagnosis::candidate(cause, field)];
    match case.evidence.status() {
        Some(0) => Vec::new(),
        Some(301) => candidate(&known::PERMANENT_REDIRECT, Field::Region),
        Some(302 | 307 | 308) => candidate(&known::TEMPORARY_REDIRECT, Field::Host),
        Some(400) => bad_request(case),
        Some(401) => vec![api::unauthorized(case)],
        Some(403) => forbidden(case),
        Some(404) => candidate(&known::BUCKET_UNKNOWN, Field::Bucket),
        Some(405) => candidate(&known::METHOD_NOT_ALLOWED, Field::Method),
        Some(407) => vec![
            Diagnosis::candidate(&known::PROXY_ANSWER, Field::Unknown)
                .saying("a proxy asks the client to authenticate (407), and did not pass the request on")
                .fixed_by("state the credentials of the proxy to the client, or send uploads around it"),
        ],
        Some(409) => candidate(&known::WRITE_CONFLICT, Field::Key),
        Some(411) => candidate(&known::LENGTH_MISSING, Field::header("content-length")),
        Some(412) => candidate(&known::KEY_EXISTS, Field::header("if-none-match")),
        Some(413) if is_upload_of_store => candidate(&known::PROXY_ANSWER, Field::Body),
        Some(413) => candidate(&known::GATEWAY_TOO_LARGE, Field::Body),
        Some(415) => candidate(&known::API_MEDIA_TYPE, Field::header("content-type")),
        Some(501) => vec![not_implemented(case)],
        Some(429 | 503) => candidate(&known::SLOW_DOWN, Field::Unknown),
        Some(500 | 502 | 504) if is_upload_of_store => candidate(&known::STORE_ERROR, Field::Unknown),
        Some(500 | 502) => candidate(&known::LAMBDA_FAILED, Field::Unknown),
        Some(504) => candidate(&known::LAMBDA_TIMEOUT, Field::Unknown),
        Some(status) if status < 300 => Vec::new(),
        Some(status) => {
            let found = Diagnosis::candidate(&known::OTHER_REFUSAL, Field::Unknown);
            vec![found.saying(format!("the answer has the status {status} and no error code"))]
        }
        None => without_answer(case),
    }
}

fn not_implemented(case: &Case<'_>) -> Diagnosis {
    let is_chunked = case.request().is_some_and(|it| it.header("transfer-encoding").is_some());
    match is_chunked {
        true => Diagnosis::candidate(&known::CHUNKED, Field::header("transfer-encoding")),
        false => Diagnosis::candidate(&known::NOT_IMPLEMENTED, Field::Method),
    }
}

/// 403 without a body: a HEAD request, or a client that drops it.
fn forbidden(case: &Case<'_>) -> Vec<Diagnosis> {
    let mut found = case.of_differences();
    found.extend(denied::is_unsigned(case).then(denied::not_signed));
    found.extend(case.incomplete_query());
    found.extend(expired(case));
    found.extend(policies::find_all(case));
    // A missing permission is about as frequent as a header that differs, and both are more frequent than another secret key.
    let mut candidates = mismatch::candidates(case, Vec::new());
    let is_rest =
        |it: &Diagnosis| [known::WRONG_SECRET.code, known::SIGNATURE_MISMATCH.code].contains(&it.cause.code);
    let at = candidates.iter().position(is_rest).unwrap_or(candidates.len());
    candidates.insert(at, denied::without_reason(case));
    found.extend(candidates);
    found
}

fn bad_request(case: &Case<'_>) -> Vec<Diagnosis> {
    // A signature that does not match is answered with 403.
    let is_of_status =
        |it: &Diagnosis| matches!(it.field, Field::Query(_)) || it.cause.code == known::TWO_SIGNATURES.code;
    let differences = case.of_differences().into_iter();
    let mut found: Vec<Diagnosis> =
        differences.map(|it| if is_of_status(&it) { it } else { it.certain_if(false) }).collect();
    found.extend(case.incomplete_query());
    let url = case.url.as_ref();
    if url.is_some_and(SignedUrl::has_session_token) {
        found.push(Diagnosis::candidate(&known::CREDENTIALS_EXPIRED, Field::Credentials));
        found.push(Diagnosis::candidate(&known::TOKEN_INVALID, Field::query("X-Amz-Security-Token")));
    }
    found.push(Diagnosis::candidate(&known::WRONG_REGION, Field::query("X-Amz-Credential")));
    found.push(Diagnosis::candidate(&known::CHECKSUM_DIFFERS, Field::Body));
    found
}

/// Returns an expired URL as a candidate: the clock that it is compared with need not be the store's.
fn expired(case: &Case<'_>) -> Option<Diagnosis> {
    let expiry = case.url.as_ref()?.expires_at()?;
    let (at, is_recorded) = case.evidence.time()?;
    if at < expiry {
        return None;
    }
    let sentence = match is_recorded {
        true => format!("the URL expired at {expiry}, and the request was sent at {at}"),
        false => format!(
            "the URL expired at {expiry}, before {at}; if the request was sent earlier, this is not the cause"
        ),
    };
    Some(Diagnosis::candidate(&known::URL_EXPIRED, Field::query("X-Amz-Expires")).saying(sentence))
}

fn without_answer(case: &Case<'_>) -> Vec<Diagnosis> {
    // The rules of CORS name what a browser blocked.
    if case
        .evidence
        .blocked
        .as_ref()
        .is_some_and(|blocked| !matches!(blocked.reason, Reason::Unknown | Reason::Answered))
    {
        return Vec::new();
    }
    let mut found = case.of_differences();
    // No store accepts a query that lacks a part of its signature.
    found.extend(case.incomplete_query().map(|it| it.certain_if(case.evidence.status().is_none())));
    let is_of_store = || case.sent().is_some_and(|sent| is_public_store(&sent.host));
    if case.url.is_none() && denied::is_unsigned(case) && is_of_store() {
        found.push(denied::not_signed());
    }
    found.extend(expired(case));
    let is_chunked = case.request().is_some_and(|it| it.header("transfer-encoding").is_some());
    if is_chunked {
        found.push(Diagnosis::candidate(&known::CHUNKED, Field::header("transfer-encoding")));
    }
    if case.evidence.blocked.is_none() {
        found.extend(mismatch::candidates(case, Vec::new()));
    }
    found
}
