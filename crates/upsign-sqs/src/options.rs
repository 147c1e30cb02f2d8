//! Times and numbers of a poller.

use std::time::Duration;

/// How a [`Poller`](crate::Poller) receives messages. The defaults suit calls to a store that take seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollOptions {
    pub(crate) wait: Duration,
    pub(crate) lease: Duration,
    pub(crate) handle_limit: Duration,
    pub(crate) concurrent: usize,
    pub(crate) first_pause: Duration,
    pub(crate) max_pause: Duration,
}

impl Default for PollOptions {
    fn default() -> Self {
        Self {
            wait: Duration::from_secs(20),
            lease: Duration::from_mins(2),
            handle_limit: Duration::from_secs(90),
            concurrent: 16,
            first_pause: Duration::from_secs(1),
            max_pause: Duration::from_mins(1),
        }
    }
}

impl PollOptions {
    /// Sets how long a call waits for a message: from 0 to 20 s. Default: 20 s, because each call costs.
    #[must_use]
    pub const fn with_wait(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// Sets for how long a message that was received is hidden from other receivers, and after which time it is delivered again if this
    /// process dies. Default: 2 minutes.
    #[must_use]
    pub const fn with_lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Limits the handling of one message. It must be shorter than the lease, so that a message is not handled twice at the same time.
    /// Default: 90 s.
    #[must_use]
    pub const fn with_handle_limit(self, handle_limit: Duration) -> Self {
        Self { handle_limit, ..self }
    }

    /// Sets how many messages are handled at the same time. At least 1. Default: 16.
    #[must_use]
    pub fn with_concurrency(self, concurrent: usize) -> Self {
        Self { concurrent: concurrent.max(1), ..self }
    }

    /// Sets the pause after a call that failed, and the longest pause, up to which it doubles. Default: 1 s and 1 minute.
    #[must_use]
    pub const fn with_pauses(self, first: Duration, longest: Duration) -> Self {
        Self { first_pause: first, max_pause: longest, ..self }
    }

    /// Returns the pause after a number of failures in a row, from 1 on. Half of it is random, so that several processes do not call at
    /// one instant when an outage ends.
    pub(crate) fn pause(&self, failures: u32, random: u64) -> Duration {
        let doubled = self.first_pause.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let half = doubled.min(self.max_pause) / 2;
        half + half / 1_000 * u32::try_from(random % 1_001).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_have_a_random_half() {
        let options = PollOptions::default();
        let longest = [1, 2, 3, 6, 7, u32::MAX].map(|failures| options.pause(failures, 1_000).as_secs());
        assert_eq!(longest, [1, 2, 4, 32, 60, 60]);
        assert_eq!(options.pause(1, 0), Duration::from_millis(500));
    }

    #[test]
    fn handling_ends_before_the_lease() {
        let options = PollOptions::default();
        assert!(options.handle_limit < options.lease);
    }
}
