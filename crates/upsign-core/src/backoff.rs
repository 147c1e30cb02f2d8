//! Pauses between attempts.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// Pauses that double with each failed attempt up to a limit. A part of each is random, so that programs that failed at one instant
/// do not call again at one instant.
///
/// Source: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>.
///
/// ```
/// use std::time::Duration;
/// use upsign_core::Backoff;
///
/// const BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
///
/// assert_eq!(BACKOFF.longest(3), Duration::from_millis(400));
/// assert_eq!(BACKOFF.longest(100), Duration::from_secs(5));
/// assert!(BACKOFF.pause(3) <= Duration::from_millis(400));
/// assert!(BACKOFF.pause_from_half(3) >= Duration::from_millis(200));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    limit: Duration,
}

impl Backoff {
    /// Creates pauses of up to `first` after the first attempt, and of up to `limit` after all others.
    #[must_use]
    pub const fn new(first: Duration, limit: Duration) -> Self {
        Self { first, limit }
    }

    /// Returns the longest pause after a number of failed attempts, from 1 on.
    #[must_use]
    pub fn longest(self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(16);
        self.first.saturating_mul(1 << doublings).min(self.limit)
    }

    /// Returns a random pause from zero to [`longest`](Self::longest). It spreads calls best that disturb each other.
    #[must_use]
    pub fn pause(self, attempts: u32) -> Duration {
        share(self.longest(attempts), random())
    }

    /// Returns a random pause from half of [`longest`](Self::longest) to all of it, for a service that needs time to recover.
    #[must_use]
    pub fn pause_from_half(self, attempts: u32) -> Duration {
        let half = self.longest(attempts) / 2;
        half + share(half, random())
    }
}

/// Returns a part of a duration, in steps of a thousandth.
fn share(of: Duration, random: u64) -> Duration {
    of / 1_000 * u32::try_from(random % 1_001).unwrap_or_default()
}

/// Returns a random number that is not secret.
pub(crate) fn random() -> u64 {
    // The keys of a `RandomState` are random numbers of the operating system, so no other crate is needed.
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));

    #[test]
    fn longest_pauses_double_up_to_a_limit() {
        let longest =
            [0, 1, 2, 3, 4, 6, 7, 20, u32::MAX].map(|attempts| BACKOFF.longest(attempts).as_millis());
        assert_eq!(longest, [100, 100, 200, 400, 800, 3_200, 5_000, 5_000, 5_000]);
        let unbounded = Backoff::new(Duration::MAX, Duration::MAX);
        assert_eq!(unbounded.longest(u32::MAX), Duration::MAX);
    }

    #[test]
    fn pauses_are_within_their_bounds_and_spread() {
        for attempts in [1, 3, 9] {
            let longest = BACKOFF.longest(attempts);
            let pauses: Vec<Duration> = (0..200).map(|_| BACKOFF.pause(attempts)).collect();
            assert!(pauses.iter().all(|pause| *pause <= longest));
            assert!(pauses.iter().any(|pause| *pause > longest / 2));
            assert!(pauses.iter().any(|pause| *pause < longest / 2));
            let late: Vec<Duration> = (0..200).map(|_| BACKOFF.pause_from_half(attempts)).collect();
            assert!(late.iter().all(|pause| *pause >= longest / 2 && *pause <= longest));
            assert!(late.iter().any(|pause| *pause > longest / 4 * 3));
        }
    }

    #[test]
    fn shares_reach_both_ends() {
        let second = Duration::from_secs(1);
        assert_eq!(
            [0, 500, 1_000, 1_001].map(|random| share(second, random).as_millis()),
            [0, 500, 1_000, 0]
        );
    }

    #[test]
    fn random_numbers_differ() {
        let numbers: std::collections::HashSet<u64> = (0..100).map(|_| random() % 1_001).collect();
        assert!(numbers.len() > 50, "{}", numbers.len());
    }
}
