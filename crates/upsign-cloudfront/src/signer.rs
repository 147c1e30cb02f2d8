//! Signed URLs with a canned policy.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use upsign::read::{ReadTarget, SignRead};
use upsign::{ExpiresIn, ObjectKey, PresignError, PresignedUrl, Query, Timestamp};

use crate::key::CloudFrontKey;

/// Characters that URLs contain as they are (RFC 3986 section 2.3). In a path, `/` separates segments.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &QUERY.remove(b'/');

/// Signs URLs of one CloudFront distribution, valid until an instant.
///
/// The URL has the query of the object, then `Expires`, `Signature`, `Key-Pair-Id` and `Hash-Algorithm=SHA256`. The signature covers
/// the URL with its own query and the expiry.
///
/// # The distribution
///
/// The stacks of `upsign-documents` contain such a distribution for each bucket. One of your own must meet these conditions:
///
/// - Its behavior for the keys must restrict viewers to a trusted key group that contains the public key. Otherwise everyone can read
///   without a signature.
/// - Its origin is the bucket, with origin access control that signs requests, and without an origin path.
/// - Its cache policy, or its origin request policy, must pass on `versionId`, `response-content-type` and
///   `response-content-disposition`, and the cache key must contain them. Otherwise S3 answers with the newest version and its own
///   headers.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html>.
///
/// ```no_run
/// use upsign::Query;
/// use upsign_cloudfront::{CloudFrontKey, CloudFrontSigner};
///
/// let key = CloudFrontKey::from_pem(&std::fs::read_to_string("cloudfront.pem")?)?;
/// let signer = CloudFrontSigner::new("d111111abcdef8.cloudfront.net", "K2JCJMDEHXQW5F", key)?;
/// let url = signer.sign_url(&"articles/7/a b.jpg".parse()?, &Query::new(), "2026-01-01T18:00:00Z".parse()?)?;
/// assert!(url.expose().starts_with("https://d111111abcdef8.cloudfront.net/articles/7/a%20b.jpg?Expires=1767290400&Signature="));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CloudFrontSigner {
    domain: Box<str>,
    key_pair_id: Box<str>,
    key: CloudFrontKey,
}

/// The distribution or the key is not named correctly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDistribution {
    /// The domain is no host name, or has a scheme, a port or a path.
    #[error(
        "the domain of a distribution must be a host name such as d111111abcdef8.cloudfront.net, without https:// and path"
    )]
    Domain,
    /// The id is not 1 to 128 capital letters and digits.
    #[error(
        "the id of a public key of CloudFront consists of capital letters and digits, such as K2JCJMDEHXQW5F"
    )]
    KeyPairId,
}

impl CloudFrontSigner {
    /// Creates a signer for the distribution at `domain`, by its own name or an alternate one. `key_pair_id` is the id that CloudFront
    /// gave to the public key.
    ///
    /// # Errors
    /// Fails if the domain is no host name, or the id cannot be one.
    pub fn new(domain: &str, key_pair_id: &str, key: CloudFrontKey) -> Result<Self, InvalidDistribution> {
        if !is_domain(domain) {
            return Err(InvalidDistribution::Domain);
        }
        let is_id = key_pair_id.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit());
        if !is_id || !(1..=128).contains(&key_pair_id.len()) {
            return Err(InvalidDistribution::KeyPairId);
        }
        Ok(Self { domain: domain.to_ascii_lowercase().into(), key_pair_id: key_pair_id.into(), key })
    }

    /// Returns the domain.
    #[must_use]
    pub const fn domain(&self) -> &str {
        &self.domain
    }

    /// Returns the URL of an object, valid until `expires_at`.
    ///
    /// # Errors
    /// Fails if the cryptographic library does.
    pub fn sign_url(
        &self,
        key: &ObjectKey,
        query: &Query,
        expires_at: Timestamp,
    ) -> Result<PresignedUrl, PresignError> {
        let mut url = format!("https://{}/{}", self.domain, utf8_percent_encode(key.as_str(), PATH));
        let mut separator = '?';
        for (name, value) in query {
            let (name, value) = (utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY));
            url.push_str(&format!("{separator}{name}={value}"));
            separator = '&';
        }
        let expires = expires_at.as_unix();
        // CloudFront builds the same text from the request. The URL contains no character that JSON escapes.
        let policy = format!(
            r#"{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}"#
        );
        let signature = self
            .key
            .sign(policy.as_bytes())
            .map_err(|error| PresignError::Backend { backend: "upsign-cloudfront", source: error.into() })?;
        // Base64 with the characters that CloudFront reads in a query.
        let signature = STANDARD.encode(signature).replace('+', "-").replace('=', "_").replace('/', "~");
        let id = &self.key_pair_id;
        url.push_str(&format!(
            "{separator}Expires={expires}&Signature={signature}&Key-Pair-Id={id}&Hash-Algorithm=SHA256"
        ));
        Ok(PresignedUrl::new(url))
    }
}

/// Signs URLs of the distributions of several buckets: each bucket has one of its own.
///
/// A URL of a bucket that has none is not signed, because it would lead to an object of another bucket.
///
/// ```
/// use upsign_cloudfront::{CloudFrontKey, CloudFrontSigner, CloudFrontSigners};
///
/// # fn signers(key: CloudFrontKey) -> Result<CloudFrontSigners, upsign_cloudfront::InvalidDistribution> {
/// let images = CloudFrontSigner::new("d111111abcdef8.cloudfront.net", "K2JCJMDEHXQW5F", key.clone())?;
/// let documents = CloudFrontSigner::new("d222222abcdef8.cloudfront.net", "K2JCJMDEHXQW5F", key)?;
/// # Ok(
/// CloudFrontSigners::new().with_bucket("images", images).with_bucket("documents", documents)
/// # )
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct CloudFrontSigners(Vec<(Box<str>, CloudFrontSigner)>);

impl CloudFrontSigners {
    /// Creates a signer without distributions.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds the distribution of a bucket.
    #[must_use]
    pub fn with_bucket(mut self, bucket: &str, signer: CloudFrontSigner) -> Self {
        self.0.push((bucket.into(), signer));
        self
    }
}

/// The bucket has no distribution. Holds its name.
#[derive(Debug, thiserror::Error)]
#[error("no distribution reads the bucket {0}")]
struct NoDistribution(String);

impl SignRead for CloudFrontSigners {
    fn sign_read(
        &self,
        target: &ReadTarget<'_>,
        expires_in: ExpiresIn,
        at: Timestamp,
    ) -> Result<PresignedUrl, PresignError> {
        let bucket = target.target.bucket().as_str();
        match self.0.iter().find(|(name, _)| **name == *bucket) {
            Some((_, signer)) => signer.sign_read(target, expires_in, at),
            None => Err(PresignError::Backend {
                backend: "upsign-cloudfront",
                source: Box::new(NoDistribution(bucket.to_owned())),
            }),
        }
    }
}

/// Labels of letters, digits and hyphens, at least two.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        let has_characters = label.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
        (1..=63).contains(&label.len()) && has_characters && !label.starts_with('-') && !label.ends_with('-')
    };
    domain.len() <= 253 && domain.contains('.') && domain.split('.').all(is_label)
}

impl SignRead for CloudFrontSigner {
    fn sign_read(
        &self,
        target: &ReadTarget<'_>,
        expires_in: ExpiresIn,
        at: Timestamp,
    ) -> Result<PresignedUrl, PresignError> {
        self.sign_url(target.key, target.query, at.saturating_add(expires_in.as_secs().into()))
    }
}
