//! Refusals of the API that issues URLs, and of the gateway in front of it.

mod gateway;
mod token;

use serde_json::Value;

use super::case::Case;
use super::scrub::quoted;
use super::{Diagnosis, store};
use crate::cause::known;
use crate::diff::Field;
use crate::echo::StoreError;

/// Returns what the JSON of an answer says, or `None` if the answer is not JSON.
pub(super) fn find(case: &Case<'_>) -> Option<Vec<Diagnosis>> {
    let answer = case.evidence.answer.as_ref()?;
    let body: Value = serde_json::from_str(answer.body.trim()).ok().filter(Value::is_object)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let message = text("message").or_else(|| text("Message")).or_else(|| text("errorMessage"));
    let nested = || body.get("error")?.get("message")?.as_str();
    let message = message.or_else(nested);
    let status = answer.status.unwrap_or_default();
    if let Some(error) = of_store(&body, message) {
        return Some(store::find(case, &error));
    }
    if let Some(code) = text("code") {
        let found = of_problem(case, code, text("detail").or_else(|| text("title")), status);
        return Some(found.into_iter().map(|found| with_request_id(found, &body)).collect());
    }
    let message = message.or_else(|| text("error_description")).or_else(|| text("error"))?;
    Some(vec![gateway::find(case, message, status)])
}

/// A 401 whose body has no known form: of an authorizer if the answer has its reason, otherwise of the API.
pub(super) fn unauthorized(case: &Case<'_>) -> Diagnosis {
    let found = gateway::unauthorized(case, "");
    if found.certain {
        return found;
    }
    let found = Diagnosis::candidate(&known::API_UNAUTHORIZED, Field::Token);
    token::explain(case, found, "the API does not accept the caller's token")
}

/// Reads an error of a store that answers in JSON, such as `{"statusCode":"403","error":"SignatureDoesNotMatch","message":"…"}`.
fn of_store(body: &Value, message: Option<&str>) -> Option<StoreError> {
    let code = ["code", "Code", "error"].into_iter().find_map(|name| body.get(name)?.as_str());
    let code = code.filter(|code| store::is_known(code))?;
    Some(StoreError::of(code, message.unwrap_or_default()))
}

/// Adds the id of the request, which the hint of a problem document has, to the way to prove the cause.
fn with_request_id(found: Diagnosis, body: &Value) -> Diagnosis {
    let id = body.pointer("/diagnose/requestId").and_then(Value::as_str).unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=".contains(&byte);
    if id.is_empty() || id.len() > 128 || !id.bytes().all(is_plain) {
        return found;
    }
    let proof = format!("{}; the id of the request in the log is {id}", found.proof);
    found.proved_by(proof)
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
        ("quota-exceeded", _) => (&known::API_REFUSED, Field::Body),
        (_, 403) => (&known::API_FORBIDDEN, Field::Token),
        (_, 404) => (&known::GATEWAY_NOT_FOUND, Field::Path),
        (_, 405) => (&known::GATEWAY_NOT_FOUND, Field::Method),
        (_, 429) => (&known::RATE_LIMITED, Field::Unknown),
        (_, 500..) => (&known::API_UNAVAILABLE, Field::Unknown),
        _ => (&known::API_REFUSED, Field::Body),
    };
    let is_problem = detail.is_some() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let detail = detail.map(|detail| format!(": {}", quoted(detail))).unwrap_or_default();
    // The code states what the API decided; the status alone, if the code is that of another program, does not.
    let is_known = is_problem && status != 0;
    let found = Diagnosis::candidate(cause, field).certain_if(is_known);
    let found = found.saying(format!("the API refused the request with {}{detail}", quoted(code)));
    vec![match (cause.code, code) {
        ("api-unauthorized", _) => token::explain(case, found, "the API does not accept the caller's token"),
        ("api-forbidden", "insufficient-scope" | "route-forbidden" | "group-required") => {
            token::with_permissions(case, found)
        }
        (_, "body-not-json") => found.fixed_by("send the header Content-Type: application/json"),
        (_, "content-type-not-allowed" | "extension-unknown") => {
            found.fixed_by("send a contentType that the route lists")
        }
        (_, "quota-exceeded") => found.fixed_by("upload less, or repeat it after resetsAt of the answer"),
        _ => found,
    }]
}
