//! The canonical request and the string to sign of a refused request, which S3 sends back with
//! `SignatureDoesNotMatch`, so that a client can compare them with its own. Nothing is decided with them.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.

use axum::http::request::Parts;
use s3s::crypto::{Checksum as _, Sha256};

use super::auth::Stated;
use super::parameters::Pairs;
use super::path;
use super::refusal::Refusal;
use crate::store::hex;

/// The refusal, with what this server computed.
pub(super) fn explain(refusal: Refusal, request: &Parts, stated: &Stated) -> Refusal {
    let canonical = canonical_request(request, stated);
    let digest = hex(&Sha256::checksum(canonical.as_bytes()));
    let string_to_sign = format!("AWS4-HMAC-SHA256\n{}\n{}\n{digest}", stated.date, stated.scope);
    refusal
        .with("AWSAccessKeyId", &stated.access_key_id)
        .with("StringToSign", &string_to_sign)
        .with("SignatureProvided", &stated.signature)
        .with("StringToSignBytes", spaced_hex(&string_to_sign))
        .with("CanonicalRequest", &canonical)
        .with("CanonicalRequestBytes", spaced_hex(&canonical))
}

fn canonical_request(request: &Parts, stated: &Stated) -> String {
    let path = path::decode(request.uri.path()).unwrap_or_default();
    let mut text = format!("{}\n{}\n{}\n", request.method, path::encode(&path), canonical_query(request));
    for name in &stated.signed_headers {
        let values = request.headers.get_all(name.as_str()).iter();
        let values: Vec<String> =
            values.map(|value| trimmed(&String::from_utf8_lossy(value.as_bytes()))).collect();
        if !values.is_empty() {
            text.push_str(&format!("{name}:{}\n", values.join(",")));
        }
    }
    let sent = request.headers.get("x-amz-content-sha256").and_then(|value| value.to_str().ok());
    let payload = if stated.by_query { None } else { sent }.unwrap_or("UNSIGNED-PAYLOAD");
    text.push_str(&format!("\n{}\n{payload}", stated.signed_headers.join(";")));
    text
}

fn canonical_query(request: &Parts) -> String {
    let strict = |text: &str| path::encode(text.as_bytes()).replace('/', "%2F");
    let pairs = Pairs::of(request.uri.query().unwrap_or_default()).0;
    let pairs = pairs.iter().filter(|(name, _)| name != "X-Amz-Signature");
    let mut pairs: Vec<String> =
        pairs.map(|(name, value)| format!("{}={}", strict(name), strict(value))).collect();
    pairs.sort_unstable();
    pairs.join("&")
}

/// Without spaces at the ends, and with one where there were several.
fn trimmed(value: &str) -> String {
    value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn spaced_hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
