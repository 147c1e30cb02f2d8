//! Why no grant was issued.

use upsign_core::{InvalidExpiresIn, PresignError};
use upsign_policy::Denied;

use crate::NoEntropy;

/// Why no grant was issued: the caller's doing, or ours.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The policy says no. Theirs: tell the caller [`Denied::code`].
    #[error("the policy does not permit this upload")]
    Denied(#[from] Denied),
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
