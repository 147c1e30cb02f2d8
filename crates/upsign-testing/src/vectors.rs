//! The worked examples of the Amazon S3 documentation: inputs, intermediate results and signatures.
//!
//! ```
//! use upsign_testing::vectors;
//!
//! let presign = &vectors::docs_examples("presign")[0];
//! // Sign `presign.method`, `presign.host` and `presign.path` with your own signer, and compare:
//! assert!(presign.expected.url.contains(&presign.expected.signature));
//! ```

use serde::Deserialize;

/// An example of `s3_docs_examples.json`. Members that do not apply to its kind are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct DocsExample {
    /// The name of the example, such as `docs/presigned-get`.
    pub id: String,
    /// The kind of the example: `header`, `presign`, `post-policy`, `signing-key` or `streaming`.
    pub kind: String,
    /// The HTTP method.
    pub method: String,
    /// The `Host` header.
    pub host: String,
    /// The path on the wire.
    pub path: String,
    /// The query string on the wire, without signing parameters.
    pub query: String,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The payload hash in the canonical request.
    pub payload_hash: Option<String>,
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: String,
    /// The region in the credential scope.
    pub region: String,
    /// The service in the credential scope, such as `s3`.
    pub service: String,
    /// The date of a signing key, as `YYYYMMDD`.
    pub date: String,
    /// The time of signing, as `YYYYMMDDThhmmssZ`.
    pub amz_date: String,
    /// The lifetime of a presigned URL in seconds.
    pub expires: Option<u64>,
    /// The policy document of a form, byte for byte.
    pub policy_utf8: String,
    /// The expected results.
    pub expected: Expected,
}

/// The expected results of an example.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Expected {
    /// The canonical request.
    pub canonical_request: String,
    /// The string to sign.
    pub string_to_sign: String,
    /// The signature in hex.
    pub signature: String,
    /// The presigned URL.
    pub url: String,
    /// The signing key in hex.
    pub signing_key_hex: String,
    /// The policy of a form in base64.
    pub policy_base64: String,
}

/// Returns all examples of one kind.
///
/// # Panics
/// Panics if there is no example of that kind.
#[must_use]
pub fn docs_examples(kind: &str) -> Vec<DocsExample> {
    #[derive(Deserialize)]
    struct File {
        cases: Vec<DocsExample>,
    }
    let file: File = serde_json::from_str(include_str!("../vectors/s3_docs_examples.json")).unwrap();
    let found: Vec<_> = file.cases.into_iter().filter(|case| case.kind == kind).collect();
    assert!(!found.is_empty(), "no example of kind {kind}");
    found
}

/// Parses the value of `X-Amz-Date`.
///
/// # Panics
/// Panics if the text does not have the form `YYYYMMDDThhmmssZ`.
#[must_use]
pub fn amz_time(text: &str) -> upsign_core::Timestamp {
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap();
    let (date, time) = ((part(0..4), part(4..6), part(6..8)), (part(9..11), part(11..13), part(13..15)));
    format!("{}-{}-{}T{}:{}:{}Z", date.0, date.1, date.2, time.0, time.1, time.2).parse().unwrap()
}
