//! How often one caller may ask.

use std::fmt::Debug;

use async_trait::async_trait;
use upsign_core::{Identity, Timestamp};

/// Counts the requests of each caller. A caller is issuer *and* subject: two pools with one `sub` are two people.
#[async_trait]
pub trait RateLimit: Debug + Send + Sync {
    /// Counts one request of `who`.
    ///
    /// # Errors
    /// [`TooMany`] when it is one too many.
    async fn count(&self, who: &Identity, at: Timestamp) -> Result<(), TooMany>;
}

/// A caller asks too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests: try again in {retry_after} seconds")]
#[non_exhaustive]
pub struct TooMany {
    /// Whole seconds until the next request is let through, at least 1.
    pub retry_after: u32,
}

impl TooMany {
    /// Until so many seconds have passed; 0 is read as 1.
    #[must_use]
    pub const fn until(seconds: u32) -> Self {
        Self { retry_after: if seconds == 0 { 1 } else { seconds } }
    }
}

#[cfg(feature = "rate-limit")]
pub use in_memory::PerCaller;

#[cfg(feature = "rate-limit")]
mod in_memory {
    use std::fmt;
    use std::num::NonZeroU32;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use async_trait::async_trait;
    use governor::clock::{Clock, DefaultClock};
    use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
    use upsign_core::{Identity, Issuer, Subject, Timestamp};

    use super::{RateLimit, TooMany};

    /// So many requests a minute for each caller, counted in this process's memory: two processes let a caller through
    /// twice as often, and every Lambda instance is a process of its own. Measured by the process's steady clock (GCRA, by
    /// the crate `governor`).
    ///
    /// A caller who has been quiet for long enough to have a full burst again is forgotten: the memory is that of the
    /// callers of the last minutes, about 200 bytes each.
    pub struct PerCaller {
        limiter: DefaultKeyedRateLimiter<(Issuer, Subject)>,
        clock: DefaultClock,
        since_swept: AtomicU32,
    }

    /// So often the callers are looked through for those to forget.
    const SWEEP_EVERY: u32 = 1_024;

    impl PerCaller {
        /// `per_minute` requests a minute, of which `burst` may come at once.
        #[must_use]
        pub fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
            let quota = Quota::per_minute(per_minute).allow_burst(burst);
            Self {
                limiter: RateLimiter::keyed(quota),
                clock: DefaultClock::default(),
                since_swept: AtomicU32::new(0),
            }
        }

        /// How many callers are remembered.
        #[must_use]
        pub fn remembered(&self) -> usize {
            self.limiter.len()
        }

        fn sweep(&self) {
            if self.since_swept.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
                self.limiter.retain_recent();
                self.limiter.shrink_to_fit();
            }
        }
    }

    #[async_trait]
    impl RateLimit for PerCaller {
        async fn count(&self, who: &Identity, _at: Timestamp) -> Result<(), TooMany> {
            self.sweep();
            let key = (who.issuer().clone(), who.subject().clone());
            self.limiter.check_key(&key).map_err(|until| {
                let wait = until.wait_time_from(self.clock.now());
                let whole = wait.saturating_add(Duration::from_millis(999)).as_secs();
                TooMany::until(u32::try_from(whole).unwrap_or(u32::MAX))
            })
        }
    }

    impl fmt::Debug for PerCaller {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("PerCaller").field("remembered", &self.remembered()).finish_non_exhaustive()
        }
    }
}
