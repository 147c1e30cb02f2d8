//! JSON of API Gateway, of an HTTP API or a REST API, and of Lambda.
//!
//! Sources: <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html> and
//! <https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html>.

use super::super::Diagnosis;
use super::super::case::Case;
use super::super::scrub::{quoted, quoted_message};
use super::token;
use crate::cause::{Cause, Owner, known};
use crate::diff::Field;
use crate::evidence::Sent;

/// Parts of messages in lower case, with their cause.
fn of_message(lower: &str) -> Option<(&'static Cause, Field)> {
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    Some(if has(&["task timed out", "endpoint request timed out"]) {
        (&known::LAMBDA_TIMEOUT, Field::Unknown)
    } else if has(&["too many requests", "limit exceeded", "rate exceeded", "throttl"]) {
        (&known::RATE_LIMITED, Field::Unknown)
    } else if lower == "missing authentication token" {
        (&known::GATEWAY_FORBIDDEN, Field::Path)
    } else if is_of_authorizer(lower) {
        (&known::GATEWAY_FORBIDDEN, Field::Token)
    } else if has(&["request too long", "request entity too large"]) {
        (&known::GATEWAY_TOO_LARGE, Field::Body)
    } else if has(&[
        "internal server error",
        "runtime exited",
        "process exited before",
        "signal: killed",
        "unable to import",
    ]) {
        (&known::LAMBDA_FAILED, Field::Unknown)
    } else if has(&["service unavailable"]) {
        (&known::LAMBDA_TIMEOUT, Field::Unknown)
    } else if has(&["unsupported media type"]) {
        (&known::API_MEDIA_TYPE, Field::header("content-type"))
    } else if lower == "not found" || has(&["no route matched"]) {
        (&known::GATEWAY_NOT_FOUND, Field::Path)
    } else if has(&["method not allowed"]) {
        (&known::GATEWAY_NOT_FOUND, Field::Method)
    } else if has(&["bad request", "invalid request body"]) {
        (&known::GATEWAY_REFUSED, Field::Body)
    } else {
        return None;
    })
}

/// Returns whether API Gateway refuses with this message, and not an application in words of its own.
fn is_of_authorizer(lower: &str) -> bool {
    lower == "forbidden"
        || lower.starts_with("user is not authorized to access this resource")
        // A resource policy: `User: anonymous is not authorized to perform: execute-api:Invoke on resource: …`.
        || lower.contains("is not authorized to perform: execute-api:")
}

fn of_status(status: u16) -> Option<(&'static Cause, Field)> {
    Some(match status {
        400 => (&known::GATEWAY_REFUSED, Field::Body),
        403 => (&known::GATEWAY_FORBIDDEN, Field::Token),
        404 => (&known::GATEWAY_NOT_FOUND, Field::Path),
        405 => (&known::GATEWAY_NOT_FOUND, Field::Method),
        413 => (&known::GATEWAY_TOO_LARGE, Field::Body),
        415 => (&known::API_MEDIA_TYPE, Field::header("content-type")),
        429 => (&known::RATE_LIMITED, Field::Unknown),
        500 | 502 => (&known::LAMBDA_FAILED, Field::Unknown),
        503 | 504 => (&known::LAMBDA_TIMEOUT, Field::Unknown),
        _ => return None,
    })
}

/// Returns what a message says, or the status if the message is that of the application.
pub(super) fn find(case: &Case<'_>, message: &str, status: u16) -> Diagnosis {
    let lower = message.to_ascii_lowercase();
    let lower = lower.trim().trim_end_matches('.');
    let is_of_token = lower == "unauthorized"
        || lower.starts_with("the incoming token")
        || lower.contains("identity source");
    if status == 401 || is_of_token {
        return unauthorized(case, lower);
    }
    if let Some((cause, field)) = of_message(lower) {
        let found = Diagnosis::candidate(cause, field);
        return match cause.code {
            // What a runtime prints of its end helps to find it in the log.
            "lambda-failed" if lower != "internal server error" => {
                found.saying(format!("the Lambda function failed: {}", quoted_message(message)))
            }
            _ => found,
        };
    }
    let says = format!("the answer says: {}", quoted_message(message));
    if status == 403 && !is_of_gateway(case) {
        return Diagnosis::candidate(&known::API_FORBIDDEN, Field::Token)
            .saying(format!("the API refused the request; {says}"))
            .fixed_by("look the message up in the code or documentation of the API that answered");
    }
    if let Some((cause, field)) = of_status(status) {
        let found = Diagnosis::candidate(cause, field);
        let sentence = format!("{}; {says}", found.sentence);
        return found.saying(sentence);
    }
    Diagnosis::candidate(&known::OTHER_REFUSAL, Field::Unknown)
        .saying(says)
        .fixed_by("look the message up in the code or documentation of the API that answered")
        .owned_by(Owner::Configuration)
}

/// 401 of an authorizer. It states its reason in `www-authenticate` (HTTP API) or in the message (REST API).
pub(super) fn unauthorized(case: &Case<'_>, lower: &str) -> Diagnosis {
    let found = Diagnosis::candidate(&known::GATEWAY_UNAUTHORIZED, Field::Token);
    let header = case.evidence.answer.as_ref().and_then(|answer| answer.header("www-authenticate"));
    let described = header.as_deref().and_then(|header| header.split_once("error_description=\""));
    let of_header =
        described.and_then(|(_, rest)| rest.split('"').next()).filter(|reason| !reason.is_empty());
    let of_message = Some(lower).filter(|message| message.starts_with("the incoming token"));
    // Other servers refuse tokens with the same header.
    let who = if is_of_gateway(case) || of_message.is_some() {
        "the authorizer of API Gateway rejected the token"
    } else {
        "the server rejected the token"
    };
    let Some(reason) = of_header.or(of_message) else { return token::explain(case, found, who) };
    let sentence = format!("{who}: {}", quoted(reason));
    let found = token::with_claims(case, found.saying(sentence), reason);
    found.certain_if(true)
}

/// Returns whether API Gateway answered: by its headers, or by the host of the request.
fn is_of_gateway(case: &Case<'_>) -> bool {
    let is_host = |sent: &Sent| sent.host.contains(".execute-api.");
    let headers = case.evidence.answer.iter().flat_map(|answer| &answer.headers);
    let is_marked =
        |name: &str| matches!(name, "apigw-requestid" | "x-amz-apigw-id") || name.starts_with("x-amzn-");
    case.sent().is_some_and(is_host) || headers.into_iter().any(|(name, _)| is_marked(name))
}
