//! From a policy to the rules its uploads need.

use upsign_policy::UploadPolicy;

use super::{CorsDocument, CorsMethod, CorsOrigins, CorsRule, InvalidCorsDocument, Origin};

/// How long browsers may remember the answer to a preflight. They cap it themselves: Chromium at two hours.
const MAX_AGE_SECONDS: u32 = 3_600;

/// What a script needs to read of S3's answer: the object's tag and, on a versioned bucket, its version.
const EXPOSED: [&str; 2] = ["ETag", "x-amz-version-id"];

impl CorsDocument {
    /// What a bucket needs so that pages of these origins can make this policy's uploads, and nothing more: the method
    /// PUT, and exactly the headers that clients are told to send.
    ///
    /// With no origin at all it is [`CorsDocument::none`].
    ///
    /// # Errors
    /// [`InvalidCorsDocument`] where the list of origins is beyond S3's limits.
    pub fn for_policy(policy: &UploadPolicy, origins: &CorsOrigins) -> Result<Self, InvalidCorsDocument> {
        let listed = origins.list().iter().map(Origin::as_str);
        let patterns: Vec<&str> = if origins.is_any() { vec!["*"] } else { listed.collect() };
        if patterns.is_empty() {
            return Ok(Self::none());
        }
        // Browsers derive the length from the body; scripts cannot set it, so preflights never ask for it.
        let headers = policy.signed_header_names().filter(|name| *name != "content-length");
        let rule = CorsRule::new(patterns, [CorsMethod::Put])
            .and_then(|rule| rule.with_id("upsign-uploads"))
            .and_then(|rule| rule.with_allowed_headers(headers))
            .and_then(|rule| rule.with_expose_headers(EXPOSED))
            .map_err(|source| InvalidCorsDocument::Rule { index: 0, source })?;
        Self::new([rule.with_max_age_seconds(MAX_AGE_SECONDS)])
    }
}
