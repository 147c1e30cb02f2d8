//! Sources of new ids.

use std::fmt::Debug;

use upsign_core::Timestamp;
use uuid::Uuid;

/// Generates the ids that make object keys unique and unguessable.
///
/// An id must contain at least 64 bits that an attacker cannot predict: object keys must not be guessable, because a key
/// is all that a client needs to request an object from a public bucket or a CDN.
///
/// [`RandomIds`](crate::RandomIds) and [`TimeOrderedIds`](crate::TimeOrderedIds) are the two implementations in this
/// crate. Implement the trait to use your own ids, or fixed ids in tests.
///
/// ```
/// use upsign::policy::uuid_v4;
/// use upsign::{IdSource, NoEntropy, Timestamp, Uuid};
///
/// /// Ids with the random bytes of a hardware module.
/// #[derive(Debug)]
/// struct HardwareIds;
/// # impl HardwareIds {
/// #     fn read(&self) -> Result<[u8; 16], std::io::Error> { Ok([7; 16]) }
/// # }
///
/// impl IdSource for HardwareIds {
///     fn next(&self, _at: Timestamp) -> Result<Uuid, NoEntropy> {
///         self.read().map(uuid_v4).map_err(|_| NoEntropy::new())
///     }
/// }
/// # assert!(HardwareIds.next(Timestamp::UNIX_EPOCH).is_ok());
/// ```
pub trait IdSource: Debug + Send + Sync {
    /// Returns a new id for a request that is judged at the instant `at`.
    ///
    /// # Errors
    /// Returns [`NoEntropy`] if no random bytes are available.
    fn next(&self, at: Timestamp) -> Result<Uuid, NoEntropy>;
}

/// The operating system returned no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system returned no random bytes")]
#[non_exhaustive]
pub struct NoEntropy;

impl NoEntropy {
    /// Creates the error, for implementations of [`IdSource`] outside this crate.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "an error has no default")]
    pub const fn new() -> Self {
        Self
    }
}
