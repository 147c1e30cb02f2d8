//! Times and numbers of a poller.

use std::time::Duration;

use upsign_core::Backoff;

/// How a [`Poller`](crate::Poller) receives messages. The defaults suit calls to a store that take seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollOptions {
    pub(crate) wait: Duration,
    pub(crate) lease: Duration,
    pub(crate) handle_limit: Duration,
    pub(crate) concurrent: usize,
    pub(crate) backoff: Backoff,
}

impl Default for PollOptions {
    fn default() -> Self {
        Self {
            wait: Duration::from_secs(20),
            lease: Duration::from_mins(2),
            handle_limit: Duration::from_secs(90),
            concurrent: 16,
            backoff: Backoff::new(Duration::from_secs(1), Duration::from_mins(1)),
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

    /// Sets the pauses after calls that failed in a row. At least half of each is waited for. Default: 1 s, up to 1 minute.
    #[must_use]
    pub const fn with_backoff(self, backoff: Backoff) -> Self {
        Self { backoff, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let options = PollOptions::default();
        let longest = [1, 2, 3, 6, 7, u32::MAX].map(|failures| options.backoff.longest(failures).as_secs());
        assert_eq!(longest, [1, 2, 4, 32, 60, 60]);
    }

    #[test]
    fn handling_ends_before_the_lease() {
        let options = PollOptions::default();
        assert!(options.handle_limit < options.lease);
    }
}
