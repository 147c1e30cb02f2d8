//! Authentication: the trait that identifies the caller of a request.

use async_trait::async_trait;
use http::HeaderMap;
use upsign_core::{Identity, Timestamp};

/// Identifies the caller of a request.
///
/// [`BearerToken`](crate::BearerToken) verifies a token in the request's headers. An adapter behind an API gateway instead
/// passes on the identity that the gateway's authorizer has verified.
#[async_trait]
pub trait Authenticate: Send + Sync {
    /// Returns the verified caller of a request with these headers, judged at the instant `at`.
    ///
    /// # Errors
    /// Returns [`AuthenticateError::Rejected`] if the request proves no identity, and
    /// [`AuthenticateError::Unavailable`] if that cannot be checked at the moment.
    async fn authenticate(&self, headers: &HeaderMap, at: Timestamp) -> Result<Identity, AuthenticateError>;
}

/// The reason why a request has no verified caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthenticateError {
    /// The request proves no identity. The client receives 401, with the same body for every reason, so that it cannot
    /// find out which check failed.
    #[error("authentication rejected: {reason}")]
    Rejected {
        /// The stable code of the failed check, for the operator's log.
        code: &'static str,
        /// The failed check in words, for the operator's log. Contains no part of a token.
        reason: String,
    },
    /// The identity cannot be checked at the moment, for example because the issuer's keys cannot be fetched. The client
    /// receives 503 with `Retry-After`.
    #[error("authentication unavailable: {reason}")]
    Unavailable {
        /// The failure in words, for the operator's log.
        reason: String,
    },
}
