//! Translation of the errors of `s3s` into those of S3.
//!
//! `s3s` uses its own messages, and for some errors another code. Messages and codes here are those that S3 sends.

use axum::http::{Response, StatusCode};
use http_body_util::{BodyExt, Collected};
use upsign::Clock;

use super::error_response::{ErrorResponse, element_text};
use super::signature::parameters::parse_amz_date;
use super::signature::rules::SignatureParameters;

/// Returns the S3 error for an error response of `s3s`.
///
/// `parameters` are those of the signature, or `None` for a POST form. With a `clock`, errors about the validity period
/// contain the time of the server.
pub(super) async fn translate(
    response: Response<s3s::Body>,
    parameters: Option<&SignatureParameters>,
    clock: Option<&dyn Clock>,
) -> ErrorResponse {
    let status = response.status();
    // The error bodies of `s3s` are short and in memory, so reading them cannot fail.
    let body = response.into_body().collect().await.map(Collected::to_bytes).unwrap_or_default();
    let xml = String::from_utf8_lossy(&body);
    let code = element_text(&xml, "Code").unwrap_or_else(|| "InternalError".to_owned());
    let message = element_text(&xml, "Message").unwrap_or_default();
    let error = match code.as_str() {
        "RequestTimeTooSkewed" if parameters.is_some_and(|parameters| parameters.in_query) => {
            ErrorResponse::forbidden("AccessDenied", "Request is not yet valid")
        }
        "AccessDenied" | "InvalidPolicyDocument" if parameters.is_none() => {
            translate_form_error(&code, message)
        }
        _ => {
            let message = if message.is_empty() { default_message(&code).to_owned() } else { message };
            ErrorResponse { status, code: code.into(), message: message.into(), details: Vec::new() }
        }
    };
    match parameters {
        Some(parameters) if error.message.starts_with("Request ") => with_validity(error, parameters, clock),
        _ => error,
    }
}

/// Translates an error about a POST policy. It recognizes the errors of `s3s` by their messages.
///
/// Source of the policy rules: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>.
/// The messages are those that S3 sends.
fn translate_form_error(code: &str, message: String) -> ErrorResponse {
    let denied = |reason: String| {
        ErrorResponse::forbidden("AccessDenied", format!("Invalid according to Policy: {reason}"))
    };
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
        && let Some((expected, _found)) = rest.rsplit_once("', got '")
    {
        let expected = expected.strip_prefix("prefix ").unwrap_or(expected);
        let expected = expected.strip_prefix('\'').unwrap_or(expected);
        return denied(format!("Policy Condition failed: [\"{operator}\", \"${field}\", \"{expected}\"]"));
    }
    match code {
        "AccessDenied" => ErrorResponse::forbidden("AccessDenied", message),
        _ if message.ends_with("does not match policy") => denied(message),
        _ => ErrorResponse::bad_request("InvalidPolicyDocument", message),
    }
}

/// Adds the validity period of the URL and, if there is a clock, the time of the server.
fn with_validity(
    error: ErrorResponse,
    parameters: &SignatureParameters,
    clock: Option<&dyn Clock>,
) -> ErrorResponse {
    let Some(valid_from) = parse_amz_date(&parameters.date) else { return error };
    let error = if error.message == "Request is not yet valid" {
        error.with("X-Amz-Date", (valid_from.as_unix() * 1_000).to_string())
    } else {
        error.with("X-Amz-Expires", parameters.expires.to_string())
    };
    let error = error.with("Expires", valid_from.saturating_add(parameters.expires).to_string());
    match clock {
        Some(clock) => error.with("ServerTime", clock.now().to_string()),
        None => error,
    }
}

/// Returns the message of S3 for an error that has no message in `s3s`.
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
        _ => "The request was rejected.",
    }
}

/// Returns the error for a signature that does not match the request.
pub(super) fn signature_mismatch() -> ErrorResponse {
    ErrorResponse::forbidden("SignatureDoesNotMatch", default_message("SignatureDoesNotMatch"))
}

/// Returns the error for a failure of `s3s` itself.
pub(super) fn internal_error() -> ErrorResponse {
    ErrorResponse::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", default_message("InternalError"))
}
