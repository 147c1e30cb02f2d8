//! Application-level authorization of a single upload.

use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;
use upsign_core::{ExpiresIn, Identity, ObjectKey, Timestamp};
use upsign_policy::UploadRequest;
use uuid::Uuid;

use crate::session::{SessionCall, UploadSession};

/// Decides whether a caller may upload to a specific resource, for example to an article they own.
///
/// ```
/// use upsign::prelude::*;
/// use upsign::{Authorize, AuthorizeError, AuthorizeRequest, Decision, async_trait};
///
/// #[derive(Debug)]
/// struct AuthorsOnly; // a real implementation holds a database pool
///
/// #[async_trait]
/// impl Authorize for AuthorsOnly {
///     async fn authorize(&self, request: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError> {
///         let Some(article) = request.id("articleId") else { return Ok(Decision::Deny) };
///         let user = request.caller.subject().as_str();
///         let is_author = is_author(user, article).await.map_err(AuthorizeError::new)?;
///         Ok(if is_author { Decision::Allow } else { Decision::Deny })
///     }
/// }
/// # async fn is_author(user: &str, _: upsign::Uuid) -> Result<bool, std::io::Error> { Ok(user == "alice") }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "articles/{article_id}/raw/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// # let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// # let caller = Identity::from_verified("https://issuer.example", "alice")?;
/// # let image = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
/// # let at: Timestamp = "2026-01-01T00:00:00Z".parse()?;
/// // `policy`, `credentials` and so on are those of the first example of this crate.
/// let issuer = UploadIssuer::sigv4(policy, credentials)?.with_authorizer(AuthorsOnly);
/// assert!(issuer.issue(&caller, &image, at).await.is_ok());
/// let mallory = Identity::from_verified("https://issuer.example", "mallory")?;
/// assert!(matches!(issuer.issue(&mallory, &image, at).await, Err(IssueError::Forbidden)));
/// # Ok(())
/// # }
/// ```
///
/// The issuer calls this after the policy has accepted the request and before it signs anything, so
/// [`AuthorizeRequest::key`] is final. Implementations usually query the application's database. To record a pending
/// upload, insert the row here: the call receives the final key and can still deny the upload.
///
/// A policy that lets clients supply ids (`client_may_supply`) cannot be served without an implementation of this trait,
/// because only the application can check who owns an existing id.
///
/// [`authorize_fn`](crate::authorize_fn) makes an implementation of a closure.
#[async_trait]
pub trait Authorize: Debug + Send + Sync {
    /// Returns [`Decision::Allow`] to sign the upload or [`Decision::Deny`] to answer 403.
    ///
    /// Implementations write
    /// `async fn authorize(&self, request: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError>`.
    ///
    /// # Errors
    /// Return [`AuthorizeError`] if the decision cannot be made right now, for example because the database is
    /// unreachable. The client receives 503 with `Retry-After`; nothing is signed, and the cause is logged but never sent.
    async fn authorize(&self, request: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError>;

    /// Decides about a later request for an upload that [`authorize`](Self::authorize) has allowed: for the URLs of parts, and to
    /// complete, confirm or delete it. Allows all of them by default.
    ///
    /// Implement it to stop the uploads of a caller that was banned in the meantime. Other conditions should be checked when
    /// the upload begins: a client that has uploaded most of a large file cannot correct anything.
    ///
    /// Implementations write
    /// `async fn authorize_later(&self, request: &LaterRequest<'_>) -> Result<Decision, AuthorizeError>`.
    ///
    /// # Errors
    /// Return [`AuthorizeError`] if the decision cannot be made right now. The client receives 503 with `Retry-After`.
    async fn authorize_later(&self, request: &LaterRequest<'_>) -> Result<Decision, AuthorizeError> {
        let _ = request;
        Ok(Decision::Allow)
    }
}

/// A later request for an upload.
///
/// The service creates it. A test of an implementation creates its own with [`new`](Self::new).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LaterRequest<'a> {
    /// The verified caller, which began the upload.
    pub caller: &'a Identity,
    /// The upload: its route, its key, its size, and when it began.
    pub session: &'a UploadSession,
    /// What the client wants to do: [`SessionCall::Parts`], [`SessionCall::Complete`], [`SessionCall::Confirm`] or
    /// [`SessionCall::Delete`].
    pub call: SessionCall,
    /// The instant at which the request is judged.
    pub at: Timestamp,
}

impl<'a> LaterRequest<'a> {
    /// Creates a request.
    #[must_use]
    pub const fn new(
        caller: &'a Identity,
        session: &'a UploadSession,
        call: SessionCall,
        at: Timestamp,
    ) -> Self {
        Self { caller, session, call, at }
    }
}

