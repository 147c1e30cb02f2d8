//! The reasons for not issuing a grant.

use upsign_core::{InvalidExpiresIn, PresignError};
use upsign_objects::ObjectError;
use upsign_policy::{Denied, DeniedKind, IdName};

use crate::authorize::AuthorizeError;
use crate::batch::FilesDenied;
use crate::ids::NoEntropy;
use crate::quota::{QuotaDenied, QuotaStoreError};
use crate::rate::{RateLimitUnavailable, TooManyRequests};
use crate::session::{UploadTokenTooLong, store_code, store_retry_after, store_status};

/// The reason why no grant was issued.
///
/// Each variant is either a *client error* (the caller can change the request) or a *service fault* (the operator has to
/// act). [`is_service_fault`](Self::is_service_fault) distinguishes the two.
///
/// ```
/// use upsign::{Denied, IssueError, TooManyRequests};
///
/// let client: IssueError = Denied::TooLarge { len: 20 << 20, max: 10 << 20 }.into();
/// assert_eq!((client.code(), client.status(), client.is_service_fault()), ("too-large", 413, false));
/// let limited: IssueError = TooManyRequests::new(30).into();
/// assert_eq!((limited.status(), limited.retry_after()), (429, Some(30)));
/// assert!(IssueError::MissingAuthorizer.is_service_fault());
/// ```
///
/// An HTTP handler that answers by itself sends `code`, `status` and `retry_after`; `upsign_http::Problem` does that.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The policy does not permit the upload. A client error, except for policy faults ([`DeniedKind::Fault`]); send
    /// [`Denied::code`] to the client.
    #[error("the policy does not permit this upload")]
    Denied(#[from] Denied),
    /// The application's [`Authorize`](crate::Authorize) implementation denied the upload. A client error.
    #[error("the application does not permit this upload")]
    Forbidden,
    /// The application's [`Authorize`](crate::Authorize) implementation failed. A service fault; retrying may help.
    #[error("the authorization of this upload is unavailable")]
    AuthorizerUnavailable(#[from] AuthorizeError),
    /// The client supplied an id, and the issuer has no [`Authorize`](crate::Authorize) implementation that could check
    /// who owns it. A service fault; [`UploadService::new`](crate::UploadService::new) refuses such a configuration.
    #[error(
        "the policy lets clients supply ids, but the issuer has no `Authorize` implementation to check them"
    )]
    MissingAuthorizer,
    /// The client supplied an id that differs from the one that the service chose
    /// ([`UploadIssuer::issue_under`](crate::UploadIssuer::issue_under)). A client error.
    #[error("the request supplies another value for {} than the one that the service chose", .0.wire_name())]
    IdConflict(IdName),
    /// The application chose a value for an id that the policy does not declare
    /// ([`UploadIssuer::issue_under`](crate::UploadIssuer::issue_under)). A service fault: correct the name, or declare the
    /// id in the key template.
    #[error(
        "the service chose a value for the id `{name}`, but the policy declares {}",
        wire_names(.declared)
    )]
    UndeclaredId {
        /// The name that the application passed.
        name: Box<str>,
        /// The ids that the policy declares.
        declared: Box<[IdName]>,
    },
    /// The issuer has an [`Authorize`](crate::Authorize) implementation, which
    /// [`UploadIssuer::issue_now`](crate::UploadIssuer::issue_now) cannot call. A service fault: call
    /// [`UploadIssuer::issue`](crate::UploadIssuer::issue).
    #[error("`issue_now` cannot wait for the issuer's `Authorize` implementation: call `issue`")]
    AuthorizerMustWait,
    /// The policy permits a multipart upload, and the issuer has no means to create one at the store. A service fault: give it
    /// the calls to the store and the keys of upload tokens.
    #[error(
        "the policy permits multipart uploads, but the issuer has no calls to the store to create them with"
    )]
    MissingStore,
    /// The policy permits a multipart upload, which [`UploadIssuer::issue_now`](crate::UploadIssuer::issue_now) cannot create at
    /// the store. A service fault: call [`UploadIssuer::issue`](crate::UploadIssuer::issue).
    #[error("`issue_now` cannot wait for the store to create a multipart upload: call `issue`")]
    MultipartMustWait,
    /// The request names no route, and the service has only named ones. A client error.
    #[error("the request must name a route")]
    RouteRequired,
    /// The request names a route that does not exist. A client error.
    #[error("the requested route does not exist")]
    RouteUnknown,
    /// The caller is in none of the route's groups, or has none of its scopes. A client error.
    #[error("the caller may not use this route")]
    RouteForbidden,
    /// The list of files is refused, whatever the files are ([`UploadService::issue_many`](crate::UploadService::issue_many)). A
    /// client error.
    #[error(transparent)]
    Files(#[from] FilesDenied),
    /// The caller sent too many requests. A client error; the caller may retry after the stated time.
    #[error(transparent)]
    TooManyRequests(#[from] TooManyRequests),
    /// The request could not be counted against the rate limit, which fails closed. A service fault; retrying may help.
    #[error(transparent)]
    RateLimitUnavailable(#[from] RateLimitUnavailable),
    /// The caller has used up a quota. A client error; the caller may retry when the window of the limit has ended.
    #[error(transparent)]
    QuotaExceeded(#[from] QuotaDenied),
    /// The upload could not be counted, and the quota fails closed. A service fault; retrying may help.
    #[error("the quota of this upload is unavailable")]
    QuotaUnavailable(#[from] QuotaStoreError),
    /// The request could not be signed, for example because no credentials are available. A service fault; retrying may
    /// help.
    #[error("the upload could not be signed")]
    Presign(#[from] PresignError),
    /// The store did not create the multipart upload. A service fault; retrying may help if
    /// [`ObjectError::retry_may_help`] is `true`.
    #[error("the upload could not be created at the store")]
    Store(#[source] ObjectError),
    /// The store does not say whether the object of a content exists ([`content`](crate::content)). A service fault; retrying may help if
    /// [`ObjectError::retry_may_help`] is `true`.
    #[error("the store does not say whether the object exists")]
    Look(#[source] ObjectError),
    /// The store's upload id is too long for an upload token. A service fault.
    #[error(transparent)]
    TokenTooLong(#[from] UploadTokenTooLong),
    /// No random bytes were available for a new id. A service fault.
    #[error("no id could be generated")]
    NoEntropy(#[from] NoEntropy),
    /// The signing backend returned an expiry outside the range that S3 accepts. A service fault.
    #[error("the presigned request has an invalid lifetime")]
    Lifetime(#[from] InvalidExpiresIn),
}

impl IssueError {
    /// Returns `true` if the service failed and `false` if the client's request was at fault.
    #[must_use]
    pub const fn is_service_fault(&self) -> bool {
        match self {
            Self::Denied(denied) => matches!(denied.kind(), DeniedKind::Fault),
            Self::Forbidden
            | Self::IdConflict(_)
            | Self::RouteRequired
            | Self::RouteUnknown
            | Self::RouteForbidden
            | Self::Files(_)
            | Self::TooManyRequests(_)
            | Self::QuotaExceeded(_) => false,
            Self::AuthorizerUnavailable(_)
            | Self::RateLimitUnavailable(_)
            | Self::QuotaUnavailable(_)
            | Self::MissingAuthorizer
            | Self::UndeclaredId { .. }
            | Self::AuthorizerMustWait
            | Self::MissingStore
            | Self::MultipartMustWait
            | Self::Presign(_)
            | Self::Store(_)
            | Self::Look(_)
            | Self::TokenTooLong(_)
            | Self::NoEntropy(_)
            | Self::Lifetime(_) => true,
        }
    }

    /// Returns a stable kebab-case code for programs. For a denial it is the policy's own code ([`Denied::code`]).
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::Forbidden => "forbidden",
            Self::AuthorizerUnavailable(_) => "authorization-unavailable",
            Self::IdConflict(_) => "id-conflict",
            Self::RouteRequired => "route-required",
            Self::RouteUnknown => "route-unknown",
            Self::RouteForbidden => "route-forbidden",
            Self::Files(denied) => denied.code(),
            Self::TooManyRequests(_) => "too-many-requests",
            Self::RateLimitUnavailable(_) => "rate-limit-unavailable",
            Self::QuotaExceeded(_) => "quota-exceeded",
            Self::QuotaUnavailable(_) => "quota-unavailable",
            Self::Presign(PresignError::CredentialsTooShort { .. }) => "credentials-too-short",
            Self::Presign(_) => "signing-unavailable",
            Self::Store(error) | Self::Look(error) => store_code(error),
            Self::MissingAuthorizer
            | Self::UndeclaredId { .. }
            | Self::AuthorizerMustWait
            | Self::MissingStore
            | Self::MultipartMustWait
            | Self::TokenTooLong(_)
            | Self::NoEntropy(_)
            | Self::Lifetime(_) => "internal",
        }
    }

    /// Returns the HTTP status with which `upsign-http` answers this error: 400, 403, 413, 415 or 429 for client errors,
    /// 503 for service faults that may pass, and 500 for all others.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Denied(denied) => match denied.kind() {
                DeniedKind::Forbidden => 403,
                DeniedKind::TooLarge => 413,
                DeniedKind::UnsupportedMediaType => 415,
                DeniedKind::Fault => 500,
                _ => 400,
            },
            Self::IdConflict(_) | Self::RouteRequired | Self::RouteUnknown => 400,
            Self::Forbidden | Self::RouteForbidden => 403,
            Self::Files(denied) => denied.status(),
            Self::TooManyRequests(_) | Self::QuotaExceeded(_) => 429,
            Self::AuthorizerUnavailable(_)
            | Self::RateLimitUnavailable(_)
            | Self::QuotaUnavailable(_)
            | Self::Presign(_) => 503,
            Self::Store(error) | Self::Look(error) => store_status(error),
            Self::MissingAuthorizer
            | Self::UndeclaredId { .. }
            | Self::AuthorizerMustWait
            | Self::MissingStore
            | Self::MultipartMustWait
            | Self::TokenTooLong(_)
            | Self::NoEntropy(_)
            | Self::Lifetime(_) => 500,
        }
    }

    /// Returns the seconds for `Retry-After`, or `None` if the same request would fail again.
    ///
    /// A rate limit, a quota and a store state their own time. Credentials that are about to expire are replaced within about 30 seconds; other
    /// faults that may pass (status 503) are worth a retry after 10.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooManyRequests(limit) => Some(limit.retry_after),
            Self::QuotaExceeded(denied) => Some(denied.retry_after),
            Self::Presign(PresignError::CredentialsTooShort { .. }) => Some(30),
            Self::AuthorizerUnavailable(_)
            | Self::RateLimitUnavailable(_)
            | Self::QuotaUnavailable(_)
            | Self::Presign(_) => Some(10),
            Self::Store(error) | Self::Look(error) => store_retry_after(error),
            _ => None,
        }
    }
}

fn wire_names(declared: &[IdName]) -> String {
    let names: Vec<_> = declared.iter().map(|name| format!("`{}`", name.wire_name())).collect();
    if names.is_empty() { "no ids".to_owned() } else { format!("only {}", names.join(", ")) }
}
