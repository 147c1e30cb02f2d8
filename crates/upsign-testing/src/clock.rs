//! A clock that tests set.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use upsign::Clock;
use upsign_core::Timestamp;

/// A clock that shows the time that the test has set. Clones share the time.
///
/// ```
/// use upsign::Clock;
/// use upsign_testing::FixedClock;
///
/// let clock = FixedClock::new("2026-01-01T00:00:00Z");
/// // Give `clock.clone()` to the service, and keep this handle.
/// clock.advance(900);
/// assert_eq!(clock.now().to_string(), "2026-01-01T00:15:00Z");
/// ```
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<AtomicU64>);

impl FixedClock {
    /// Creates a clock that shows `at`, a time such as `2026-01-01T00:00:00Z`.
    ///
    /// # Panics
    /// Panics if `at` is not a time.
    #[must_use]
    pub fn new(at: &str) -> Self {
        Self::at(at.parse().unwrap_or_else(|error| panic!("{at:?}: {error}")))
    }

    /// Creates a clock that shows `at`.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(at.as_unix())))
    }

    /// Sets the time, which may go back.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.as_unix(), Ordering::SeqCst);
    }

    /// Moves the time forward.
    pub fn advance(&self, seconds: u64) {
        self.set(self.now().saturating_add(seconds));
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(Ordering::SeqCst)).unwrap()
    }
}
