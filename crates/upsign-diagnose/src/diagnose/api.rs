//! Refusals of the API that issues URLs, and of the gateway in front of it.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

use super::Diagnosis;
use super::case::Case;
use super::scrub::quoted;
use crate::cause::known;
use crate::diff::Field;
use crate::evidence::EvidenceKind;

/// Returns what the JSON of an answer says, or `None` if the answer is not JSON.
pub(super) fn find(case: &Case<'_>) -> Option<Vec<Diagnosis>> {
    let answer = case.evidence.answer.as_ref()?;
    let body: Value = serde_json::from_str(answer.body.trim()).ok().filter(Value::is_object)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let status = answer.status.unwrap_or_default();
    if let Some(code) = text("code") {
        return Some(of_problem(case, code, text("detail").or_else(|| text("title")), status));
    }
    let message = text("message").or_else(|| text("Message")).or_else(|| text("errorMessage"))?;
    Some(vec![of_gateway(case, message, status)])
}

/// A problem document of upsign: its code is stable.
fn of_problem(case: &Case<'_>, code: &str, detail: Option<&str>, status: u16) -> Vec<Diagnosis> {
    let (cause, field) = match (code, status) {
        ("origin-not-allowed", _) => (&known::API_ORIGIN, Field::Origin),
        ("unauthorized", _) | (_, 401) => (&known::API_UNAUTHORIZED, Field::Token),
        ("insufficient-scope" | "route-forbidden" | "group-required", _) => {
            (&known::API_FORBIDDEN, Field::Token)
        }
        ("body-not-json" | "content-type-not-allowed" | "extension-unknown", _) | (_, 415) => {
            (&known::API_MEDIA_TYPE, Field::header("content-type"))
        }
        (_, 403) => (&known::API_FORBIDDEN, Field::Token),
        (_, 500..) => (&known::API_UNAVAILABLE, Field::Unknown),
        _ => (&known::API_REFUSED, Field::Body),
    };
    let is_problem = detail.is_some() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let detail = detail.map(|detail| format!(": {}", quoted(detail))).unwrap_or_default();
    // The code states what the API decided; the status alone, if the code is that of another program, does not.
    let is_known = is_problem && status != 0;
    let found = Diagnosis::candidate(cause, field).certain_if(is_known);
    let found = match token_reason(case).filter(|_| cause.code == known::API_UNAUTHORIZED.code) {
        Some(reason) => found.saying(format!("the API does not accept the caller's token: {reason}")),
        None => found.saying(format!("the API refused the request with {}{detail}", quoted(code))),
    };
    vec![found]
}

/// JSON of API Gateway, of an HTTP API or a REST API, or of Lambda.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>.
fn of_gateway(case: &Case<'_>, message: &str, status: u16) -> Diagnosis {
    let has = |part: &str| message.to_ascii_lowercase().contains(part);
    let named = |cause, field| Diagnosis::candidate(cause, field);
    if has("task timed out") || has("endpoint request timed out") || status == 504 {
        named(&known::LAMBDA_TIMEOUT, Field::Unknown)
    } else if has("unauthorized") || status == 401 {
        unauthorized(case)
    } else if has("missing authentication token") {
        named(&known::GATEWAY_FORBIDDEN, Field::Path)
    } else if has("forbidden") || has("not authorized") || has("explicit deny") || status == 403 {
        named(&known::GATEWAY_FORBIDDEN, Field::Token)
    } else if has("request too long") || has("request entity too large") || status == 413 {
        named(&known::GATEWAY_TOO_LARGE, Field::Body)
    } else if has("internal server error") || has("runtime exited") || matches!(status, 500 | 502) {
        named(&known::LAMBDA_FAILED, Field::Unknown)
    } else if has("service unavailable") || status == 503 {
        named(&known::LAMBDA_TIMEOUT, Field::Unknown)
    } else if has("unsupported media type") || status == 415 {
        named(&known::API_MEDIA_TYPE, Field::header("content-type"))
    } else {
        named(&known::OTHER_REFUSAL, Field::Unknown).saying(format!("the answer says: {}", quoted(message)))
    }
}

fn unauthorized(case: &Case<'_>) -> Diagnosis {
    let found = Diagnosis::candidate(&known::GATEWAY_UNAUTHORIZED, Field::Token);
    let header = case.evidence.answer.as_ref().and_then(|answer| answer.header("www-authenticate"));
    let described = header.as_deref().and_then(|header| header.split_once("error_description=\""));
    if let Some((_, rest)) = described {
        let reason = rest.split('"').next().unwrap_or_default();
        return found
            .saying(format!("the authorizer of API Gateway rejected the token: {reason}"))
            .certain_if(true);
    }
    match token_reason(case) {
        Some(reason) => found.saying(format!("the authorizer of API Gateway rejected the token: {reason}")),
        None => found,
    }
}

/// Returns why the token of the request cannot be accepted, as far as that shows without a key. The codes are those of
/// `upsign verify`.
fn token_reason(case: &Case<'_>) -> Option<String> {
    let sent = case.sent().filter(|sent| sent.has_own_headers)?;
    let Some(header) = sent.request.header("authorization") else {
        // Browsers leave this header out of the HAR files that they call sanitized.
        if case.evidence.kind != EvidenceKind::CurlVerbose {
            return None;
        }
        return Some("the request has no Authorization header (no-authorization)".to_owned());
    };
    let token = match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Some("the Authorization header does not begin with Bearer (not-bearer)".to_owned()),
    };
    let parts: Vec<&str> = token.split('.').collect();
    let [_, payload, _] = parts.as_slice() else {
        return Some(format!("it has {} parts in place of three (not-compact)", parts.len()));
    };
    let claims = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let expiry = claims.get("exp").and_then(Value::as_u64)?;
    let (at, _) = case.evidence.time()?;
    let expiry = upsign_core::Timestamp::from_unix(expiry)?;
    (expiry <= at).then(|| format!("it expired at {expiry} (expired)"))
}
