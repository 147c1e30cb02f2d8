//! Signature Version 4 of a call of an AWS service, in its headers.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use upsign_core::{Credentials, Timestamp};
use zeroize::Zeroizing;

use crate::hash::sha256::Hasher;
use crate::stages::{SigningKey, amz_date, canonical_request, scope, string_to_sign};
use crate::text::hex::Hex;

/// A call of a service with the JSON protocol of AWS, such as DynamoDB and SQS: a `POST` to `/`.
///
/// ```
/// use upsign_sigv4::{Credentials, JsonCall};
///
/// let call = JsonCall {
///     service: "dynamodb",
///     region: "eu-central-1",
///     host: "dynamodb.eu-central-1.amazonaws.com",
///     content_type: "application/x-amz-json-1.0",
///     target: "DynamoDB_20120810.GetItem",
///     body: b"{}",
/// };
/// let credentials = Credentials::long_term("AKIDEXAMPLE", "secret")?;
/// let headers = call.sign(&credentials, "2026-01-01T00:00:00Z".parse()?);
/// let (name, value) = headers.last().ok_or("no headers")?;
/// assert_eq!(*name, "authorization");
/// assert!(value.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-central-1/dynamodb/aws4_request, "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "everything that such a call consists of")]
pub struct JsonCall<'a> {
    /// The name of the service in the credential scope.
    pub service: &'a str,
    /// The region in the credential scope.
    pub region: &'a str,
    /// The host, with the port if it is not the default.
    pub host: &'a str,
    /// The content type, which contains the version of the protocol.
    pub content_type: &'a str,
    /// The value of `x-amz-target`: the operation, for example `AmazonSQS.SendMessage`.
    pub target: &'a str,
    /// The request body.
    pub body: &'a [u8],
}

impl JsonCall<'_> {
    /// Returns the headers of the call: the signed ones except `host`, which the HTTP client adds, and `authorization` last.
    #[must_use]
    pub fn sign(&self, credentials: &Credentials, at: Timestamp) -> Vec<(&'static str, Zeroizing<String>)> {
        let time = amz_date(at);
        let mut signed = vec![
            ("content-type", self.content_type),
            ("host", self.host),
            ("x-amz-date", time.as_str()),
            ("x-amz-target", self.target),
        ];
        signed.extend(credentials.session_token().map(|token| ("x-amz-security-token", token)));
        signed.sort_unstable();

        let mut hasher = Hasher::new();
        hasher.update(self.body);
        let hash = Hex::new(&hasher.finish());
        let canonical = Zeroizing::new(canonical_request("POST", "/", &[], &signed, hash.as_str()));
        let scope = scope(at, self.region, self.service);
        let key = SigningKey::derive(credentials.secret_access_key(), at, self.region, self.service);
        let signature = key.sign(&string_to_sign(at, &scope, &canonical));
        let names = signed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            credentials.access_key_id()
        );
        let headers = signed.into_iter().filter(|(name, _)| *name != "host");
        let mut headers: Vec<_> =
            headers.map(|(name, value)| (name, Zeroizing::new(value.to_owned()))).collect();
        headers.push(("authorization", Zeroizing::new(authorization)));
        headers
    }
}
