//! The reasons for not issuing a grant.

use upsign_core::{InvalidExpiresIn, PresignError};
use upsign_policy::{Denied, DeniedKind};

use crate::authorize::AuthorizeError;
use crate::ids::NoEntropy;
use crate::rate::TooManyRequests;

/// The reason why no grant was issued.
///
/// Each variant is either a *client error* (the caller can change the request) or a *service fault* (the operator has to
/// act). [`is_service_fault`](Self::is_service_fault) distinguishes the two.
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
    /// The request names no route, and the service has only named ones. A client error.
    #[error("the request must name a route")]
    RouteRequired,
    /// The request names a route that does not exist. A client error.
    #[error("the requested route does not exist")]
    RouteUnknown,
    /// The caller is in none of the route's groups, or has none of its scopes. A client error.
    #[error("the caller may not use this route")]
    RouteForbidden,
    /// The caller sent too many requests. A client error; the caller may retry after the stated time.
    #[error(transparent)]
    TooManyRequests(#[from] TooManyRequests),
    /// The request could not be signed, for example because no credentials are available. A service fault; retrying may
    /// help.
    #[error("the upload could not be signed")]
    Presign(#[from] PresignError),
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
            | Self::RouteRequired
            | Self::RouteUnknown
            | Self::RouteForbidden
            | Self::TooManyRequests(_) => false,
            Self::AuthorizerUnavailable(_)
            | Self::MissingAuthorizer
            | Self::Presign(_)
            | Self::NoEntropy(_)
            | Self::Lifetime(_) => true,
        }
    }

    /// Returns a stable kebab-case code for programs. For a denial it is the policy's own code ([`Denied::code`]).
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::Forbidden => "forbidden",
            Self::AuthorizerUnavailable(_) => "authorization-unavailable",
            Self::RouteRequired => "route-required",
            Self::RouteUnknown => "route-unknown",
            Self::RouteForbidden => "route-forbidden",
            Self::TooManyRequests(_) => "too-many-requests",
            Self::Presign(PresignError::CredentialsTooShort { .. }) => "credentials-too-short",
            Self::Presign(_) => "signing-unavailable",
            Self::MissingAuthorizer | Self::NoEntropy(_) | Self::Lifetime(_) => "internal",
        }
    }
}
