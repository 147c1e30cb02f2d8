//! From s3s's errors to S3's.

use axum::http::{Response, StatusCode};
use http_body_util::{BodyExt, Collected};

use super::auth::Stated;
use super::parameters::instant;
use super::refusal::{Refusal, text_of};
use crate::Clock;

/// What s3s answered with an error status, in S3's words.
pub(super) async fn refusal_of(
    response: Response<s3s::Body>,
    stated: Option<&Stated>,
    clock: Option<&Clock>,
) -> Refusal {
    let status = response.status();
    // s3s's error bodies are short texts in memory.
    let body = response.into_body().collect().await.map(Collected::to_bytes).unwrap_or_default();
    let xml = String::from_utf8_lossy(&body);
    let code = text_of(&xml, "Code").unwrap_or_else(|| "InternalError".to_owned());
    let message = text_of(&xml, "Message").unwrap_or_default();
    let refusal = match code.as_str() {
        "RequestTimeTooSkewed" if stated.is_some_and(|stated| stated.by_query) => {
            Refusal::forbidden("AccessDenied", "Request is not yet valid")
        }
        "AccessDenied" | "InvalidPolicyDocument" if stated.is_none() => form_refusal(&code, message),
        _ => {
            let message = if message.is_empty() { default_message(&code).to_owned() } else { message };
            Refusal { status, code: code.into(), message: message.into(), details: Vec::new() }
        }
    };
    match stated {
        Some(stated) if refusal.message.starts_with("Request ") => timed(refusal, stated, clock),
        _ => refusal,
    }
}

/// What a POST policy refused. s3s says some of it with another code.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>; the messages are those
/// S3 sends.
fn form_refusal(code: &str, message: String) -> Refusal {
    let denied =
        |what: String| Refusal::forbidden("AccessDenied", format!("Invalid according to Policy: {what}"));
    if message == "Request has expired" {
        return denied("Policy expired.".to_owned());
    }
    if let Some((_, rest)) = message.split_once("the list of policy conditions. \"") {
        let name = rest.split('"').next().unwrap_or_default();
        return denied(format!("Extra input fields: {name}"));
    }
    let failed = message.strip_prefix("Policy condition '").and_then(|rest| rest.split_once("' for field '"));
    if let Some((operator, rest)) = failed
        && let Some((field, rest)) = rest.split_once("' failed: expected ")
        && let Some((wanted, _got)) = rest.rsplit_once("', got '")
    {
        let wanted = wanted.strip_prefix("prefix ").unwrap_or(wanted);
        let wanted = wanted.strip_prefix('\'').unwrap_or(wanted);
        return denied(format!("Policy Condition failed: [\"{operator}\", \"${field}\", \"{wanted}\"]"));
    }
    match code {
        "AccessDenied" => Refusal::forbidden("AccessDenied", message),
        _ if message.ends_with("does not match policy") => denied(message),
        _ => Refusal::bad_request("InvalidPolicyDocument", message),
    }
}

/// S3 tells how long the URL lived and what time it is.
fn timed(refusal: Refusal, stated: &Stated, clock: Option<&Clock>) -> Refusal {
    let Some(from) = instant(&stated.date) else { return refusal };
    let refusal = if refusal.message == "Request is not yet valid" {
        refusal.with("X-Amz-Date", (from.as_unix() * 1_000).to_string())
    } else {
        refusal.with("X-Amz-Expires", stated.expires.to_string())
    };
    let refusal = refusal.with("Expires", from.saturating_add(stated.expires).to_string());
    match clock {
        Some(clock) => refusal.with("ServerTime", clock().to_string()),
        None => refusal,
    }
}

/// What S3 says where s3s says nothing.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>.
fn default_message(code: &str) -> &'static str {
    match code {
        "SignatureDoesNotMatch" => {
            "The request signature we calculated does not match the signature you provided. Check your key and signing \
             method."
        }
        "InvalidURI" => "Couldn't parse the specified URI.",
        "InvalidBucketName" => "The specified bucket is not valid.",
        "KeyTooLongError" => "Your key is too long",
        "MethodNotAllowed" => "The specified method is not allowed against this resource.",
        "NotImplemented" => "A header you provided implies functionality that is not implemented",
        "MalformedXML" => {
            "The XML you provided was not well-formed or did not validate against our published schema"
        }
        "MissingContentLength" => "You must provide the Content-Length HTTP header.",
        "InternalError" => "We encountered an internal error. Please try again.",
        _ => "The request was refused.",
    }
}

/// The signature is not that of the request.
pub(super) fn mismatch() -> Refusal {
    Refusal::forbidden("SignatureDoesNotMatch", default_message("SignatureDoesNotMatch"))
}

/// What no answer of s3s's came of.
pub(super) fn internal() -> Refusal {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", default_message("InternalError"))
}
