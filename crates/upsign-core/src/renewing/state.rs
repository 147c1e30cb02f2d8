//! The state behind the lock: the current credentials, the current fetch, and the failures.

use std::sync::Arc;

use futures_util::future::{BoxFuture, Shared, WeakShared};

use super::schedule::{Schedule, clock_set_back, end};
use super::status::{RenewalError, RenewalStatus};
use super::sync::AbortHandle;
use crate::credentials::{Credentials, Expiry};
use crate::error::CredentialsError;
use crate::time::Timestamp;

/// Completes when the result of a fetch is in the state.
pub(super) type Done = Shared<BoxFuture<'static, ()>>;

#[derive(Default)]
pub(super) struct State {
    pub(super) schedule: Schedule,
    current: Option<Snapshot>,
    /// The number of fetches started so far. It numbers the attempts.
    attempts: u64,
    attempted_at: Option<Timestamp>,
    /// The latest attempt whose result was stored.
    completed: u64,
    /// The current fetch. It stays here until it completes or another replaces it.
    pub(super) flight: Option<Flight>,
    consecutive_failures: u32,
    total_failures: u64,
    /// The error of the last completed fetch; `None` if that succeeded.
    last_error: Option<Arc<RenewalError>>,
    /// The end of the back-off; `None` unless the last completed fetch failed.
    next_attempt: Option<Timestamp>,
}

/// Credentials and when they were fetched. It is replaced as a whole and never changed.
struct Snapshot {
    credentials: Credentials,
    fetched_at: Timestamp,
    due_at: Timestamp,
}

pub(super) struct Flight {
    pub(super) attempt: u64,
    pub(super) started_at: Timestamp,
    pub(super) progress: Progress,
}

/// What makes a fetch proceed.
pub(super) enum Progress {
    /// A task of a runtime.
    Task(Done, AbortHandle),
    /// The callers that wait for it. If all of them are dropped, the fetch is too, and the next caller starts another.
    Callers(WeakShared<BoxFuture<'static, ()>>),
}

/// What a caller does.
pub(super) enum Decision {
    Serve(Credentials),
    /// The credentials are usable, and this caller starts their refresh.
    Refresh(Credentials),
    /// There are no usable credentials; this caller waits for the current fetch.
    Wait(Done),
    /// There are no usable credentials; this caller starts a fetch and waits for it.
    Fetch,
    Refuse(CredentialsError),
}

/// The shortest time between two refreshes while the credentials are usable. It also applies after a refresh that was cancelled
/// with its caller and therefore recorded no failure.
const SECONDS_BETWEEN_REFRESHES: u64 = 5;
/// A fetch that started longer ago than its time limit and this many seconds no longer proceeds: nothing polls its runtime,
/// or the process was suspended.
const GRACE_SECONDS: u64 = 5;

impl State {
    /// Decides what a caller at `at` does. `time_limit` is that of a fetch, in seconds.
    pub(super) fn decide(&self, at: Timestamp, time_limit: u64) -> Decision {
        let running = self.running(at, time_limit);
        if let Some(snapshot) = self.usable(at) {
            let attempted =
                self.attempted_at.map(|attempted_at| attempted_at.as_unix().abs_diff(at.as_unix()));
            let keep = running.is_some()
                || !snapshot.is_due(at)
                || self.is_backing_off(at, time_limit)
                || attempted.is_some_and(|seconds| seconds < SECONDS_BETWEEN_REFRESHES);
            let credentials = snapshot.credentials.clone();
            return if keep { Decision::Serve(credentials) } else { Decision::Refresh(credentials) };
        }
        match running {
            Some(done) => Decision::Wait(done),
            None if self.is_backing_off(at, time_limit) => Decision::Refuse(self.unavailable(at)),
            None => Decision::Fetch,
        }
    }

    /// Numbers a new attempt, which the caller stores in [`flight`](Self::flight).
    pub(super) const fn begin(&mut self, at: Timestamp) -> u64 {
        self.attempts += 1;
        self.attempted_at = Some(at);
        self.attempts
    }

    /// Returns the credentials for a caller that has waited for a fetch.
    pub(super) fn after_fetch(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        match self.usable(at) {
            Some(snapshot) => Ok(snapshot.credentials.clone()),
            None => Err(self.unavailable(at)),
        }
    }

    /// Stores the result of an attempt that started at `at` and took `took` seconds, unless a later one has completed.
    pub(super) fn complete(
        &mut self,
        attempt: u64,
        at: Timestamp,
        took: u64,
        result: Result<Credentials, RenewalError>,
    ) {
        if self.flight.as_ref().is_some_and(|flight| flight.attempt == attempt) {
            self.flight = None;
        }
        if attempt <= self.completed {
            return;
        }
        self.completed = attempt;
        match result.and_then(|credentials| self.check(credentials, at)) {
            Ok(credentials) => self.store(credentials, at),
            Err(error) => self.fail(error, at.saturating_add(took)),
        }
    }

