//! Limits on how often one caller may request uploads.

use std::collections::HashMap;
use std::fmt;
use std::fmt::Debug;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use upsign_core::{Identity, Issuer, Subject, Timestamp};

/// Counts the requests of each caller and refuses those above a limit.
///
/// ```
/// use upsign::{Identity, RateLimit, Timestamp, TooManyRequests, async_trait};
///
/// #[derive(Debug)]
/// struct SharedLimit;
/// # impl SharedLimit {
/// #     async fn increment(&self, _: &str) -> Result<u32, std::io::Error> { Ok(1) }
/// # }
///
/// #[async_trait]
/// impl RateLimit for SharedLimit {
///     async fn count(&self, caller: &Identity, at: Timestamp) -> Result<(), TooManyRequests> {
///         let minute = at.as_unix() / 60;
///         let key = format!("{} {} {minute}", caller.issuer(), caller.subject());
///         // If the store is down, uploads continue without a limit.
///         let requests = self.increment(&key).await.unwrap_or(0);
///         if requests <= 30 { Ok(()) } else { Err(TooManyRequests::new(60)) }
///     }
/// }
/// ```
///
/// A caller is an issuer *and* a subject: two user pools may use the same `sub` for different people.
///
/// [`PerCallerRateLimit`] counts within one process, and [`rate_limit_fn`](crate::rate_limit_fn) makes a limit of a closure.
/// Implement the trait to count in a store that several processes share.
#[async_trait]
pub trait RateLimit: Debug + Send + Sync {
    /// Counts one request of `caller` at the instant `at`.
    ///
    /// Implementations write `async fn count(&self, caller: &Identity, at: Timestamp) -> Result<(), TooManyRequests>`.
    ///
    /// # Errors
    /// Returns [`TooManyRequests`] if this request exceeds the limit. It is then refused and does not count.
    async fn count(&self, caller: &Identity, at: Timestamp) -> Result<(), TooManyRequests>;
}

/// The caller sent too many requests.
///
/// ```
/// use upsign::TooManyRequests;
/// assert_eq!(TooManyRequests::new(30).to_string(), "too many requests: retry after 30 seconds");
/// assert_eq!(TooManyRequests::new(0).retry_after, 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests: retry after {retry_after} seconds")]
#[non_exhaustive]
pub struct TooManyRequests {
    /// Whole seconds after which the next request will be accepted; at least 1. Sent as `Retry-After`.
    pub retry_after: u32,
}

impl TooManyRequests {
    /// Creates the error with a waiting time in seconds. Zero becomes 1, because `Retry-After: 0` would invite a busy
    /// loop.
    #[must_use]
    pub const fn new(retry_after: u32) -> Self {
        Self { retry_after: if retry_after == 0 { 1 } else { retry_after } }
    }
}

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
/// assert_eq!(limit.count(&alice, at).await.unwrap_err().retry_after, 10);
/// assert!(limit.count(&alice, at.saturating_add(10)).await.is_ok());
/// # Ok(())
/// # }
/// ```
pub struct PerCallerRateLimit {
    cells: Cells,
    /// Never held across an `await`.
    callers: Mutex<Callers>,
}

/// The generic cell rate algorithm (GCRA, ITU-T I.371), in integers.
///
/// The state of a caller is one instant: the *theoretical arrival time* (TAT) of its next request if it sent requests at
/// exactly the permitted rate. Each accepted request moves the TAT one interval into the future. A request is accepted as
/// long as the TAT afterwards is at most `burst` intervals ahead of now.
///
/// Instants are counted in units of 1 / `per_minute` seconds. Then one second has `per_minute` units and one interval
/// has exactly 60, so no division is needed and nothing is rounded. `u128` holds every [`Timestamp`] in these units.
#[derive(Clone, Copy)]
struct Cells {
    per_minute: u128,
    burst: u128,
}

#[derive(Default)]
struct Callers {
    arrival: HashMap<(Issuer, Subject), u128>,
    since_sweep: u32,
}

/// Units of one interval between two requests at the permitted rate.
const INTERVAL: u128 = 60;

/// Number of requests between two searches for callers that can be forgotten.
///
/// A search visits every caller while the lock is held, so it must be rare. It must also be frequent enough that the map
/// holds few callers beyond those that are still limited.
const SWEEP_EVERY: u32 = 1_024;

