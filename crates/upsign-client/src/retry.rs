//! Pauses between attempts.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// How often a request is repeated, and how long the pauses are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retries {
    /// Maximum number of repetitions.
    pub(crate) max: u32,
    /// The longest pause before the first repetition. It doubles with each further one.
    pub(crate) first: Duration,
}

/// The longest pause, unless the server demands a longer one.
const MAX_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause that a server may demand.
const MAX_DEMAND: Duration = Duration::from_secs(120);

impl Retries {
    /// Returns the pause before the next attempt: random from zero up to a limit that doubles ("full jitter",
    /// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>), and at least what the server demands. Returns
    /// `None` after the last attempt. `attempts` have failed.
    pub(crate) fn pause(self, attempts: u32, demand: Option<Duration>) -> Option<Duration> {
        if attempts > self.max {
            return None;
        }
        let doublings = attempts.saturating_sub(1).min(16);
        let longest = self.first.saturating_mul(1 << doublings).min(MAX_PAUSE);
        let share = u32::try_from(random() % 1_001).unwrap_or_default();
        let pause = longest.saturating_mul(share) / 1_000;
        Some(pause.saturating_add(demand.unwrap_or_default().min(MAX_DEMAND)))
    }
}

/// Returns a random number that is not secret.
pub(crate) fn random() -> u64 {
    // The keys of a `RandomState` are random numbers of the operating system, so no other crate is needed.
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRIES: Retries = Retries { max: 8, first: Duration::from_millis(200) };

    #[test]
    fn pauses_grow_up_to_a_limit() {
        for (attempts, longest) in [(1, 200), (2, 400), (3, 800), (7, 10_000), (8, 10_000)] {
            let pauses: Vec<Duration> = (0..200).filter_map(|_| RETRIES.pause(attempts, None)).collect();
            assert_eq!(pauses.len(), 200);
            assert!(pauses.iter().all(|pause| pause.as_millis() <= longest), "{attempts}");
            assert!(pauses.iter().any(|pause| pause.as_millis() > longest / 2), "{attempts}");
        }
    }

    #[test]
    fn last_attempt_is_not_repeated() {
        assert_eq!(RETRIES.pause(9, None), None);
        assert_eq!(Retries { max: 0, ..RETRIES }.pause(1, Some(Duration::from_secs(1))), None);
    }

    #[test]
    fn pauses_are_not_shorter_than_the_server_demands() {
        let pause = RETRIES.pause(1, Some(Duration::from_secs(7))).unwrap();
        assert!((7_000..=7_200).contains(&pause.as_millis()), "{pause:?}");
        assert!(RETRIES.pause(1, Some(Duration::MAX)).unwrap() <= MAX_DEMAND + Duration::from_millis(200));
    }
}
