//! Why no grant was issued.

use upsign_core::{InvalidExpiresIn, PresignError};
use upsign_policy::{Denied, DeniedKind};

use crate::{NoEntropy, TooMany, Undecided};

/// Why no grant was issued: the caller's doing, or ours.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The policy says no. Theirs: tell the caller [`Denied::code`].
    #[error("the policy does not permit this upload")]
    Denied(#[from] Denied),
    /// The application says no: its [`Authorize`](crate::Authorize). Theirs.
    #[error("the application does not permit this upload")]
    Forbidden,
    /// The application could not say: its [`Authorize`](crate::Authorize) failed. Ours.
    #[error("the application could not say whether this upload is permitted")]
    Undecided(#[from] Undecided),
    /// The caller named an existing id, and no [`Authorize`](crate::Authorize) is there to say whether it is theirs. Ours.
    #[error("the policy lets callers name ids, and nothing says whose they are")]
    NobodyToAsk,
    /// The request names no route, and there are several. Theirs.
    #[error("name the route of the upload")]
    RouteRequired,
    /// There is no route of this name. Theirs.
    #[error("there is no route of this name")]
    RouteUnknown,
    /// The caller is in none of the route's groups, or has none of its scopes. Theirs.
    #[error("the caller may not use this route")]
    RouteForbidden,
    /// Too many requests of one caller. Theirs.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The request could not be signed. Ours: the caller may try again later.
    #[error("the upload could not be signed")]
    Presign(#[from] PresignError),
    /// No random bytes for a fresh id. Ours.
    #[error("no fresh id could be drawn")]
    NoEntropy(#[from] NoEntropy),
    /// The backend signed for longer than a presigned request can live. Ours.
    #[error("the presigned request has an impossible lifetime")]
    Lifetime(#[from] InvalidExpiresIn),
}

impl IssueError {
    /// Whether the service failed, rather than the caller.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        match self {
            Self::Denied(denied) => matches!(denied.kind(), DeniedKind::Fault),
            Self::Forbidden
            | Self::RouteRequired
            | Self::RouteUnknown
            | Self::RouteForbidden
            | Self::TooMany(_) => false,
            Self::Undecided(_)
            | Self::NobodyToAsk
            | Self::Presign(_)
            | Self::NoEntropy(_)
            | Self::Lifetime(_) => true,
        }
    }

    /// A stable name for programs, kebab-case: of a refusal the policy's own ([`Denied::code`]).
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::Forbidden => "forbidden",
            Self::Undecided(_) => "authorization-unavailable",
            Self::RouteRequired => "route-required",
            Self::RouteUnknown => "route-unknown",
            Self::RouteForbidden => "route-forbidden",
            Self::TooMany(_) => "too-many-requests",
            Self::Presign(PresignError::CredentialsTooShort { .. }) => "credentials-too-short",
            Self::Presign(_) => "signing-unavailable",
            Self::NobodyToAsk | Self::NoEntropy(_) | Self::Lifetime(_) => "internal",
        }
    }
}
