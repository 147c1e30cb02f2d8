//! Repeating attempts that failed.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use upsign_core::{Backoff, Presigner, Timestamp};

use crate::error::{CallFailure, ObjectError};
use crate::http::HttpObjects;
use crate::http::wire::{Answer, AttemptLimit, Prepared, Repeat};

const BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));

/// When a call began, and when it must have ended.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    at: Timestamp,
    began: Instant,
    limit: Duration,
}

impl Clock {
    /// Starts the clock of a call that begins at `at`.
    pub(super) fn start(at: Timestamp, limit: Duration) -> Self {
        Self { at, began: Instant::now(), limit }
    }

    /// Returns the time: that of the caller, and what has passed since.
    fn now(&self) -> Timestamp {
        self.at.saturating_add(self.began.elapsed().as_secs())
    }

    /// Returns the time that is left.
    pub(super) fn left(&self) -> Duration {
        self.limit.saturating_sub(self.began.elapsed())
    }
}

/// A failed attempt.
pub(super) struct Failed {
    pub(super) failure: CallFailure,
    /// Whether the store certainly did nothing.
    pub(super) had_no_effect: bool,
}

impl<P: Presigner> HttpObjects<P> {
    /// Sends a request until it succeeds, cannot be repeated, or the limits are reached.
    pub(super) async fn send(&self, prepared: &Prepared, clock: Clock) -> Result<Answer, ObjectError> {
        let limit = match prepared.limit {
            AttemptLimit::Short => self.limits.attempt,
            AttemptLimit::Long => self.limits.long_attempt,
        };
        let (mut attempts, mut is_uncertain) = (0, false);
        loop {
            attempts += 1;
            let limit = limit.min(clock.left());
            let result = timeout(limit, self.attempt(prepared, clock.now())).await;
            let failed = match result {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failed)) => failed,
                Err(_) => Failed { failure: CallFailure::Timeout(limit), had_no_effect: false },
            };
            is_uncertain |= !failed.had_no_effect && !prepared.is_read();
            let is_safe = failed.had_no_effect || prepared.repeat == Repeat::Always;
            let error = ObjectError::new(prepared.operation.name(), failed.failure)
                .with_attempts(attempts)
                .with_uncertainty(is_uncertain);
            let pause = pause(attempts, error.retry_after());
            // An attempt that ends soon after it was sent is worse than none, because its outcome is not known.
            let is_too_late = pause.saturating_add(self.limits.attempt / 2) > clock.left();
            if !is_safe || !error.retry_may_help() || attempts >= self.max_attempts || is_too_late {
                return Err(error);
            }
            sleep(pause).await;
        }
    }
}

/// Returns the pause after this many attempts: random, and not shorter than the store demands.
fn pause(attempts: u32, retry_after: Option<u32>) -> Duration {
    let pause = BACKOFF.pause(attempts);
    retry_after.map_or(pause, |seconds| pause.saturating_add(Duration::from_secs(seconds.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let longest = [1, 2, 3, 4, 7, 20, u32::MAX].map(|attempts| BACKOFF.longest(attempts).as_millis());
        assert_eq!(longest, [100, 200, 400, 800, 5_000, 5_000, 5_000]);
        assert!((0..100).all(|_| pause(3, None) <= BACKOFF.longest(3)));
    }

    #[test]
    fn pauses_are_not_shorter_than_the_store_demands() {
        let pauses: Vec<Duration> = (0..100).map(|_| pause(1, Some(7))).collect();
        assert!(pauses.iter().all(|pause| (7_000..=7_100).contains(&pause.as_millis())), "{pauses:?}");
        assert!(pause(u32::MAX, Some(u32::MAX)) >= Duration::from_secs(u32::MAX.into()));
    }
}
