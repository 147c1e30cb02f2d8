//! Translation of the errors of `s3s` into those of S3.
//!
//! `s3s` uses its own messages, and for some errors another code. Messages and codes here are those that S3 sends.

use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use http_body_util::{BodyExt, Collected};
use upsign::Clock;

use super::error_response::{ErrorResponse, element_text};
use super::form;
use super::form_reader::ReadForm;
use super::service::CLOCK_SKEW;
use super::signature::parameters::{QueryPairs, parse_amz_date};
use super::signature::rules::SignatureParameters;
use crate::error_details;

/// A request that `s3s` rejected.
pub(super) struct RejectedRequest<'a> {
    pub(super) parts: &'a Parts,
    /// The parameters of the signature, or `None` for a POST form.
    pub(super) parameters: Option<&'a SignatureParameters>,
    /// The content type and the form, if it is one.
    pub(super) form: Option<(&'a str, &'a ReadForm)>,
    pub(super) clock: &'a dyn Clock,
    /// Maximum size of the file of a form, in bytes.
    pub(super) max_form_bytes: u64,
}

impl RejectedRequest<'_> {
    /// Returns the S3 error for an error response of `s3s`, with the elements that S3 adds to it.
    pub(super) async fn translate(&self, response: Response<s3s::Body>) -> ErrorResponse {
        let status = response.status();
        let carried = error_details::details(response.headers());
        // The error bodies of `s3s` are short and in memory, so reading them cannot fail.
        let body = response.into_body().collect().await.map(Collected::to_bytes).unwrap_or_default();
        let xml = String::from_utf8_lossy(&body);
        let code = element_text(&xml, "Code").unwrap_or_else(|| "InternalError".to_owned());
        let message = element_text(&xml, "Message").unwrap_or_default();
        let error = match (code.as_str(), self.parameters) {
            ("RequestTimeTooSkewed", Some(parameters)) if parameters.in_query => {
                ErrorResponse::forbidden("AccessDenied", "Request is not yet valid")
            }
            ("RequestTimeTooSkewed", Some(parameters)) => return self.too_skewed(parameters),
            ("EntityTooLarge" | "EntityTooSmall", None) => return self.form_size(&code),
            ("AccessDenied" | "InvalidPolicyDocument", None) => translate_form_error(&code, message),
            _ => {
                let message = if message.is_empty() { default_message(&code).to_owned() } else { message };
                ErrorResponse { status, code: code.into(), message: message.into(), details: Vec::new() }
            }
        };
        let error = match &*error.code {
            "NoSuchUpload" | "InvalidPart" => self.with_upload_id(error),
            _ => error,
        };
        let error = carried.into_iter().fold(error, |error, (name, value)| error.with(name, value));
        match self.parameters {
            Some(parameters) if error.message.starts_with("Request ") => {
                self.with_validity(error, parameters)
            }
            _ => error,
        }
    }

    /// Returns the error for a signature in the `Authorization` header that is too old or from the future.
    fn too_skewed(&self, parameters: &SignatureParameters) -> ErrorResponse {
        let message = "The difference between the request time and the current time is too large.";
        ErrorResponse::forbidden("RequestTimeTooSkewed", message)
            .with("RequestTime", &parameters.date)
            .with("ServerTime", self.clock.now().to_string())
            .with("MaxAllowedSkewMilliseconds", (u64::from(CLOCK_SKEW) * 1_000).to_string())
    }

    /// Returns the error for a file that is not within the range of its form's policy, or the maximum of this server.
    fn form_size(&self, code: &str) -> ErrorResponse {
        let range = self.form.and_then(|(_, form)| form::content_length_range(form.fields.get("policy")?));
        let (least, most) = range.unwrap_or((0, u64::MAX));
        let error = match code {
            "EntityTooLarge" => {
                let message = "Your proposed upload exceeds the maximum allowed size";
                ErrorResponse::bad_request("EntityTooLarge", message)
            }
            _ => {
                let message = "Your proposed upload is smaller than the minimum allowed size";
                ErrorResponse::bad_request("EntityTooSmall", message)
            }
        };
        let proposed = self.form.and_then(|(content_type, form)| form::file_size(content_type, &form.bytes));
        let error =
            proposed.into_iter().fold(error, |error, size| error.with("ProposedSize", size.to_string()));
        match code {
            "EntityTooLarge" => error.with("MaxSizeAllowed", most.min(self.max_form_bytes).to_string()),
            _ => error.with("MinSizeAllowed", least.to_string()),
        }
    }

    fn with_upload_id(&self, error: ErrorResponse) -> ErrorResponse {
        let query = QueryPairs::parse(self.parts.uri.query().unwrap_or_default());
        query.single("uploadId").into_iter().fold(error, |error, id| error.with("UploadId", id))
    }

    /// Adds the validity period of the URL and the time of the server.
    fn with_validity(&self, error: ErrorResponse, parameters: &SignatureParameters) -> ErrorResponse {
        let Some(valid_from) = parse_amz_date(&parameters.date) else { return error };
        let error = if error.message == "Request is not yet valid" {
            error.with("X-Amz-Date", (valid_from.as_unix() * 1_000).to_string())
        } else {
            error.with("X-Amz-Expires", parameters.expires.to_string())
        };
        let error = error.with("Expires", valid_from.saturating_add(parameters.expires).to_string());
        error.with("ServerTime", self.clock.now().to_string())
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
