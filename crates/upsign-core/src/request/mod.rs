//! One request, before and after signing.

pub(crate) mod headers;
pub(crate) mod key;
pub(crate) mod lifetime;
pub(crate) mod operation;
pub(crate) mod part;
pub(crate) mod query;

use std::borrow::Cow;
use std::fmt;

use crate::credentials::Credentials;
use crate::error::PresignError;
use crate::request::headers::SignedHeaders;
use crate::request::key::ObjectKey;
use crate::request::lifetime::{ExpiresIn, ExpiryPrecision, ShortCredentials};
use crate::request::operation::{Method, Operation};
use crate::request::query::Query;
use crate::target::Target;
use crate::time::Timestamp;

/// One fully decided request: signing it takes credentials and a time, nothing else.
///
/// ```
/// use upsign_core::{ExpiresIn, Operation, PresignRequest, SignedHeaders, Target};
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let mut headers = SignedHeaders::new();
/// headers.insert("content-type", "image/jpeg")?;
/// let request = PresignRequest::new(target, Operation::PutObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?)
///     .with_headers(headers);
/// assert_eq!(request.operation().method().as_str(), "PUT");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresignRequest {
    target: Target,
    operation: Operation,
    key: ObjectKey,
    headers: SignedHeaders,
    query: Query,
    expires_in: ExpiresIn,
    short_credentials: ShortCredentials,
}

impl PresignRequest {
    /// A request with no headers but `host` and no further query parameters.
    #[must_use]
    pub fn new(target: Target, operation: Operation, key: ObjectKey, expires_in: ExpiresIn) -> Self {
        Self {
            target,
            operation,
            key,
            headers: SignedHeaders::new(),
            query: Query::new(),
            expires_in,
            short_credentials: ShortCredentials::Clamp,
        }
    }

    /// The same request, with these headers signed.
    #[must_use]
    pub fn with_headers(self, headers: SignedHeaders) -> Self {
        Self { headers, ..self }
    }

    /// The same request, with these query parameters signed.
    #[must_use]
    pub fn with_query(self, query: Query) -> Self {
        Self { query, ..self }
    }

    /// The same request, with this to be done when the credentials end too soon.
    #[must_use]
    pub fn with_short_credentials(self, short_credentials: ShortCredentials) -> Self {
        Self { short_credentials, ..self }
    }

    /// The request as these credentials can honour it at `at`: with its own lifetime, or a shorter one.
    ///
    /// The lifetime is the least of what is asked and what is left of the credentials less [`SAFETY_MARGIN`](crate::SAFETY_MARGIN) seconds.
    ///
    /// # Errors
    /// [`PresignError::CredentialsTooShort`], [`PresignError::UnknownExpiry`].
    pub fn limited_by(
        &self,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<Cow<'_, Self>, PresignError> {
        let expires_in = self.short_credentials.lifetime(self.expires_in, credentials, at)?;
        if expires_in == self.expires_in {
            return Ok(Cow::Borrowed(self));
        }
        Ok(Cow::Owned(Self { expires_in, ..self.clone() }))
    }

    /// The bucket and its address.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// What the request may do.
    #[must_use]
    pub const fn operation(&self) -> &Operation {
        &self.operation
    }

    /// The object.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// The headers the signature binds, beside `host`.
    #[must_use]
    pub const fn headers(&self) -> &SignedHeaders {
        &self.headers
    }

    /// Further query parameters.
    #[must_use]
    pub const fn query(&self) -> &Query {
        &self.query
    }

    /// How long the URL is to live.
    #[must_use]
    pub const fn expires_in(&self) -> ExpiresIn {
        self.expires_in
    }
}

/// A presigned request, ready to be handed to whoever may send it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignedRequest {
    /// The method to send.
    pub method: Method,
    /// Where to send it. Whoever holds it can use it.
    pub url: PresignedUrl,
    /// What the client must send with it, exactly: every signed header but `host`.
    pub headers: SignedHeaders,
    /// From this instant on the URL is refused.
    pub expires_at: Timestamp,
    /// Whether it may be refused earlier.
    pub expiry_precision: ExpiryPrecision,
}

impl PresignedRequest {
    /// What a backend answers for `request`, signed at `at`.
    #[must_use]
    pub fn new(request: &PresignRequest, url: String, at: Timestamp) -> Self {
        Self {
            method: request.operation().method(),
            url: PresignedUrl(url),
            headers: request.headers().clone(),
            expires_at: at.saturating_add(u64::from(request.expires_in().as_secs())),
            expiry_precision: ExpiryPrecision::Exact,
        }
    }

    /// The same, as exact as the credentials' own end is.
    #[must_use]
    pub fn with_precision_of(self, credentials: &Credentials) -> Self {
        Self { expiry_precision: ExpiryPrecision::of(credentials), ..self }
    }
}

/// A URL that carries a signature: a bearer secret until it expires.
///
/// `Debug` and `Display` show it without its query; [`expose`](PresignedUrl::expose) is the one way to read it.
#[derive(Clone, PartialEq, Eq)]
pub struct PresignedUrl(String);

impl PresignedUrl {
    /// The whole URL, signature included. Hand it to the caller; never log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The whole URL, owned.
    #[must_use]
    pub fn into_exposed(self) -> String {
        self.0
    }

    fn shown(&self) -> &str {
        self.0.split_once('?').map_or(&self.0, |(before, _)| before)
    }
}

impl fmt::Debug for PresignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PresignedUrl({}?[redacted])", self.shown())
    }
}

impl fmt::Display for PresignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}?[redacted]", self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_shows_no_signature() {
        let url = PresignedUrl("https://b.s3.amazonaws.com/k?X-Amz-Signature=abc".into());
        assert_eq!(format!("{url}"), "https://b.s3.amazonaws.com/k?[redacted]");
        assert_eq!(format!("{url:?}"), "PresignedUrl(https://b.s3.amazonaws.com/k?[redacted])");
        assert!(url.expose().ends_with("abc"));
    }
}
