//! Where fresh ids come from.

use std::fmt::Debug;

use upsign_core::Timestamp;
use uuid::Uuid;

/// Draws the ids that make keys unguessable.
///
/// An id must hold at least 64 bits that nobody can predict: whoever guesses a key can ask for what lies under it.
pub trait IdSource: Debug + Send + Sync {
    /// A fresh id for a request of the instant `at`.
    ///
    /// # Errors
    /// [`NoEntropy`] when no random bytes can be had.
    fn next(&self, at: Timestamp) -> Result<Uuid, NoEntropy>;
}

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
#[non_exhaustive]
pub struct NoEntropy;

impl NoEntropy {
    /// For an [`IdSource`] of your own.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "an error is made on purpose")]
    pub const fn new() -> Self {
        Self
    }
}
