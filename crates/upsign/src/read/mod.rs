//! Presigned URLs to read confirmed objects: who may read, and who signs.

use std::fmt::Debug;

use async_trait::async_trait;
use upsign_core::{
    ExpiresIn, ExpiryPrecision, Identity, ObjectKey, PresignError, PresignedUrl, Query, SignedHeaders,
    Target, Timestamp,
};
use upsign_objects::VersionId;
use upsign_policy::ContentType;

use crate::authorize::{AuthorizeError, Decision};
use crate::confirm::Receipt;

/// Decides whether a caller may read a confirmed object.
///
/// The default is [`UploaderOnly`]: only the caller that uploaded the object, and only as long as the route permits this caller to
/// upload. An implementation usually asks the application's database, which stores the receipt in the row of an article, for example.
/// It decides alone: also about callers that have lost the group or the scope of the route ([`ReadAuthorization::has_access`]).
///
/// ```
/// use upsign::read::{AuthorizeRead, ReadAuthorization};
/// use upsign::{AuthorizeError, Decision, async_trait};
///
/// /// Every member of the group `editors` may read, and the uploader if the route still permits uploads to this caller.
/// #[derive(Debug)]
/// struct Editors;
///
/// #[async_trait]
/// impl AuthorizeRead for Editors {
///     async fn authorize_read(&self, read: &ReadAuthorization<'_>) -> Result<Decision, AuthorizeError> {
///         let is_editor = read.caller.groups().any(|group| group == "editors");
///         let is_uploader = read.is_uploader && read.has_access;
///         Ok(if is_uploader || is_editor { Decision::Allow } else { Decision::Deny })
///     }
/// }
/// ```
#[async_trait]
pub trait AuthorizeRead: Debug + Send + Sync {
    /// Returns [`Decision::Allow`] to sign the URL or [`Decision::Deny`] to answer 403.
    ///
    /// Implementations write
    /// `async fn authorize_read(&self, read: &ReadAuthorization<'_>) -> Result<Decision, AuthorizeError>`.
    ///
    /// # Errors
    /// Return [`AuthorizeError`] if the decision cannot be made right now. The client receives 503 with `Retry-After`.
    async fn authorize_read(&self, read: &ReadAuthorization<'_>) -> Result<Decision, AuthorizeError>;
}

/// Allows only the caller that uploaded the object, and only with the groups and scopes that the route of the upload demands: who has lost
/// them no longer reads, as nobody without them confirms or deletes.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no state")]
pub struct UploaderOnly;

#[async_trait]
impl AuthorizeRead for UploaderOnly {
    async fn authorize_read(&self, read: &ReadAuthorization<'_>) -> Result<Decision, AuthorizeError> {
        Ok(if read.is_uploader && read.has_access { Decision::Allow } else { Decision::Deny })
    }
}

/// A request to read a confirmed object.
///
/// The service creates it. A test of an implementation creates its own with [`new`](Self::new).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ReadAuthorization<'a> {
    /// The verified caller.
    pub caller: &'a Identity,
    /// The verified receipt of the object.
    pub receipt: &'a Receipt,
    /// `true` if `caller` uploaded the object.
    pub is_uploader: bool,
    /// `true` if `caller` has the groups and scopes that the route of the upload demands now.
    pub has_access: bool,
    /// The instant at which the request is judged.
    pub at: Timestamp,
}

impl<'a> ReadAuthorization<'a> {
    /// Creates a request of a caller that may upload by the route.
    #[must_use]
    pub const fn new(caller: &'a Identity, receipt: &'a Receipt, is_uploader: bool, at: Timestamp) -> Self {
        Self { caller, receipt, is_uploader, has_access: true, at }
    }

    /// Sets whether the caller may upload by the route.
    #[must_use]
    pub const fn with_access(self, has_access: bool) -> Self {
        Self { has_access, ..self }
    }
}

/// Signs URLs to read objects, in place of the presigner of the route: for a content delivery network, for example.
pub trait SignRead: Debug + Send + Sync {
    /// Returns a URL that is valid for `expires_in` from `at` on.
    ///
    /// # Errors
    /// Returns an error if the URL cannot be signed.
    fn sign_read(
        &self,
        target: &ReadTarget<'_>,
        expires_in: ExpiresIn,
        at: Timestamp,
    ) -> Result<PresignedUrl, PresignError>;
}

/// The object that a URL reads.
///
/// The service creates it. A test of an implementation creates its own with [`new`](Self::new).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ReadTarget<'a> {
    /// The bucket.
    pub target: &'a Target,
    /// The key.
    pub key: &'a ObjectKey,
    /// The query that the URL must contain: `versionId` if the object has versions, `response-content-type` and, unless browsers
    /// can show the type safely, `response-content-disposition`. Names and values are not percent-encoded.
    pub query: &'a Query,
}

impl<'a> ReadTarget<'a> {
    /// Creates a description.
    #[must_use]
    pub const fn new(target: &'a Target, key: &'a ObjectKey, query: &'a Query) -> Self {
        Self { target, key, query }
    }
}

/// What a client asks of a URL to read an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadRequest {
    /// How long the URL shall be valid. The policy's lifetime of reads applies if it is shorter, or if this is `None`.
    pub expires_in: Option<ExpiresIn>,
    /// Whether browsers shall save the object even if they can show its type safely.
    pub attachment: bool,
}

impl ReadRequest {
    /// Creates a request for the lifetime of the policy. Browsers save the object unless they can show its type safely.
    #[must_use]
    pub const fn new() -> Self {
        Self { expires_in: None, attachment: false }
    }

    /// Sets how long the URL shall be valid.
    #[must_use]
    pub const fn with_expires_in(self, expires_in: ExpiresIn) -> Self {
        Self { expires_in: Some(expires_in), ..self }
    }

    /// Has browsers save the object.
    #[must_use]
    pub const fn with_attachment(self) -> Self {
        Self { attachment: true, ..self }
    }
}

/// A URL that reads one confirmed version of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadUrl {
    /// The URL. Treat it as a secret of its caller.
    pub url: PresignedUrl,
    /// The headers that the client must send.
    pub headers: SignedHeaders,
    /// The lifetime, counted from the instant it was signed.
    pub expires_in: ExpiresIn,
    /// The instant at which the URL expires.
    pub expires_at: Timestamp,
    /// Whether `expires_at` is exact.
    pub expiry_precision: ExpiryPrecision,
    /// The key of the object.
    pub key: ObjectKey,
    /// The version, in a bucket with versioning.
    pub version_id: Option<VersionId>,
    /// The content type of the answer.
    pub content_type: ContentType,
}

impl ReadUrl {
    /// Creates the result for an object without versions, for tests of code that receives one.
    #[must_use]
    pub fn new(
        url: PresignedUrl,
        key: ObjectKey,
        content_type: ContentType,
        expires_in: ExpiresIn,
        at: Timestamp,
    ) -> Self {
        Self {
            url,
            headers: SignedHeaders::new(),
            expires_in,
            expires_at: at.saturating_add(expires_in.as_secs().into()),
            expiry_precision: ExpiryPrecision::Exact,
            key,
            version_id: None,
            content_type,
        }
    }
}
