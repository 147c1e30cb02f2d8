//! A rate limit in the memory of one process.

use std::collections::HashMap;
use std::fmt::{self, Debug};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use upsign_core::{Identity, Issuer, Subject, Timestamp};

use crate::rate::gcra::Rate;
use crate::rate::{RateLimit, RateLimitError};

/// A limit on the requests per minute of each caller, held in the memory of this process.
///
/// Each process counts separately: two servers accept twice as many requests, and every Lambda instance is a process.
/// Time is the instant of the request (`at`), so the limit uses the same clock as everything else and tests can fix it.
///
/// A caller's entry, about 200 bytes, is removed some time after its whole burst has become available again, which takes
/// `burst` / `per_minute` minutes without a request. The memory in use therefore depends on the number of recent callers.
///
/// ```
/// use std::num::NonZeroU32;
/// use upsign::types::{Identity, Timestamp};
/// use upsign::{PerCallerRateLimit, RateLimit};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let limit = PerCallerRateLimit::new(NonZeroU32::new(6).unwrap(), NonZeroU32::new(2).unwrap());
/// let alice = Identity::from_verified("https://issuer.example", "alice")?;
/// let at: Timestamp = "2026-01-01T00:00:00Z".parse()?;
/// assert!(limit.count(&alice, at).await.is_ok());
/// assert!(limit.count(&alice, at).await.is_ok());
/// let refused = limit.count(&alice, at).await.unwrap_err();
/// assert_eq!(refused.to_string(), "too many requests: retry after 10 seconds");
/// assert!(limit.count(&alice, at.saturating_add(10)).await.is_ok());
/// # Ok(())
/// # }
/// ```
pub struct PerCallerRateLimit {
    rate: Rate,
    /// Never held across an `await`.
    callers: Mutex<Callers>,
}

#[derive(Default)]
struct Callers {
    arrival: HashMap<(Issuer, Subject), u128>,
    since_sweep: u32,
}

/// Number of requests between two searches for callers that can be forgotten.
///
/// A search visits every caller while the lock is held, so it must be rare. It must also be frequent enough that the map
/// holds few callers beyond those that are still limited.
const SWEEP_EVERY: u32 = 1_024;

impl PerCallerRateLimit {
    /// Creates a limit of `per_minute` requests per minute, of which up to `burst` may arrive at once.
    #[must_use]
    pub fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        Self { rate: Rate::new(per_minute, burst), callers: Mutex::default() }
    }

    /// Returns the number of callers in memory.
    #[must_use]
    pub fn tracked_callers(&self) -> usize {
        self.callers().arrival.len()
    }

    /// A panic cannot leave the map half-changed, so a poisoned lock is safe to use.
    fn callers(&self) -> MutexGuard<'_, Callers> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Callers {
    /// Forgets every caller whose TAT has passed: its state equals that of a caller who was never seen.
    fn sweep(&mut self, now: u128) {
        self.since_sweep = self.since_sweep.wrapping_add(1);
        if self.since_sweep.is_multiple_of(SWEEP_EVERY) {
            self.arrival.retain(|_, tat| *tat > now);
            self.arrival.shrink_to(self.arrival.len().saturating_mul(2));
        }
    }
}

#[async_trait]
impl RateLimit for PerCallerRateLimit {
    async fn count(&self, caller: &Identity, at: Timestamp) -> Result<(), RateLimitError> {
        let key = (caller.issuer().clone(), caller.subject().clone());
        let mut callers = self.callers();
        callers.sweep(self.rate.units(at));
        let tat = callers.arrival.entry(key).or_insert(0);
        let (next, refused) = self.rate.after(*tat, at);
        *tat = next;
        refused.map_or(Ok(()), |refused| Err(refused.into()))
    }
}

impl Debug for PerCallerRateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerCallerRateLimit")
            .field("tracked_callers", &self.tracked_callers())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::TooManyRequests;

    fn limit(per_minute: u32, burst: u32) -> PerCallerRateLimit {
        PerCallerRateLimit::new(NonZeroU32::new(per_minute).unwrap(), NonZeroU32::new(burst).unwrap())
    }

    fn caller(name: &str) -> Identity {
        Identity::from_verified("https://issuer.example", name).unwrap()
    }

    #[tokio::test]
    async fn clock_set_back_does_not_lock_callers_out() {
        let (limit, alice) = (limit(2, 1), caller("alice"));
        let after = Timestamp::from_unix(1_700_000_000).unwrap();
        let before = Timestamp::from_unix(1_700_000_000 - 86_400).unwrap();
        assert!(limit.count(&alice, after).await.is_ok());
        let refused = limit.count(&alice, before).await.unwrap_err();
        assert_eq!(refused.too_many(), Some(TooManyRequests::new(30)));
        assert!(limit.count(&alice, before.saturating_add(30)).await.is_ok());
    }

    #[tokio::test]
    async fn idle_callers_are_forgotten() {
        let limit = limit(60, 2);
        let at = Timestamp::from_unix(1_700_000_000).unwrap();
        for index in 0..1_000 {
            limit.count(&caller(&index.to_string()), at).await.unwrap();
        }
        assert_eq!(limit.tracked_callers(), 1_000);
        for _ in 0..SWEEP_EVERY {
            let _ = limit.count(&caller("busy"), at.saturating_add(1)).await;
        }
        assert_eq!(limit.tracked_callers(), 1);
    }
}
