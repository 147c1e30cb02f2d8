//! Whose signatures a CloudFront distribution accepts.

use std::fmt;
use std::str::FromStr;

use super::Deployment;

/// The public half of a key that signs URLs of CloudFront, in PEM: RSA with 2048 bits, or ECDSA with the curve P-256.
///
/// CloudFront accepts no others. `openssl pkey -in key.pem -pubout` prints the public half of a private key.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html>,
/// <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_PublicKey.html>.
///
/// ```
/// use upsign_documents::CloudFrontPublicKey;
///
/// let pem = "-----BEGIN PUBLIC KEY-----
/// MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVs/o5+uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxUw==
/// -----END PUBLIC KEY-----";
/// assert!(pem.parse::<CloudFrontPublicKey>().is_ok());
/// assert!(pem.replace("PUBLIC", "PRIVATE").parse::<CloudFrontPublicKey>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CloudFrontPublicKey {
    /// The content of the PEM block, without line breaks.
    base64: Box<str>,
}

/// The text is no public key that CloudFront accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a public key of CloudFront must be one PEM block `PUBLIC KEY` with an RSA key of 2048 bits or an ECDSA key of the curve P-256"
)]
pub struct InvalidCloudFrontPublicKey(());

/// The beginnings of the two kinds in base64, and their lengths. They end between two groups of three bytes, so they are the same
/// for every key: the algorithm, and for RSA the length of the modulus, whose highest bit is set.
///
/// Source: RFC 3279 section 2.3.1, RFC 5480 section 2.
const KINDS: [(&str, usize); 2] = [
    ("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA", 392),
    // Followed by the uncompressed point.
    ("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE", 124),
];

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

/// Number of characters per line (RFC 7468 section 2).
const LINE: usize = 64;

impl FromStr for CloudFrontPublicKey {
    type Err = InvalidCloudFrontPublicKey;

    fn from_str(pem: &str) -> Result<Self, InvalidCloudFrontPublicKey> {
        let body = pem.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
        let base64: String = body.ok_or(InvalidCloudFrontPublicKey(()))?.split_ascii_whitespace().collect();
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        let is_key = base64.trim_end_matches('=').bytes().all(is_base64)
            && KINDS.iter().any(|(start, len)| base64.starts_with(start) && base64.len() == *len);
        if is_key { Ok(Self { base64: base64.into() }) } else { Err(InvalidCloudFrontPublicKey(())) }
    }
}

impl CloudFrontPublicKey {
    /// Returns a number that depends on the key alone, for the names of resources: CloudFront cannot change the key of a resource,
    /// so another key must be another resource. This is FNV-1a with 32 bits.
    pub(crate) fn number(&self) -> u32 {
        self.base64
            .bytes()
            .fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }
}

/// Writes the key in PEM, with lines of 64 characters and a line break at the end.
impl fmt::Display for CloudFrontPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{BEGIN}")?;
        let mut rest = &*self.base64;
        while let Some((line, after)) = rest.split_at_checked(LINE) {
            writeln!(f, "{line}")?;
            rest = after;
        }
        if !rest.is_empty() {
            writeln!(f, "{rest}")?;
        }
        writeln!(f, "{END}")
    }
}

impl Deployment {
    /// Adds a public key to those that the distributions of [`Reads::CloudFront`](super::Reads::CloudFront) trust. The first key is
    /// that with which the function signs; others are for the time in which keys are replaced. CloudFront accepts at most 5.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html>.
    #[must_use]
    pub fn with_cloudfront_key(mut self, key: CloudFrontPublicKey) -> Self {
        self.read_keys.push(key);
        self
    }

    /// Sets the ARN of the secret of AWS Secrets Manager with the private key that signs URLs of CloudFront. The role of the function
    /// may then read it.
    #[must_use]
    pub fn with_cloudfront_key_secret(self, arn: &str) -> Self {
        Self { read_key_secret: Some(arn.into()), ..self }
    }

    /// Sets whether the configuration of the function contains the domains of the distributions (default: no). A stack otherwise passes
    /// them to its function in the variable `UPSIGN_CLOUDFRONT_DOMAINS`.
    #[must_use]
    pub fn with_configured_cloudfront_domain(self, is_configured: bool) -> Self {
        Self { has_cloudfront_domain: is_configured, ..self }
    }

    /// Sets whether everybody who knows the key of an upload may read it through CloudFront, without a signature (default: no).
    ///
    /// The function then signs no URLs to read uploads. Do this only for files that are public anyway.
    #[must_use]
    pub fn with_public_reads(self, public_reads: bool) -> Self {
        Self { public_reads, ..self }
    }

    /// Returns whether everybody may read through CloudFront.
    #[must_use]
    pub const fn public_reads(&self) -> bool {
        self.public_reads
    }
}
