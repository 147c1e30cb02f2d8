//! A presigned URL, taken apart without changing a byte of it.

mod cloudfront;
mod error;
mod location;
mod parts;
mod query;
mod scheme;
mod scope;
mod split;
pub(crate) mod time;

use std::fmt;

pub use error::NotASignedUrl;
pub use location::{AddressStyle, Location};
pub use parts::{UrlPart, UrlPartKind};
pub use query::QueryParameter;
pub use scheme::SignatureScheme;
pub use scope::CredentialScope;
use upsign_core::Timestamp;

pub(crate) use cloudfront::CustomPolicy;
pub(crate) use location::host_name;
use query::Parameters;
pub(crate) use query::decode;
pub(crate) use split::SplitUrl;

use crate::redacted::Redacted;

/// A URL with a signature, as it was written.
///
/// Parsing accepts everything that can be sent, also what a store refuses, so that it can be explained. `Debug` and `Display` show
/// neither the query nor the user information.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedUrl {
    scheme: SignatureScheme,
    is_https: bool,
    host: Box<str>,
    raw_path: Box<str>,
    raw_query: Box<str>,
    fragment: Option<Box<str>>,
    query: Parameters,
    location: Location,
    custom_policy: Option<CustomPolicy>,
}

impl SignedUrl {
    /// The longest URL that is read, in bytes. S3 refuses request headers of more than 8 KB; session tokens need the most of it.
    pub const MAX_BYTES: usize = 32 * 1024;

    /// Reads a URL. White space around it, and quotation marks or `<>` that enclose it, are ignored.
    ///
    /// # Errors
    /// Fails if the text is no URL with `http://` or `https://`, longer than 32 KiB, or has no signature of a known scheme.
    pub fn parse(text: &str) -> Result<Self, NotASignedUrl> {
        let SplitUrl { is_https, host, raw_path, raw_query, fragment } = SplitUrl::parse(text)?;
        let raw_query = raw_query.unwrap_or_default();
        let query = Parameters::parse(&raw_query);
        let scheme = SignatureScheme::of(&query).map_err(|error| escaped(&raw_query).unwrap_or(error))?;
        if let Some(error) = escaped(&raw_query) {
            return Err(error);
        }
        let location = scheme::place(scheme, Location::of(&host, &raw_path), &raw_path);
        let custom_policy = query.get("Policy").filter(|_| scheme == SignatureScheme::CloudFrontCustom);
        Ok(Self {
            scheme,
            is_https,
            host,
            raw_path,
            raw_query,
            fragment,
            custom_policy: custom_policy.and_then(CustomPolicy::read),
            query,
            location,
        })
    }

