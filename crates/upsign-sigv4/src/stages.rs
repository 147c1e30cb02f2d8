//! The steps of Signature Version 4 as separate functions, for any service.
//!
//! [`SigV4`](crate::SigV4) does not call these for each URL; tests compare the two. Use them to explain a signature, or to
//! sign requests that `SigV4` does not cover, for example with the `Authorization` header.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
//!
//! ```
//! use upsign_sigv4::stages::{self, SigningKey};
//!
//! let at = "2013-05-24T00:00:00Z".parse()?;
//! let scope = stages::scope(at, "us-east-1", "s3");
//! let host = ("Host", "examplebucket.s3.amazonaws.com");
//! let canonical = stages::canonical_request("GET", "/test.txt", &[], &[host], stages::UNSIGNED_PAYLOAD);
//! let string_to_sign = stages::string_to_sign(at, &scope, &canonical);
//! let key = SigningKey::derive("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", at, "us-east-1", "s3");
//! assert_eq!(key.sign(&string_to_sign).len(), 64);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use upsign_core::Timestamp;

use crate::hash::hmac::HmacKey;
use crate::hash::sha256::Hasher;
use crate::text::date::AmzDate;
use crate::text::hex::Hex;
use crate::text::percent::encode_query;

/// The payload hash of presigned S3 requests, whose body is not known when the URL is made.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// Returns the credential scope: `20130524/us-east-1/s3/aws4_request`.
///
/// ```
/// let scope = upsign_sigv4::stages::scope("2013-05-24T00:00:00Z".parse()?, "us-east-1", "s3");
/// assert_eq!(scope, "20130524/us-east-1/s3/aws4_request");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn scope(at: Timestamp, region: &str, service: &str) -> String {
    format!("{}/{region}/{service}/aws4_request", AmzDate::new(at).date())
}

/// Returns the value of `X-Amz-Date`: `20130524T000000Z`.
///
/// ```
/// assert_eq!(upsign_sigv4::stages::amz_date("2013-05-24T00:00:00Z".parse()?), "20130524T000000Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn amz_date(at: Timestamp) -> String {
    AmzDate::new(at).as_str().to_owned()
}

/// Returns the canonical request.
///
/// - `path` is used as it is; pass it percent-encoded, as it is sent.
/// - `query` holds decoded names and values; they are encoded and sorted here.
/// - `headers` are the signed headers. Their names are converted to lower case; white space around values is removed and
///   inside them reduced to single spaces; the values of a repeated name are joined with commas, in the given order.
/// - `payload_hash` is the hash of the body in hex digits, or [`UNSIGNED_PAYLOAD`].
///
/// ```
/// use upsign_sigv4::stages::{UNSIGNED_PAYLOAD, canonical_request};
/// let headers = [("Host", "examplebucket.s3.amazonaws.com")];
/// assert_eq!(
///     canonical_request("GET", "/test.txt", &[("X-Amz-Expires", "86400")], &headers, UNSIGNED_PAYLOAD),
///     "GET\n/test.txt\nX-Amz-Expires=86400\nhost:examplebucket.s3.amazonaws.com\n\nhost\nUNSIGNED-PAYLOAD",
/// );
/// ```
#[must_use]
pub fn canonical_request(
    method: &str,
    path: &str,
    query: &[(&str, &str)],
    headers: &[(&str, &str)],
    payload_hash: &str,
) -> String {
    let headers = canonical_headers(headers);
    let mut out = format!("{method}\n{path}\n{}\n", canonical_query(query));
    for (name, value) in &headers {
        out.push_str(name);
        out.push(':');
        out.push_str(value);
        out.push('\n');
    }
    out.push('\n');
    out.push_str(&headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";"));
    out.push('\n');
    out.push_str(payload_hash);
    out
}

fn canonical_query(query: &[(&str, &str)]) -> String {
    let encoded = |text: &str| {
        let mut out = String::new();
        encode_query(&mut out, text);
        out
    };
    let mut pairs: Vec<_> = query.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
    pairs.sort_unstable();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Normalizes, merges and sorts headers.
fn canonical_headers(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut merged: Vec<(String, String)> = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        let value = value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        match merged.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => merged.push((name, value)),
        }
    }
    merged.sort_by(|(a, _), (b, _)| a.cmp(b));
    merged
}

/// Returns the string to sign for a canonical request.
///
/// ```
/// use upsign_sigv4::stages;
/// let at = "2013-05-24T00:00:00Z".parse()?;
/// let text = stages::string_to_sign(at, &stages::scope(at, "us-east-1", "s3"), "GET\n…");
/// assert!(text.starts_with("AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn string_to_sign(at: Timestamp, scope: &str, canonical_request: &str) -> String {
    let date = AmzDate::new(at);
    let mut hasher = Hasher::new();
    hasher.update(canonical_request.as_bytes());
    let hash = Hex::new(&hasher.finish());
    format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", date.as_str(), hash.as_str())
}

/// A signing key, valid for one date, one region and one service.
///
/// Within these limits it is as powerful as the secret access key. `Debug` shows nothing of it, and its HMAC state is wiped
/// from memory on drop.
///
/// ```
/// use upsign_sigv4::stages::SigningKey;
/// let at = "2013-05-24T00:00:00Z".parse()?;
/// let key = SigningKey::derive("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", at, "us-east-1", "s3");
/// assert_eq!(key.sign("AWS4-HMAC-SHA256\n…").len(), 64);
/// assert_eq!(format!("{key:?}"), "SigningKey([redacted])");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SigningKey(HmacKey);

impl SigningKey {
    /// Derives the key from a secret access key for the date (UTC) of `at`: four nested HMACs over the date, the region, the
    /// service and `aws4_request`.
    #[must_use]
    pub fn derive(secret_access_key: &str, at: Timestamp, region: &str, service: &str) -> Self {
        let first = zeroize::Zeroizing::new(format!("AWS4{secret_access_key}"));
        let date = AmzDate::new(at);
        let mut key = HmacKey::new(first.as_bytes());
        for part in [date.date(), region, service, "aws4_request"] {
            let mut message = key.start();
            message.update(part.as_bytes());
            key = HmacKey::new(zeroize::Zeroizing::new(key.finish(message)).as_slice());
        }
        Self(key)
    }

    /// Returns the signature of a string to sign as 64 lower-case hex digits.
    #[must_use]
    pub fn sign(&self, string_to_sign: &str) -> String {
        let mut message = self.0.start();
        message.update(string_to_sign.as_bytes());
        Hex::new(&self.0.finish(message)).as_str().to_owned()
    }

    pub(crate) const fn hmac(&self) -> &HmacKey {
        &self.0
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey([redacted])")
    }
}