impl PerCallerRateLimit {
    /// Creates a limit of `per_minute` requests per minute, of which up to `burst` may arrive at once.
    #[must_use]
    pub fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        let cells = Cells { per_minute: per_minute.get().into(), burst: burst.get().into() };
        Self { cells, callers: Mutex::default() }
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

impl Cells {
    const fn now(self, at: Timestamp) -> u128 {
        // The product is below 2^70.
        (at.as_unix() as u128).saturating_mul(self.per_minute)
    }

    /// Returns the caller's TAT after a request at `now`, and how long the caller has to wait if the request is refused.
    ///
    /// Invariant: the result is at most `burst` intervals ahead of `now`. A `tat` beyond that can only come from a clock
    /// that has been set back. It is capped, so that a caller never waits longer than one interval even then.
    const fn next(self, tat: u128, now: u128) -> (u128, Option<TooManyRequests>) {
        let latest = now.saturating_add(INTERVAL.saturating_mul(self.burst));
        let tat = if tat < now { now } else { tat };
        let tat = if tat > latest { latest } else { tat };
        let next = tat.saturating_add(INTERVAL);
        if next <= latest {
            return (next, None);
        }
        let wait = next.saturating_sub(latest).div_ceil(self.per_minute);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the wait is at most one interval, which is 60 seconds"
        )]
        (tat, Some(TooManyRequests::new(wait as u32)))
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
    async fn count(&self, caller: &Identity, at: Timestamp) -> Result<(), TooManyRequests> {
        let now = self.cells.now(at);
        let key = (caller.issuer().clone(), caller.subject().clone());
        let mut callers = self.callers();
        callers.sweep(now);
        let tat = callers.arrival.entry(key).or_insert(now);
        let (next, refused) = self.cells.next(*tat, now);
        *tat = next;
        refused.map_or(Ok(()), Err)
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

    fn limit(per_minute: u32, burst: u32) -> PerCallerRateLimit {
        PerCallerRateLimit::new(NonZeroU32::new(per_minute).unwrap(), NonZeroU32::new(burst).unwrap())
    }

    fn caller(name: &str) -> Identity {
        Identity::from_verified("https://issuer.example", name).unwrap()
    }

    /// Sends one request at each instant and compares the waiting times; 0 is an accepted request.
    #[track_caller]
    fn check(per_minute: u32, burst: u32, requests: &[(u64, u32)]) {
        let cells = limit(per_minute, burst).cells;
        let mut tat = 0;
        for &(seconds, expected) in requests {
            let now = cells.now(Timestamp::from_unix(1_700_000_000 + seconds).unwrap());
            let (next, refused) = cells.next(tat, now);
            assert_eq!(refused.map_or(0, |refused| refused.retry_after), expected, "after {seconds} s");
            tat = next;
        }
    }

    #[test]
    fn retry_after_is_exact() {
        check(2, 3, &[(0, 0), (0, 0), (0, 0), (0, 30), (29, 1), (30, 0), (30, 30), (45, 15), (60, 0)]);
        check(7, 1, &[(0, 0), (0, 9), (8, 1), (9, 0)]);
        check(600, 2, &[(0, 0), (0, 0), (0, 1), (1, 0), (1, 0), (1, 1)]);
    }

    #[test]
    fn rate_holds_in_the_long_run() {
        let cells = limit(7, 3).cells;
        let (mut tat, mut accepted) = (0, 0);
        for second in 0..3_600 {
            let now = cells.now(Timestamp::from_unix(1_700_000_000 + second).unwrap());
            let (next, refused) = cells.next(tat, now);
            tat = next;
            accepted += u32::from(refused.is_none());
        }
        assert!((7 * 60..=7 * 60 + 3).contains(&accepted), "{accepted}");
    }

    #[tokio::test]
    async fn clock_set_back_does_not_lock_callers_out() {
        let (limit, alice) = (limit(2, 1), caller("alice"));
        let after = Timestamp::from_unix(1_700_000_000).unwrap();
        let before = Timestamp::from_unix(1_700_000_000 - 86_400).unwrap();
        assert_eq!(limit.count(&alice, after).await, Ok(()));
        assert_eq!(limit.count(&alice, before).await, Err(TooManyRequests::new(30)));
        assert_eq!(limit.count(&alice, before.saturating_add(30)).await, Ok(()));
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