    /// Returns the scheme of the signature.
    #[must_use]
    pub const fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    /// Returns `true` for `https://`.
    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.is_https
    }

    /// Returns host and port as written.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the host that clients send and that was signed: lower case, without the default port and without a final dot.
    #[must_use]
    pub fn canonical_host(&self) -> String {
        let lower = self.host.to_ascii_lowercase();
        let default = if self.is_https { ":443" } else { ":80" };
        let host = lower.strip_suffix(default).unwrap_or(&lower);
        host.strip_suffix(':').unwrap_or(host).to_owned()
    }

    /// Returns the path as written, with its first slash; empty for a URL without a path.
    #[must_use]
    pub fn raw_path(&self) -> &str {
        &self.raw_path
    }

    /// Returns the query as written, without `?`. It contains the signature: show it through [`Redacted`] only.
    #[must_use]
    pub fn raw_query(&self) -> &str {
        &self.raw_query
    }

    /// Returns what follows `#`, which clients do not send.
    #[must_use]
    pub fn fragment(&self) -> Option<&str> {
        self.fragment.as_deref()
    }

    /// Returns the parameters of the query in order.
    #[must_use]
    pub fn parameters(&self) -> &[QueryParameter] {
        self.query.as_slice()
    }

    /// Returns the decoded value of the first parameter of this name, in any case.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(name)
    }

    /// Returns where the URL leads.
    #[must_use]
    pub const fn location(&self) -> &Location {
        &self.location
    }

    /// Returns the bucket, the access point, or the container.
    #[must_use]
    pub fn bucket(&self) -> Option<&str> {
        self.location.bucket.as_deref()
    }

    /// Returns the key, percent-decoded once. Bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.location.key.as_deref()
    }

    /// Returns the names of the headers that are signed, as in the URL. Empty for schemes that sign no headers.
    #[must_use]
    pub fn signed_headers(&self) -> Vec<&str> {
        let value = self.scheme.v4_names().and_then(|[.., name]| self.parameter(name));
        value.map_or_else(Vec::new, |names| names.split(';').filter(|name| !name.is_empty()).collect())
    }

    /// Returns the parts of `X-Amz-Credential` or `X-Goog-Credential`, or `None` if it is absent or has another form.
    #[must_use]
    pub fn credential_scope(&self) -> Option<CredentialScope<'_>> {
        let [name, ..] = self.scheme.v4_names()?;
        CredentialScope::parse(self.parameter(name)?, self.scheme)
    }

    /// Returns who signed: the access key id, the service account, or the id of CloudFront's public key.
    #[must_use]
    pub fn signer(&self) -> Option<&str> {
        match self.scheme {
            SignatureScheme::SigV2 => self.parameter("AWSAccessKeyId"),
            SignatureScheme::Goog2 => self.parameter("GoogleAccessId"),
            SignatureScheme::CloudFrontCanned | SignatureScheme::CloudFrontCustom => {
                self.parameter("Key-Pair-Id")
            }
            SignatureScheme::AzureSas => self.parameter("skoid"),
            _ => self.credential_scope().map(|scope| scope.access_key_id),
        }
    }

    /// Returns the region, or the set of regions of SigV4a, for which the URL is signed.
    #[must_use]
    pub fn signing_region(&self) -> Option<&str> {
        if self.scheme == SignatureScheme::SigV4a {
            return self.parameter("X-Amz-Region-Set");
        }
        self.credential_scope().and_then(|scope| scope.region)
    }

    /// Returns when the URL was signed, or from when it is valid; `None` if the URL does not say it in a valid form.
    #[must_use]
    pub fn signed_at(&self) -> Option<Timestamp> {
        match (self.scheme.v4_names(), self.scheme) {
            (Some([_, date, ..]), _) => time::basic(self.parameter(date)?),
            (None, SignatureScheme::AzureSas) => time::iso(self.parameter("st")?),
            (None, SignatureScheme::CloudFrontCustom) => self.custom_policy.as_ref()?.not_before,
            _ => None,
        }
    }

    /// Returns the lifetime in seconds, of the schemes that have one.
    #[must_use]
    pub fn expires(&self) -> Option<u64> {
        let [_, _, name, _] = self.scheme.v4_names()?;
        self.parameter(name)?.parse().ok()
    }

    /// Returns the instant from which the store refuses the URL, or `None` if the URL does not say it in a valid form.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self.scheme {
            SignatureScheme::AzureSas => time::iso(self.parameter("se")?),
            SignatureScheme::CloudFrontCustom => self.custom_policy.as_ref()?.expires_at,
            _ if self.scheme.v4_names().is_some() => Some(self.signed_at()?.saturating_add(self.expires()?)),
            _ => time::epoch(self.parameter("Expires")?),
        }
    }

    /// Returns `true` if the URL contains a session token, so that temporary credentials signed it.
    #[must_use]
    pub fn has_session_token(&self) -> bool {
        self.session_token().is_some()
    }

    pub(crate) fn session_token(&self) -> Option<&str> {
        self.parameter("X-Amz-Security-Token").or_else(|| self.parameter("X-Amz-S3session-Token"))
    }

    /// The signature, which nothing may print.
    pub(crate) fn signature(&self) -> &str {
        self.parameter(self.scheme.signature_parameter()).unwrap_or_default()
    }

    pub(crate) const fn custom_policy(&self) -> Option<&CustomPolicy> {
        self.custom_policy.as_ref()
    }

    /// Returns the method for which the URL was probably signed. No URL contains it; other parameters and headers imply it.
    #[must_use]
    pub fn method_hint(&self) -> Option<&'static str> {
        scope::method(self)
    }
}

impl fmt::Display for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}?[redacted]", self.host, Redacted::new(&self.raw_path))
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedUrl({self})")
    }
}

/// Recognizes a query in the notation of another language. No parameter of a signature is called so.
fn escaped(raw_query: &str) -> Option<NotASignedUrl> {
    if ["&amp;X-", "&amp;Signature", "&amp;sig="].iter().any(|it| raw_query.contains(it)) {
        return Some(NotASignedUrl::HtmlEscaped);
    }
    raw_query.contains("\\u0026").then_some(NotASignedUrl::JsonEscaped)
}
