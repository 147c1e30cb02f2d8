//! What the cache knows: the key set, the current fetch and the failures.

use std::sync::Arc;

use futures_util::future::{BoxFuture, Shared};
use upsign_core::Timestamp;

use crate::keys::fetch::FetchError;
use crate::keys::key_set::KeySet;
use crate::keys::status::KeySetStatus;
use crate::keys::unknown_kids::UnknownKids;

#[derive(Default)]
pub(super) struct State {
    pub(super) current: Option<CachedSet>,
    /// Incremented when a set with other keys is stored. Results that were derived from a set (verified tokens) are valid
    /// only for the generation that they were derived from.
    pub(super) generation: u64,
    /// The number of fetches started so far. It numbers the attempts.
    pub(super) attempts: u64,
    pub(super) attempted_at: Option<Timestamp>,
    /// The error of the latest completed fetch; `None` if that succeeded.
    pub(super) last_error: Option<Arc<FetchError>>,
    pub(super) consecutive_failures: u32,
    pub(super) total_failures: u64,
    /// The current fetch. It stays here until it completes or another replaces it.
    pub(super) flight: Option<Flight>,
    pub(super) unknown_kids: UnknownKids,
}

/// Whose key set it is, and where it is fetched.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) issuer: Arc<str>,
    /// The URL of the key set, or of the discovery document.
    pub(super) uri: Arc<str>,
}

pub(super) struct CachedSet {
    pub(super) keys: KeySet,
    pub(super) fetched_at: Timestamp,
    pub(super) fresh_for: u64,
}

#[derive(Clone)]
pub(super) struct Flight {
    pub(super) attempt: u64,
    pub(super) started_at: Timestamp,
    /// The seconds after which no caller waits for it any more: the time limit of the fetch, or the time between two fetches if
    /// that is longer.
    pub(super) seconds: u64,
    /// Completes after the result is in the state.
    pub(super) fetch: Shared<BoxFuture<'static, ()>>,
}

/// The reason a key was not found.
#[derive(Clone, Debug)]
pub(crate) enum NotFound {
    /// The issuer does not publish the key.
    Unpublished,
    /// The key set is not available, so it is not known whether the issuer publishes the key.
    Unavailable(Arc<FetchError>),
}

pub(super) const SECONDS_BETWEEN_FETCHES: u64 = 10;
const MAX_AGE_SECONDS: u64 = 24 * 60 * 60;
/// Concurrent callers read the clock before they take the lock, so `at` can go back a little. Beyond this many seconds the
/// clock was set back, and the age of the set is not known.
const MAX_CLOCK_SKEW_SECONDS: u64 = 60;

impl State {
    /// Returns the set, unless it is too old to be used.
    ///
    /// The age is absolute: after the clock was set back by a day or more, a set from the future would otherwise be used until
    /// that future is a day old.
    pub(super) fn usable(&self, at: Timestamp) -> Option<&CachedSet> {
        let age = |set: &&CachedSet| set.fetched_at.as_unix().abs_diff(at.as_unix());
        self.current.as_ref().filter(|set| age(set) < MAX_AGE_SECONDS)
    }

    /// Returns the current fetch, unless it has exceeded its time. An older one is no longer polled by any caller: all that waited
    /// for it were cancelled.
    pub(super) fn current_flight(&self, at: Timestamp) -> Option<Flight> {
        let age = |flight: &&Flight| flight.started_at.as_unix().abs_diff(at.as_unix());
        self.flight.as_ref().filter(|flight| age(flight) < flight.seconds).cloned()
    }

    /// Stores the result of a fetch, unless another fetch has replaced it. Returns whether it was stored.
    pub(super) fn complete(&mut self, attempt: u64, set: Result<CachedSet, FetchError>) -> bool {
        if self.flight.as_ref().is_none_or(|flight| flight.attempt != attempt) {
            return false;
        }
        self.flight = None;
        match set {
            Ok(set) => self.store(set),
            Err(error) => self.fail(error),
        }
        true
    }

    pub(super) fn fail(&mut self, error: FetchError) {
        self.consecutive_failures = self.consecutive_failures.saturating_add(1);
        self.total_failures += 1;
        self.last_error = Some(Arc::new(error));
    }

    pub(super) fn status(&self, source: &Source, at: Timestamp) -> KeySetStatus {
        let current = self.current.as_ref();
        KeySetStatus {
            issuer: Arc::clone(&source.issuer),
            uri: Arc::clone(&source.uri),
            fetched_at: current.map(|set| set.fetched_at),
            age: current.map(|set| at.seconds_since(set.fetched_at)),
            is_usable: self.usable(at).is_some(),
            is_refreshing: self.current_flight(at).is_some(),
            fetches: self.attempts,
            consecutive_failures: self.consecutive_failures,
            total_failures: self.total_failures,
            last_error: self.last_error.clone(),
            next_attempt: self.next_attempt(at),
        }
    }

    pub(super) fn next_attempt(&self, at: Timestamp) -> Option<Timestamp> {
        let planned = if self.last_error.is_some() {
            // A caller during a fetch waits for it, and causes none.
            let pause = self.current_flight(at).map_or(SECONDS_BETWEEN_FETCHES, |flight| flight.seconds);
            self.attempted_at?.saturating_add(pause)
        } else {
            let set = self.current.as_ref()?;
            // Of a set from the future nothing is known: the next caller causes a fetch.
            if set.is_stale(at) {
                return None;
            }
            set.fetched_at.saturating_add(set.fresh_for)
        };
        (planned > at).then_some(planned)
    }

    /// Replaces the set. The generation changes only if the keys do, so that a refresh which brings the same keys does not
    /// invalidate verified tokens.
    pub(super) fn store(&mut self, set: CachedSet) {
        if self.current.as_ref().is_none_or(|old| old.keys != set.keys) {
            self.generation += 1;
        }
        self.current = Some(set);
        self.last_error = None;
        self.consecutive_failures = 0;
    }

    /// Returns why a key that the set does not contain was not found. After a failed fetch, it is not known whether the
    /// issuer publishes the key by now.
    pub(super) fn not_found(&self, at: Timestamp) -> NotFound {
        if self.last_error.is_none() && self.usable(at).is_some() {
            NotFound::Unpublished
        } else {
            NotFound::Unavailable(self.error())
        }
    }

    pub(super) fn error(&self) -> Arc<FetchError> {
        self.last_error.clone().unwrap_or_else(|| Arc::new(FetchError::NotFetched))
    }
}

impl CachedSet {
    /// A set from the future is stale: the clock was set back, and nothing is known about the set's age. The next caller
    /// fetches it again, and it is used until then if it is from less than a day ahead.
    pub(super) fn is_stale(&self, at: Timestamp) -> bool {
        let clock_set_back = at.saturating_add(MAX_CLOCK_SKEW_SECONDS) < self.fetched_at;
        at.seconds_since(self.fetched_at) >= self.fresh_for || clock_set_back
    }
}

impl Flight {
    /// Returns whether a caller or a background task still waits for it, and not only the state keeps it.
    pub(super) fn is_awaited(&self) -> bool {
        self.fetch.strong_count().is_some_and(|count| count > 1)
    }
}
