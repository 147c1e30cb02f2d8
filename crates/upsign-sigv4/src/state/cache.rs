//! The cache of signing states.

use std::fmt;
use std::sync::Arc;

use upsign_core::{Credentials, Target, Timestamp};

use crate::state::day::DayState;
use crate::state::second::SecondState;
use crate::sync::ArcSwap;

/// The most recent [`SecondState`]s, a few of them for services that sign for several accounts or regions.
///
/// Readers take no lock and do not touch a shared reference count. A thread that finds no matching state derives one and
/// swaps in a list that contains it. Two threads that do this at the same time both derive the state and one list wins;
/// the other state is derived again when it is next needed. That costs time but never gives a wrong signature, because
/// every use compares the credentials, the target and the time with those of the state.
pub(crate) struct StateCache(ArcSwap<Vec<Arc<SecondState>>>);

impl StateCache {
    /// A lookup compares with every entry, so the list stays short. A service that alternates
    /// between more sets of credentials or regions derives states again and again.
    const CAPACITY: usize = 8;

    pub(crate) fn new() -> Self {
        Self(ArcSwap::from_pointee(Vec::new()))
    }

    /// Calls `sign` with the state for `credentials`, `target` and `at`.
    #[inline]
    pub(crate) fn with<T>(
        &self,
        credentials: &Credentials,
        target: &Target,
        at: Timestamp,
        sign: impl FnOnce(&SecondState) -> T,
    ) -> T {
        let states = self.0.load();
        match states.iter().find(|state| state.matches(credentials, target, at)) {
            Some(state) => sign(state),
            None => sign(&self.insert(&states, credentials, target, at)),
        }
    }

    /// Returns the state for `credentials`, `target` and `at`, for callers that keep it.
    pub(crate) fn get(&self, credentials: &Credentials, target: &Target, at: Timestamp) -> Arc<SecondState> {
        let states = self.0.load();
        let found = states.iter().find(|state| state.matches(credentials, target, at));
        found.cloned().unwrap_or_else(|| self.insert(&states, credentials, target, at))
    }

    #[cold]
    fn insert(
        &self,
        states: &[Arc<SecondState>],
        credentials: &Credentials,
        target: &Target,
        at: Timestamp,
    ) -> Arc<SecondState> {
        let same_day = states.iter().find(|state| state.day.matches(credentials, target, at));
        let day = match same_day {
            Some(state) => Arc::clone(&state.day),
            None => Arc::new(DayState::new(credentials, target, at)),
        };
        let state = Arc::new(SecondState::new(day, at));
        // The new state replaces the previous one of the same access key and target: the last second, or the credentials
        // before a rotation. If no such state exists, the oldest one is dropped.
        let others = states.iter().filter(|other| {
            !other.day.matches_target(target)
                || other.day.credentials.access_key_id() != credentials.access_key_id()
        });
        let mut next = vec![Arc::clone(&state)];
        next.extend(others.take(Self::CAPACITY - 1).cloned());
        self.0.store(Arc::new(next));
        state
    }
}

impl fmt::Debug for StateCache {
    /// Shows nothing of the contents: a signing key is as secret as the access key it is derived from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
