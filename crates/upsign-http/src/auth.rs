//! Who is asking, as the door tells.

use async_trait::async_trait;
use http::HeaderMap;
use upsign_core::{Identity, Timestamp};

/// Finds out who sends a request. A door brings its own: a token verifier, or what an API gateway has already checked.
#[async_trait]
pub trait Authenticate: Send + Sync {
    /// The caller, judged at the instant `at`.
    ///
    /// # Errors
    /// [`Unauthenticated`].
    async fn authenticate(&self, headers: &HeaderMap, at: Timestamp) -> Result<Identity, Unauthenticated>;
}

/// Why nobody could be told apart from anybody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unauthenticated {
    /// The request proves no identity: 401, with the same body for every reason.
    #[error("refused: {reason}")]
    Refused {
        /// The reason's stable code, for the operator's log and metrics.
        code: &'static str,
        /// The reason in words, for the operator. Holds no part of a token.
        reason: String,
    },
    /// It cannot be found out at the moment: 503.
    #[error("unavailable: {reason}")]
    Unavailable {
        /// The reason in words, for the operator.
        reason: String,
    },
}
