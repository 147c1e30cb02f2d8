//! One call of the source, from its start to the state.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;

use super::state::State;
use super::status::{RenewalError, RenewalStatus};
use super::sync::{Handle, Mutex, MutexGuard, timeout};
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
        let outcome = match &self.runtime {
            Some(runtime) => {
                let limited = {
                    // The first poll can come from a caller outside the runtime, where a timer cannot be created.
                    let _entered = runtime.enter();
                    timeout(self.timeout, call)
                };
                limited.await.map_err(|_| RenewalError::TimedOut(self.timeout))
            }
            None => Ok(call.await),
        };
        let result = outcome.and_then(|call| match call {
            Ok(result) => result.map_err(RenewalError::Source),
            Err(_) => Err(RenewalError::Panicked),
        });
        let status = {
            let mut state = lock(&self.state);
            state.complete(self.attempt, self.at, result);
            state.status(self.at, self.timeout.as_secs())
        };
        if let Some(observer) = &self.observer {
            observer(&status);
        }
    }
}

pub(super) fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // Every change of the state is a plain assignment, so a panic of another thread cannot leave it half changed.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
