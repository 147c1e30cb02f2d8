//! The canonical request and the string to sign of a rejected request.
//!
//! S3 includes both in a `SignatureDoesNotMatch` error, so that a client can compare them with its own. They serve only
//! as an explanation: `s3s` has already decided that the signature does not match.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.

use axum::http::request::Parts;
use s3s::crypto::{Checksum as _, Sha256};

use super::parameters::QueryPairs;
use super::rules::SignatureParameters;
use super::uri_encoding;
use crate::hex::hex;
use crate::s3::error_response::ErrorResponse;

/// Adds the signature of a POST form to the error. Its string to sign is the policy, so there is no canonical request.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html>.
pub(super) fn explain_form(
    error: ErrorResponse,
    access_key_id: &str,
    policy: &str,
    signature: &str,
) -> ErrorResponse {
    error
        .with("AWSAccessKeyId", access_key_id)
        .with("StringToSign", policy)
        .with("SignatureProvided", signature)
        .with("StringToSignBytes", spaced_hex(policy))
}

/// Adds the canonical request and the string to sign, as this server computes them, to the error.
pub(in crate::s3) fn explain(
    error: ErrorResponse,
    request: &Parts,
    parameters: &SignatureParameters,
) -> ErrorResponse {
    let canonical = canonical_request(request, parameters);
    let digest = hex(&Sha256::checksum(canonical.as_bytes()));
    let string_to_sign = format!("AWS4-HMAC-SHA256\n{}\n{}\n{digest}", parameters.date, parameters.scope);
    error
        .with("AWSAccessKeyId", &parameters.access_key_id)
        .with("StringToSign", &string_to_sign)
        .with("SignatureProvided", &parameters.signature)
        .with("StringToSignBytes", spaced_hex(&string_to_sign))
        .with("CanonicalRequest", &canonical)
        .with("CanonicalRequestBytes", spaced_hex(&canonical))
}

/// Returns the canonical request. It differs from the one of the client where the two sign different things.
fn canonical_request(request: &Parts, parameters: &SignatureParameters) -> String {
    let path = uri_encoding::decode(request.uri.path()).unwrap_or_default();
    let mut text =
        format!("{}\n{}\n{}\n", request.method, uri_encoding::encode(&path), canonical_query(request));
    for name in &parameters.signed_headers {
        let values = request.headers.get_all(name.as_str()).iter();
        let values: Vec<String> =
            values.map(|value| trimmed(&String::from_utf8_lossy(value.as_bytes()))).collect();
        // A signed header that was not sent has an empty value in S3's echo.
        text.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    let sent = request.headers.get("x-amz-content-sha256").and_then(|value| value.to_str().ok());
    let payload = if parameters.in_query { None } else { sent }.unwrap_or("UNSIGNED-PAYLOAD");
    text.push_str(&format!("\n{}\n{payload}", parameters.signed_headers.join(";")));
    text
}

/// Returns the query string, sorted and without the signature.
fn canonical_query(request: &Parts) -> String {
    let encode = |text: &str| uri_encoding::encode(text.as_bytes()).replace('/', "%2F");
    let pairs = QueryPairs::parse(request.uri.query().unwrap_or_default()).0;
    let pairs = pairs.iter().filter(|(name, _)| name != "X-Amz-Signature");
    let mut pairs: Vec<String> =
        pairs.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.sort_unstable();
    pairs.join("&")
}

/// Removes leading and trailing spaces and replaces several spaces by one, as SigV4 requires for header values.
fn trimmed(value: &str) -> String {
    value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Returns the bytes in hex, separated by spaces, as S3 shows them.
fn spaced_hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
