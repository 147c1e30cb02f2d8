//! One fetch of the key set, from its start to the state.

use std::sync::{Arc, PoisonError, Weak};

use upsign_core::Timestamp;

use super::state::{CachedSet, Source, State};
use crate::crypto::algorithm::{Algorithm, Backend};
use crate::keys::fetch::{FetchError, FetchedKeys};
use crate::keys::status::KeySetStatus;
use crate::sync::{Mutex, MutexGuard};

/// What is called after every fetch.
pub(super) type Observer = Arc<dyn Fn(&KeySetStatus) + Send + Sync>;

/// The parameters with which a fetched document is parsed.
pub(super) struct Parameters {
    pub(super) algorithms: Box<[Algorithm]>,
    pub(super) backend: Backend,
}

/// One fetch, from its start to the state.
///
/// The state owns the flight, which owns the future of this fetch. The reference back to the state is weak, so that a fetch
/// which never completes does not keep the cache alive.
pub(super) struct Fetch {
    pub(super) source: Source,
    pub(super) parameters: Arc<Parameters>,
    pub(super) state: Weak<Mutex<State>>,
    pub(super) observer: Option<Observer>,
    /// The status after the failure of the fetch that this one replaces. It is reported here, because the fetch was replaced
    /// under the lock.
    pub(super) replaced: Option<KeySetStatus>,
    pub(super) attempt: u64,
    pub(super) at: Timestamp,
}

impl Fetch {
    /// Waits for the response, parses it and stores the result in the state.
    pub(super) async fn run(self, response: impl Future<Output = Result<FetchedKeys, FetchError>>) {
        if let (Some(observer), Some(status)) = (&self.observer, &self.replaced) {
            observer(status);
        }
        let set = response.await.and_then(|response| {
            let keys = response.key_set(&self.parameters.algorithms, self.parameters.backend)?;
            if keys.is_empty() {
                return Err(FetchError::NoUsableKey);
            }
            Ok(CachedSet { keys, fetched_at: self.at, fresh_for: response.fresh_for() })
        });
        let Some(state) = self.state.upgrade() else { return };
        let status = {
            let mut state = lock(&state);
            if !state.complete(self.attempt, set) {
                return;
            }
            state.status(&self.source, self.at)
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
