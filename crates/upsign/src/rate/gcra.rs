//! A rate and its algorithm.

use std::num::NonZeroU32;

use upsign_core::Timestamp;

use crate::rate::TooManyRequests;

/// Units of one interval between two requests at the permitted rate.
const INTERVAL: u128 = 60;

/// A number of requests per minute, and how many of them may arrive at once.
///
/// ```
/// use std::num::NonZeroU32;
/// use upsign::{Rate, Timestamp};
///
/// let rate = Rate::new(NonZeroU32::new(6).unwrap(), NonZeroU32::new(2).unwrap());
/// let at: Timestamp = "2026-01-01T00:00:00Z".parse()?;
/// let (first, _) = rate.after(0, at);
/// let (second, _) = rate.after(first, at);
/// let (third, refused) = rate.after(second, at);
/// assert_eq!((third, refused.map(|refused| refused.retry_after)), (second, Some(10)));
/// # Ok::<(), upsign::types::InvalidTimestamp>(())
/// ```
///
/// # Algorithm
///
/// The generic cell rate algorithm (GCRA, ITU-T I.371), in integers. The state of a caller is one instant: the *theoretical
/// arrival time* (TAT) of its next request if it sent requests at exactly the permitted rate. Each accepted request moves the
/// TAT one [interval](Self::INTERVAL) into the future. A request is accepted as long as the TAT afterwards is at most `burst`
/// intervals ahead of now.
///
/// Instants are counted in units of 1 / `per_minute` seconds. Then one second has `per_minute` units and one interval has
/// exactly 60, so no division is needed and nothing is rounded. `u128` holds every [`Timestamp`] in these units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    per_minute: NonZeroU32,
    burst: NonZeroU32,
}

impl Rate {
    /// Units of one interval between two requests at the permitted rate.
    pub const INTERVAL: u128 = INTERVAL;

    /// Creates a rate of `per_minute` requests per minute, of which up to `burst` may arrive at once.
    #[must_use]
    pub const fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        Self { per_minute, burst }
    }

    /// Returns the number of requests per minute.
    #[must_use]
    pub const fn per_minute(self) -> u32 {
        self.per_minute.get()
    }

    /// Returns the number of requests that may arrive at once.
    #[must_use]
    pub const fn burst(self) -> u32 {
        self.burst.get()
    }

    /// Returns an instant in units of 1 / `per_minute` seconds, for a store that calculates by itself.
    #[must_use]
    pub const fn units(self, at: Timestamp) -> u128 {
        // The product is below 2^70.
        (at.as_unix() as u128).saturating_mul(self.per_minute.get() as u128)
    }

    /// Returns the latest TAT of a caller at this instant: `burst` intervals ahead.
    #[must_use]
    pub const fn latest(self, at: Timestamp) -> u128 {
        self.units(at).saturating_add(INTERVAL.saturating_mul(self.burst.get() as u128))
    }

    /// Returns the instant from which a caller with this TAT is in the same state as a new one, for a store that forgets callers.
    #[must_use]
    pub fn idle_at(self, tat: u128) -> Timestamp {
        let seconds = tat.div_ceil(self.per_minute.get().into());
        u64::try_from(seconds).ok().and_then(Timestamp::from_unix).unwrap_or(Timestamp::MAX)
    }

    /// Returns the caller's TAT after a request at `at`, and how long the caller has to wait if the request is refused.
    /// The TAT of a new caller is 0.
    ///
    /// The result is at most `burst` intervals ahead of `at`. A `tat` beyond that can only come from a clock that has been set
    /// back. It is capped, so that a caller never waits longer than one interval even then.
    #[must_use]
    pub const fn after(self, tat: u128, at: Timestamp) -> (u128, Option<TooManyRequests>) {
        let (now, latest) = (self.units(at), self.latest(at));
        let tat = if tat < now { now } else { tat };
        let tat = if tat > latest { latest } else { tat };
        let next = tat.saturating_add(INTERVAL);
        if next <= latest {
            return (next, None);
        }
        let wait = next.saturating_sub(latest).div_ceil(self.per_minute.get() as u128);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the wait is at most one interval, which is 60 seconds"
        )]
        (tat, Some(TooManyRequests::new(wait as u32)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(per_minute: u32, burst: u32) -> Rate {
        Rate::new(NonZeroU32::new(per_minute).unwrap(), NonZeroU32::new(burst).unwrap())
    }

    fn after(seconds: u64) -> Timestamp {
        Timestamp::from_unix(1_700_000_000 + seconds).unwrap()
    }

    /// Sends one request at each instant and compares the waiting times; 0 is an accepted request.
    #[track_caller]
    fn check(per_minute: u32, burst: u32, requests: &[(u64, u32)]) {
        let rate = rate(per_minute, burst);
        let mut tat = 0;
        for &(seconds, expected) in requests {
            let (next, refused) = rate.after(tat, after(seconds));
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
        let rate = rate(7, 3);
        let (mut tat, mut accepted) = (0, 0);
        for second in 0..3_600 {
            let (next, refused) = rate.after(tat, after(second));
            tat = next;
            accepted += u32::from(refused.is_none());
        }
        assert!((7 * 60..=7 * 60 + 3).contains(&accepted), "{accepted}");
    }
}