/// An upload that the policy permits and that the application may still deny.
///
/// The issuer creates it. A test of an implementation creates its own:
///
/// ```
/// use upsign::{Authorize, AuthorizeRequest, Decision, Identity, UploadRequest, Uuid, authorize_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let own_article = Uuid::from_u128(7);
/// let authors = authorize_fn(move |request| {
///     let is_own = request.id("articleId") == Some(own_article);
///     async move { Ok(if is_own { Decision::Allow } else { Decision::Deny }) }
/// });
///
/// let alice = Identity::from_verified("https://issuer.example", "alice")?;
/// let (upload, key) = (UploadRequest::described(), "articles/7/raw/1.jpg".parse()?);
/// let ids = [("articleId".into(), own_article)];
/// let request = AuthorizeRequest::new(&alice, &upload, &key, "2026-01-01T00:00:00Z".parse()?).with_ids(&ids, true);
/// assert_eq!(authors.authorize(&request).await?, Decision::Allow);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AuthorizeRequest<'a> {
    /// The verified caller. Two issuers can use the same subject for different people: if the service accepts callers of several,
    /// compare the issuer too.
    pub caller: &'a Identity,
    /// The name of the route, or `None` for the unnamed route.
    pub route: Option<&'a str>,
    /// The client's description of the upload.
    pub upload: &'a UploadRequest,
    /// The key under which the object will be stored.
    pub key: &'a ObjectKey,
    /// The ids that the policy declares, under their wire names (`articleId`): generated, chosen by the service
    /// ([`UploadIssuer::issue_under`](crate::UploadIssuer::issue_under)) or supplied by the client.
    pub ids: &'a [(Box<str>, Uuid)],
    /// `true` if the client supplied at least one of `ids` itself. That id may refer to an existing resource that belongs
    /// to another user, so check ownership before allowing it. An id that the service chose is not one of these, even if
    /// the client repeats it.
    pub client_supplied_ids: bool,
    /// The instant at which the request is judged.
    pub at: Timestamp,
    /// The lifetime of a grant under the policy. No grant is valid after `at` plus this, and credentials that end earlier
    /// shorten it, so a row for a pending upload can end then. For a multipart upload, it is how long the upload can be
    /// continued.
    pub expires_in: ExpiresIn,
    /// `true` if the object is uploaded in parts, in many requests. [`Authorize::authorize_later`] decides about those.
    pub multipart: bool,
}

/// The default of [`LifetimeOptions`](upsign_policy::LifetimeOptions).
const DEFAULT_EXPIRES_IN: ExpiresIn = match ExpiresIn::from_secs(900) {
    Ok(expires_in) => expires_in,
    Err(_) => ExpiresIn::MAX,
};

impl<'a> AuthorizeRequest<'a> {
    /// Creates a request without route and ids, with a lifetime of 900 seconds, to test an [`Authorize`] implementation on its own.
    #[must_use]
    pub const fn new(
        caller: &'a Identity,
        upload: &'a UploadRequest,
        key: &'a ObjectKey,
        at: Timestamp,
    ) -> Self {
        Self {
            caller,
            route: None,
            upload,
            key,
            ids: &[],
            client_supplied_ids: false,
            at,
            expires_in: DEFAULT_EXPIRES_IN,
            multipart: false,
        }
    }

    /// Sets whether the object is uploaded in parts.
    #[must_use]
    pub const fn with_multipart(self, multipart: bool) -> Self {
        Self { multipart, ..self }
    }

    /// Sets the lifetime of a grant.
    #[must_use]
    pub const fn with_expires_in(self, expires_in: ExpiresIn) -> Self {
        Self { expires_in, ..self }
    }

    /// Sets the name of the route.
    #[must_use]
    pub const fn with_route(self, route: Option<&'a str>) -> Self {
        Self { route, ..self }
    }

    /// Sets the declared ids, and whether the client supplied at least one of them.
    #[must_use]
    pub const fn with_ids(self, ids: &'a [(Box<str>, Uuid)], client_supplied_ids: bool) -> Self {
        Self { ids, client_supplied_ids, ..self }
    }

    /// Returns a declared id by its wire name, for example `articleId`, or `None` if the policy declares no such id.
    #[must_use]
    pub fn id(&self, wire_name: &str) -> Option<Uuid> {
        self.ids.iter().find(|(name, _)| **name == *wire_name).map(|(_, value)| *value)
    }
}

/// The application's decision about one upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "an authorization has two outcomes; a failure is an `AuthorizeError`"
)]
pub enum Decision {
    /// The upload is signed.
    Allow,
    /// The client receives 403 with the code `forbidden`.
    Deny,
}

/// The application could not decide whether to allow an upload.
///
/// The source of this error is the application's own error. It is written to the log and never sent to the client.
///
/// ```
/// use upsign::AuthorizeError;
/// let from_an_error = AuthorizeError::new(std::io::Error::other("connection refused"));
/// let from_a_text = AuthorizeError::new("the database is in maintenance");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("the application failed to decide whether to allow the upload")]
#[non_exhaustive]
pub struct AuthorizeError {
    source: Box<dyn Error + Send + Sync>,
}

impl AuthorizeError {
    /// Wraps the application's own error, or a message that describes it.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: source.into() }
    }
}
