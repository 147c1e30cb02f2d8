//! Signed URLs against those of botocore, both kinds of keys, and what is refused.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test's panic is its report"
)]

mod keys;
mod urls;

use upsign_cloudfront::CloudFrontKey;

/// The RSA key of the vectors of Google Cloud Storage.
pub(crate) fn rsa_pem() -> String {
    let file = include_str!("../../../upsign-testing/vectors/gcs_service_account.json");
    let file: serde_json::Value = serde_json::from_str(file).unwrap();
    file["private_key"].as_str().unwrap().to_owned()
}

/// A key for this test only, as OpenSSL writes it.
pub(crate) const EC_PEM: &str = "-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFLOA5TShy3N25OMdvAtCOF9SlqvOJN/fGNkYvh0ayVcoAoGCCqGSM49
AwEHoUQDQgAEC+BSLU+xAZcdCgE+kgQiEFRGIlp8yC07q9fVQOoPYNKB/Z48FG4L
oHVaqXz9L3eyae+Mg4HtOzI2poW6ECbnBQ==
-----END EC PRIVATE KEY-----
";

pub(crate) fn rsa_key() -> CloudFrontKey {
    CloudFrontKey::from_pem(&rsa_pem()).unwrap()
}
