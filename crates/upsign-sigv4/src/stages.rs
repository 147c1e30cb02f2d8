//! The steps of Signature Version 4, one by one, for any service.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use std::fmt;

use upsign_core::Timestamp;

use crate::blocks::Hasher;
use crate::date::AmzDate;
use crate::encode::encode_query;
use crate::hex::Hex;
use crate::hmac::HmacKey;

/// The payload hash of every presigned S3 request: the body is not known when the URL is made.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The credential scope: `20130524/us-east-1/s3/aws4_request`.
#[must_use]
pub fn scope(at: Timestamp, region: &str, service: &str) -> String {
    format!("{}/{region}/{service}/aws4_request", AmzDate::new(at).date())
}

/// `X-Amz-Date`: `20130524T000000Z`.
#[must_use]
pub fn amz_date(at: Timestamp) -> String {
    AmzDate::new(at).as_str().to_owned()
}

/// The canonical request.
///
/// `path` is taken as it is on the wire, percent-encoded. `query` is decoded; it is encoded and sorted here. Of
/// `headers`, names are lower-cased, values trimmed with inner runs of white space collapsed, and values of a repeated
/// name joined with commas in the order given.
#[must_use]
pub fn canonical_request(
    method: &str,
    path: &str,
    query: &[(&str, &str)],
    headers: &[(&str, &str)],
    payload_hash: &str,
) -> String {
    let headers = merged(headers);
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

fn merged(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        let value = value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        match all.iter_mut().find(|(have, _)| *have == name) {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => all.push((name, value)),
        }
    }
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    all
}

/// The string to sign of a canonical request.
#[must_use]
pub fn string_to_sign(at: Timestamp, scope: &str, canonical_request: &str) -> String {
    let date = AmzDate::new(at);
    let mut hasher = Hasher::new();
    hasher.update(canonical_request.as_bytes());
    let hash = Hex::new(&hasher.finish());
    format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", date.as_str(), hash.as_str())
}

/// A signing key: good for one date, one region and one service.
///
/// It signs as well as the secret it was derived from, so `Debug` shows nothing of it and its HMAC state is wiped when
/// it goes.
#[derive(Clone)]
pub struct SigningKey(HmacKey);

impl SigningKey {
    /// Derives the key from a secret access key, for the date of `at`.
    #[must_use]
    pub fn derive(secret_access_key: &str, at: Timestamp, region: &str, service: &str) -> Self {
        let first = zeroize::Zeroizing::new(format!("AWS4{secret_access_key}"));
        let date = AmzDate::new(at);
        let mut key = HmacKey::new(first.as_bytes());
        for part in [date.date(), region, service, "aws4_request"] {
            let mut message = key.begin();
            message.update(part.as_bytes());
            key = HmacKey::new(zeroize::Zeroizing::new(key.finish(message)).as_slice());
        }
        Self(key)
    }

    /// The signature of a string to sign: 64 lower-case hex digits.
    #[must_use]
    pub fn sign(&self, string_to_sign: &str) -> String {
        let mut message = self.0.begin();
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
