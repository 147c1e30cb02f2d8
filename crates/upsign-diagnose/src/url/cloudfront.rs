//! The custom policy of a CloudFront URL.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use upsign_core::Timestamp;

/// What a custom policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CustomPolicy {
    /// The URLs, possibly with wildcards.
    pub(crate) resource: Option<Box<str>>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) not_before: Option<Timestamp>,
    /// The addresses of clients, in CIDR notation.
    pub(crate) addresses: Option<Box<str>>,
}

impl CustomPolicy {
    /// Reads the value of `Policy`, or returns `None` if it is not base64 of a policy.
    pub(crate) fn read(encoded: &str) -> Option<Self> {
        let standard = encoded.replace('-', "+").replace('_', "=").replace('~', "/");
        let policy: Value = serde_json::from_slice(&STANDARD.decode(standard).ok()?).ok()?;
        let statement = policy.pointer("/Statement/0")?;
        let at = |pointer| statement.pointer(pointer).and_then(Value::as_u64).and_then(Timestamp::from_unix);
        let text = |pointer| statement.pointer(pointer).and_then(Value::as_str).map(Into::into);
        Some(Self {
            resource: text("/Resource"),
            expires_at: at("/Condition/DateLessThan/AWS:EpochTime"),
            not_before: at("/Condition/DateGreaterThan/AWS:EpochTime"),
            addresses: text("/Condition/IpAddress/AWS:SourceIp"),
        })
    }
}
