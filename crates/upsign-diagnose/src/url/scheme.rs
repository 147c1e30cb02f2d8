//! Which scheme signed a URL.

use std::fmt;

use upsign_core::Provider;

use crate::url::error::NotASignedUrl;
use crate::url::location::{AddressStyle, Location};
use crate::url::query::Parameters;

/// The scheme of a signature in a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureScheme {
    /// `AWS4-HMAC-SHA256`: AWS Signature Version 4.
    SigV4,
    /// `AWS4-ECDSA-P256-SHA256`: the asymmetric variant, which is valid in a set of regions.
    SigV4a,
    /// `AWSAccessKeyId`, `Expires` and `Signature`: AWS Signature Version 2, which regions since 2014 refuse.
    SigV2,
    /// `GOOG4-RSA-SHA256` or `GOOG4-HMAC-SHA256`: version 4 of Google Cloud Storage.
    Goog4,
    /// `GoogleAccessId`, `Expires` and `Signature`: version 2 of Google Cloud Storage.
    Goog2,
    /// A CloudFront URL with `Expires`: valid for this URL until an instant.
    CloudFrontCanned,
    /// A CloudFront URL with `Policy`: may be valid for other URLs, from an instant, or for some addresses.
    CloudFrontCustom,
    /// A shared access signature of Azure Storage.
    AzureSas,
}

impl SignatureScheme {
    /// Returns a stable name for programs: `sigv4`, `sigv4a`, `sigv2`, `goog4`, `goog2`, `cloudfront-canned`, `cloudfront-custom` or
    /// `azure-sas`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SigV4 => "sigv4",
            Self::SigV4a => "sigv4a",
            Self::SigV2 => "sigv2",
            Self::Goog4 => "goog4",
            Self::Goog2 => "goog2",
            Self::CloudFrontCanned => "cloudfront-canned",
            Self::CloudFrontCustom => "cloudfront-custom",
            Self::AzureSas => "azure-sas",
        }
    }

    /// Returns the name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::SigV4 => "AWS Signature Version 4",
            Self::SigV4a => "AWS Signature Version 4A",
            Self::SigV2 => "AWS Signature Version 2",
            Self::Goog4 => "Google Cloud Storage, version 4",
            Self::Goog2 => "Google Cloud Storage, version 2",
            Self::CloudFrontCanned => "CloudFront, canned policy",
            Self::CloudFrontCustom => "CloudFront, custom policy",
            Self::AzureSas => "Azure shared access signature",
        }
    }

    /// Returns `true` for SigV4 and SigV4a, whose parameters begin with `X-Amz-`.
    #[must_use]
    pub const fn is_aws4(self) -> bool {
        matches!(self, Self::SigV4 | Self::SigV4a)
    }

    /// Returns the names of the parameters for credential, date, lifetime and signed headers, if the scheme has these four.
    pub(crate) const fn v4_names(self) -> Option<[&'static str; 4]> {
        match self {
            Self::SigV4 | Self::SigV4a => {
                Some(["X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders"])
            }
            Self::Goog4 => {
                Some(["X-Goog-Credential", "X-Goog-Date", "X-Goog-Expires", "X-Goog-SignedHeaders"])
            }
            _ => None,
        }
    }

    /// Returns the name of the parameter that contains the signature.
    #[must_use]
    pub const fn signature_parameter(self) -> &'static str {
        match self {
            Self::SigV4 | Self::SigV4a => "X-Amz-Signature",
            Self::Goog4 => "X-Goog-Signature",
            Self::AzureSas => "sig",
            Self::SigV2 | Self::Goog2 | Self::CloudFrontCanned | Self::CloudFrontCustom => "Signature",
        }
    }

    /// Recognizes the scheme by the names of the parameters.
    pub(crate) fn of(query: &Parameters) -> Result<Self, NotASignedUrl> {
        let has = |name| query.get(name).is_some();
        let starts = |prefix: &str| query.iter().any(|it| has_prefix(&it.name, prefix));
        let scheme = if starts("X-Amz-")
            && (has("X-Amz-Algorithm") || has("X-Amz-Credential") || has("X-Amz-Signature"))
        {
            of_algorithm(query.get("X-Amz-Algorithm"))?
        } else if starts("X-Goog-") && (has("X-Goog-Algorithm") || has("X-Goog-Signature")) {
            match query.get("X-Goog-Algorithm") {
                Some("GOOG4-RSA-SHA256" | "GOOG4-HMAC-SHA256") | None => Self::Goog4,
                Some(other) => return Err(NotASignedUrl::algorithm(other)),
            }
        } else if has("Key-Pair-Id") {
            if has("Policy") { Self::CloudFrontCustom } else { Self::CloudFrontCanned }
        } else if has("AWSAccessKeyId") {
            Self::SigV2
        } else if has("GoogleAccessId") {
            Self::Goog2
        } else if has("sv") && (has("sig") || has("sp") || has("se")) {
            Self::AzureSas
        } else {
            return Err(NotASignedUrl::Unsigned);
        };
        let name = scheme.signature_parameter();
        match query.get(name) {
            Some(signature) if !signature.is_empty() => Ok(scheme),
            _ => Err(NotASignedUrl::Truncated { missing: name }),
        }
    }
}

fn of_algorithm(algorithm: Option<&str>) -> Result<SignatureScheme, NotASignedUrl> {
    match algorithm {
        Some("AWS4-HMAC-SHA256") | None => Ok(SignatureScheme::SigV4),
        Some("AWS4-ECDSA-P256-SHA256") => Ok(SignatureScheme::SigV4a),
        Some(other) => Err(NotASignedUrl::algorithm(other)),
    }
}

fn has_prefix(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

impl fmt::Display for SignatureScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Corrects a location by what the scheme says about the store: a domain of a user in front of CloudFront or Azure.
pub(super) fn place(scheme: SignatureScheme, location: Location, raw_path: &str) -> Location {
    match (scheme, location.style) {
        (SignatureScheme::CloudFrontCanned | SignatureScheme::CloudFrontCustom, style)
            if style != AddressStyle::Distribution =>
        {
            Location::distribution(raw_path)
        }
        (SignatureScheme::Goog4 | SignatureScheme::Goog2, _)
            if location.provider == Some(Provider::Custom) =>
        {
            Location { provider: Some(Provider::Gcs), ..location }
        }
        (SignatureScheme::AzureSas, style) if style != AddressStyle::Container => {
            Location { provider: None, style: AddressStyle::Container, ..location }
        }
        _ => location,
    }
}
