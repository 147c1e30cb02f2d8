//! Presigned URL requests.
//!
//! [`PresignRequest`] describes a request before it is signed. The submodules define its parts, and [`presigned`] defines
//! the result.

pub(crate) mod headers;
pub(crate) mod key;
pub(crate) mod lifetime;
pub(crate) mod operation;
pub(crate) mod part;
pub(crate) mod parts;
pub(crate) mod presigned;
pub(crate) mod query;

use std::borrow::Cow;

use crate::credentials::Credentials;
use crate::error::PresignError;
use crate::request::headers::SignedHeaders;
use crate::request::key::ObjectKey;
use crate::request::lifetime::{ExpiresIn, ShortCredentials};
use crate::request::operation::Operation;
use crate::request::query::Query;
use crate::target::Target;
use crate::time::Timestamp;

/// A complete description of a request to presign. A signer needs only credentials and the time in addition.
///
/// S3 accepts the URL only for a request that has each of the signed headers with the signed value. A URL for an upload is bound
/// to one type, one size and a new object by three of them:
///
/// ```
/// use upsign_core::{ExpiresIn, Operation, PresignRequest, SignedHeaders, Target};
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let mut headers = SignedHeaders::new();
/// headers.insert("content-type", "image/jpeg")?;
/// headers.insert("content-length", "48213")?;
/// headers.insert("if-none-match", "*")?; // S3 overwrites no object
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
    /// Creates a request that binds no headers other than `host` and has no additional query parameters.
    ///
    /// If the credentials expire before `expires_in` has passed, the lifetime is shortened
    /// ([`ShortCredentials::Clamp`]).
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

    /// Sets the headers that the signature binds. The client must send exactly these.
    #[must_use]
    pub fn with_headers(self, headers: SignedHeaders) -> Self {
        Self { headers, ..self }
    }

    /// Sets additional query parameters, which the signature binds.
    #[must_use]
    pub fn with_query(self, query: Query) -> Self {
        Self { query, ..self }
    }

    /// Sets what happens if the credentials expire before the request would.
    #[must_use]
    pub fn with_short_credentials(self, short_credentials: ShortCredentials) -> Self {
        Self { short_credentials, ..self }
    }

    /// Returns the request with a lifetime that does not exceed that of the credentials at the time `at`.
    ///
    /// The credentials' remaining lifetime is counted less [`SAFETY_MARGIN`](crate::SAFETY_MARGIN) seconds. The request
    /// is returned unchanged if its own lifetime is not longer.
    ///
    /// # Errors
    /// Returns [`PresignError::CredentialsTooShort`] if the lifetime would have to be shortened but the request uses
    /// [`ShortCredentials::Refuse`], or if less than one second is left. Returns [`PresignError::UnknownExpiry`] if the
    /// credentials are temporary and their expiry is not known.
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

    /// Returns the address of the bucket.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Returns the operation that the request performs.
    #[must_use]
    pub const fn operation(&self) -> &Operation {
        &self.operation
    }

    /// Returns the key of the object.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the headers that the signature binds in addition to `host`.
    #[must_use]
    pub const fn headers(&self) -> &SignedHeaders {
        &self.headers
    }

    /// Returns the additional query parameters.
    #[must_use]
    pub const fn query(&self) -> &Query {
        &self.query
    }

    /// Returns the lifetime of the URL.
    #[must_use]
    pub const fn expires_in(&self) -> ExpiresIn {
        self.expires_in
    }

    /// Returns what happens if the credentials expire before the request would.
    #[must_use]
    pub const fn short_credentials(&self) -> ShortCredentials {
        self.short_credentials
    }
}
