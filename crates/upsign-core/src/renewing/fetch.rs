//! One call of the source, from its start to the state.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;

use super::state::State;
use super::status::{RenewalError, RenewalStatus};
use super::sync::{Handle, Instant, Mutex, MutexGuard, timeout};
use crate::time::Timestamp;
use crate::traits::credentials::CredentialsSource;

/// What is called after every fetch.
pub(super) type Observer = Arc<dyn Fn(&RenewalStatus) + Send + Sync>;

/// One call of the source.
pub(super) struct Fetch<C> {
    pub(super) source: Arc<C>,
    pub(super) state: Arc<Mutex<State>>,
    pub(super) observer: Option<Observer>,
    pub(super) timeout: Duration,
    pub(super) runtime: Option<Handle>,
    pub(super) attempt: u64,
    pub(super) at: Timestamp,
}

impl<C: CredentialsSource> Fetch<C> {
    /// Calls the source and stores the result in the state.
    pub(super) async fn run(self) {
        // Callers share this future, so a panic that left it would reach all of them and bypass the back-off.
        let call = AssertUnwindSafe(self.source.credentials(self.at)).catch_unwind();
        let (outcome, took) = match &self.runtime {
            Some(runtime) => {
                let (started, limited) = {
                    // The first poll can come from a caller outside the runtime, where a timer cannot be created.
                    let _entered = runtime.enter();
                    (Instant::now(), timeout(self.timeout, call))
                };
                let outcome = limited.await.map_err(|_| RenewalError::TimedOut(self.timeout));
                // So can the last poll; a paused clock is that of the runtime.
                let _entered = runtime.enter();
                (outcome, self.whole_seconds(started.elapsed()))
            }
            None => (Ok(call.await), 0),
        };
        let result = outcome.and_then(|call| match call {
            Ok(result) => result.map_err(RenewalError::Source),
            Err(_) => Err(RenewalError::Panicked),
        });
        let status = {
            let mut state = lock(&self.state);
            state.complete(self.attempt, self.at, took, result);
            state.status(self.at, self.timeout.as_secs())
        };
        if let Some(observer) = &self.observer {
            observer(&status);
        }
    }

    /// Rounds the length of this fetch up, so that the back-off after it does not end before it. It does not count below a
    /// second, which is the precision of `at`, nor beyond the time limit, which a suspended process can exceed.
    fn whole_seconds(&self, took: Duration) -> u64 {
        let seconds = took.as_secs();
        let rounded = if seconds > 0 && took.subsec_nanos() > 0 { seconds + 1 } else { seconds };
        rounded.min(self.timeout.as_secs())
    }
}

pub(super) fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // Every change of the state is a plain assignment, so a panic of another thread cannot leave it half changed.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
