//! Whether a queue can be read.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::QueueError;

/// What a poller knows about its queue. [`Poller::status`](crate::Poller::status) returns it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PollStatus {
    /// Since when calls to receive messages have failed; `None` if the last one succeeded, or there was none yet.
    pub failing_for: Option<Duration>,
    /// The error of the last call that failed, while they fail.
    pub error: Option<Box<str>>,
    /// The number of calls to receive messages that failed.
    pub total_failures: u64,
}

#[derive(Debug, Default)]
struct State {
    failing_since: Option<Instant>,
    error: Option<Box<str>>,
    total_failures: u64,
}

/// The state that a poller and its observers share.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedStatus(Arc<Mutex<State>>);

impl SharedStatus {
    pub(crate) fn get(&self) -> PollStatus {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        PollStatus {
            failing_for: state.failing_since.map(|since| since.elapsed()),
            error: state.error.clone(),
            total_failures: state.total_failures,
        }
    }

    pub(crate) fn failed(&self, error: &QueueError) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failing_since.get_or_insert_with(Instant::now);
        state.error = Some(upsign_core::error_chain(error).to_string().into());
        state.total_failures = state.total_failures.saturating_add(1);
    }

    pub(crate) fn succeeded(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (state.failing_since, state.error) = (None, None);
    }
}