    /// Refuses credentials with which nothing can be signed, so that they never replace usable ones.
    fn check(&self, fetched: Credentials, at: Timestamp) -> Result<Credentials, RenewalError> {
        if let Some(end) = end(fetched.expiry()).filter(|_| !self.schedule.is_usable(fetched.expiry(), at)) {
            return Err(RenewalError::Expired { end, at });
        }
        let states_expiry = |snapshot: &Snapshot| snapshot.credentials.expiry() != Expiry::Unknown;
        if fetched.expiry() == Expiry::Unknown && self.usable(at).is_some_and(states_expiry) {
            return Err(RenewalError::UnknownExpiry);
        }
        Ok(fetched)
    }

    fn store(&mut self, credentials: Credentials, at: Timestamp) {
        let unchanged = self.current.as_ref().filter(|current| current.credentials == credentials);
        let due_at = match unchanged {
            Some(old) => self.schedule.unchanged_due_at(old.due_at, credentials.expiry(), at),
            None => self.schedule.due_at(&credentials, at),
        };
        self.current = Some(Snapshot { credentials, fetched_at: at, due_at });
        self.consecutive_failures = 0;
        self.last_error = None;
        self.next_attempt = None;
    }

    /// Records a fetch that failed at `ended_at`, from which the back-off counts.
    fn fail(&mut self, error: RenewalError, ended_at: Timestamp) {
        self.consecutive_failures = self.consecutive_failures.saturating_add(1);
        self.total_failures += 1;
        let delay = self.schedule.backoff(self.consecutive_failures);
        self.next_attempt = Some(ended_at.saturating_add(delay));
        self.last_error = Some(Arc::new(error));
    }

    fn usable(&self, at: Timestamp) -> Option<&Snapshot> {
        self.current.as_ref().filter(|snapshot| self.schedule.is_usable(snapshot.credentials.expiry(), at))
    }

    /// Returns the current fetch if it still proceeds.
    fn running(&self, at: Timestamp, time_limit: u64) -> Option<Done> {
        let flight = self.flight.as_ref()?;
        let age = flight.started_at.as_unix().abs_diff(at.as_unix());
        if age > time_limit.saturating_add(GRACE_SECONDS) {
            return None;
        }
        match &flight.progress {
            // A task that ends normally removes its flight, so one that is finished and still here was cancelled.
            Progress::Task(done, task) => (!task.is_finished()).then(|| done.clone()),
            Progress::Callers(done) => done.upgrade(),
        }
    }

    /// Returns whether the back-off after a failure has not ended. A back-off cannot be longer than its maximum, so an end
    /// beyond that means that the clock was set back, and is ignored.
    fn is_backing_off(&self, at: Timestamp, time_limit: u64) -> bool {
        let longest = Schedule::MAX_DELAY.saturating_add(time_limit);
        self.next_attempt.is_some_and(|next| at < next && next.seconds_since(at) <= longest)
    }

    fn unavailable(&self, at: Timestamp) -> CredentialsError {
        let source = self.last_error.clone().unwrap_or_else(|| Arc::new(RenewalError::Interrupted));
        CredentialsError::Unavailable { next_attempt: self.next_attempt.unwrap_or(at).max(at), source }
    }

    pub(super) fn status(&self, at: Timestamp, time_limit: u64) -> RenewalStatus {
        let current = self.current.as_ref();
        let expiry = current.map(|snapshot| snapshot.credentials.expiry());
        RenewalStatus {
            expiry,
            remaining: expiry.and_then(end).map(|end| end.seconds_since(at)),
            is_usable: self.usable(at).is_some(),
            is_refreshing: self.running(at, time_limit).is_some(),
            fetched_at: current.map(|snapshot| snapshot.fetched_at),
            fetches: self.attempts,
            consecutive_failures: self.consecutive_failures,
            total_failures: self.total_failures,
            last_error: self.last_error.clone(),
            next_attempt: self.next_attempt.or(current.map(|snapshot| snapshot.due_at)),
        }
    }

    pub(super) fn credentials(&self) -> Option<&Credentials> {
        self.current.as_ref().map(|snapshot| &snapshot.credentials)
    }

    pub(super) fn last_error(&self) -> Option<&RenewalError> {
        self.last_error.as_deref()
    }
}

impl Snapshot {
    /// A snapshot from the future is due: the clock was set back, and `due_at` may be far away.
    fn is_due(&self, at: Timestamp) -> bool {
        at >= self.due_at || clock_set_back(self.fetched_at, at)
    }
}
