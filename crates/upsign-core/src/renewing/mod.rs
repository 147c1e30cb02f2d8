//! A cache that renews credentials before they expire.
//!
//! | credentials | caller |
//! | --- | --- |
//! | usable, not due | served immediately |
//! | usable, due | served immediately; one caller starts a background fetch, unless one runs or the source failed recently |
//! | none, or no longer usable | waits for a fetch; during the back-off after a failure, receives an error immediately |
//!
//! Usable means that more than [`SAFETY_MARGIN`](crate::SAFETY_MARGIN) seconds remain, so that something can be signed; with
//! [`Renewing::with_min_lifetime`], more than that lifetime and the margin.
//!
//! # Invariants
//!
//! - **One snapshot.** The credentials in use are one [`Credentials`] value that is replaced as a whole. A caller clones it
//!   under the lock, so it never sees parts of two sets.
//! - **Single flight.** At most one current fetch exists ([`State::flight`]). All callers that need it wait for one shared
//!   future.
//! - **The newest fetch wins.** Attempts are numbered. The result of an attempt is dropped if a later one has completed.
//! - **A failure never replaces credentials.** Errors, time-outs and unusable credentials only set the back-off.
//! - **No lock is held while waiting.** The mutex guards plain assignments; every `await` is outside it, and the source and
//!   the observer are called without it.
//! - **Time comes from callers.** Every decision compares their `at`. The runtime's clock only measures a running fetch: it
//!   ends it at the time limit, and adds its length to the start of the back-off after it.

mod fetch;
mod schedule;
#[cfg(all(test, shuttle))]
mod schedules;
mod state;
mod status;
mod sync;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;

use self::fetch::{Fetch, Observer, lock};
use self::state::{Decision, Done, Flight, Progress, State};
pub use self::status::{RenewalError, RenewalStatus};
use self::sync::{Handle, Mutex, MutexGuard};
use crate::credentials::Credentials;
use crate::error::CredentialsError;
use crate::time::Timestamp;
use crate::traits::credentials::CredentialsSource;

/// A [`CredentialsSource`] that keeps the credentials of another source and renews them before they expire. Feature
/// `renewing`.
///
/// The inner source fetches on each call: it calls STS, reads a secret store, or calls your own service. With this wrapper,
/// uploads do not wait for it, and continue while it fails:
///
/// - **Reading never waits** while the credentials can sign, that is, until [`SAFETY_MARGIN`](crate::SAFETY_MARGIN) seconds
///   before they expire. It does not matter whether a fetch is running, slow, or failing.
/// - **One fetch at a time**, for any number of callers. All callers without usable credentials wait for the same one.
/// - **Early renewal**, when less than the [refresh threshold](Self::with_refresh_threshold) remains, or half of the
///   credentials' life if that is shorter, and always before they become unusable. A random part, constant for the process,
///   spreads the fetches of many processes.
/// - **In the background** if the caller runs in a tokio runtime. Without a runtime, or with
///   [`with_blocking_refresh`](Self::with_blocking_refresh), the fetch runs within the request of one caller.
/// - **A [time limit](Self::with_fetch_timeout)** for each fetch, in a tokio runtime (its timer must be enabled, as
///   `#[tokio::main]` does). Without a runtime, the source must limit itself.
/// - **Back-off** after a failure: 1, 2, 4, 8, 16 and then 30 seconds, plus a random part of up to half of that, from the end
///   of the fetch (without a runtime, from its start). While the credentials are usable, at least 5 seconds are between the
///   starts of two fetches, and callers are served. Once the credentials are no longer usable, callers receive [`CredentialsError::Unavailable`]
///   immediately, with the cause and the time of the next attempt.
///
/// All times are the callers' `at`, so nothing happens between calls, and a test can choose the time. A clock that is set
/// back causes a fetch and never stops renewal.
///
/// Credentials that do not expire or do not state when ([`Expiry::Never`](crate::Expiry::Never),
/// [`Expiry::Unknown`](crate::Expiry::Unknown)) are fetched again after the
/// [recheck interval](Self::with_recheck_interval) and used until a fetch succeeds.
///
/// ```
/// use std::sync::Arc;
/// use upsign_core::{Credentials, CredentialsError, CredentialsSource, Expiry, Renewing, Timestamp, async_trait};
///
/// /// Your own service, which hands out credentials for an hour.
/// #[derive(Debug)]
/// struct Vault;
///
/// #[async_trait]
/// impl CredentialsSource for Vault {
///     async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
///         // A real source calls the service and returns what it answers.
///         let expiry = Expiry::At(at.saturating_add(3_600));
///         Credentials::temporary("ASIAEXAMPLE", "secret", "token", expiry).map_err(CredentialsError::load)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let renewing = Arc::new(Renewing::new(Vault).with_observer(|status| {
///     if let Some(error) = &status.last_error {
///         eprintln!("credentials refresh failed error={error} next_attempt={:?}", status.next_attempt);
///     }
/// }));
///
/// // Sign with `WithCredentials::new(signer, Arc::clone(&renewing))`, and keep the other handle for metrics.
/// let start: Timestamp = "2026-01-01T00:00:00Z".parse()?;
/// assert_eq!(renewing.credentials(start).await?.access_key_id(), "ASIAEXAMPLE");
/// let status = renewing.status(start);
/// assert_eq!((status.remaining, status.fetches, status.is_usable), (Some(3_600), 1, true));
///
/// // Half an hour later, the same credentials are returned at once, without a call of the service.
/// renewing.credentials(start.saturating_add(1_800)).await?;
/// assert_eq!(renewing.status(start.saturating_add(1_800)).fetches, 1);
/// # Ok(()) }
/// ```
pub struct Renewing<C> {
    source: Arc<C>,
    fetch_timeout: Duration,
    background_refresh: bool,
    observer: Option<Observer>,
    state: Arc<Mutex<State>>,
}

/// The limit of the identity cache in AWS's SDKs. It includes the retries of the source.
const DEFAULT_FETCH_TIMEOUT: Duration = Duration::from_secs(5);

impl<C> Renewing<C> {
    /// Wraps `source`, which is called for the first time when credentials are first needed.
    pub fn new(source: C) -> Self {
        Self {
            source: Arc::new(source),
            fetch_timeout: DEFAULT_FETCH_TIMEOUT,
            background_refresh: true,
            observer: None,
            state: Arc::default(),
        }
    }

    /// Sets the remaining life in seconds below which credentials are renewed. Default: 930.
    ///
    /// Pass the longest lifetime of a grant plus [`SAFETY_MARGIN`](crate::SAFETY_MARGIN): then no grant is shortened because
    /// its credentials expire first. The default is right for grants of up to 15 minutes. The threshold is capped at half of
    /// the life that credentials have when they arrive. Credentials that live an hour are thus renewed after at least 27
    /// minutes, and grants of an hour are then shortened to the rest of their life.
    ///
    /// Whatever the threshold is, renewal is due a minute before the credentials become unusable
    /// ([`with_min_lifetime`](Self::with_min_lifetime)), or halfway to that time if they live shorter.
    #[must_use]
    pub fn with_refresh_threshold(self, seconds: u64) -> Self {
        self.state().schedule.refresh_threshold = seconds;
        self
    }

    /// Sets the number of seconds after which credentials without a known expiry are fetched again. Default: 900, so that an
    /// access key which was replaced in the source is used within 15 minutes.
    #[must_use]
    pub fn with_recheck_interval(self, seconds: u64) -> Self {
        self.state().schedule.recheck_interval = seconds;
        self
    }

    /// Sets the shortest lifetime of a signature in seconds. Default: 1.
    ///
    /// Pass the shortest lifetime of your grants. Credentials then count as usable only while more than this and
    /// [`SAFETY_MARGIN`](crate::SAFETY_MARGIN) remains. After that, callers wait for new ones instead of receiving credentials
    /// that are too short for any grant.
    #[must_use]
    pub fn with_min_lifetime(self, seconds: u64) -> Self {
        self.state().schedule.min_lifetime = seconds.max(1);
        self
    }

    /// Sets how long one call of the source may take. Default: 5 seconds, as in AWS's SDKs.
    ///
    /// The caller that finds no credentials waits up to this long, and with
    /// [`with_blocking_refresh`](Self::with_blocking_refresh) one caller per attempt. Stay well below the time limit of a
    /// request.
    #[must_use]
    pub fn with_fetch_timeout(self, timeout: Duration) -> Self {
        Self { fetch_timeout: timeout, ..self }
    }

    /// Refreshes within the request of the caller that finds the credentials due, instead of in the background.
    ///
    /// Use this in a process that is suspended as soon as it has responded, such as an AWS Lambda function: a background
    /// fetch would be suspended with it. Only one caller waits at a time, at most for the
    /// [time limit](Self::with_fetch_timeout), and is served even if the fetch fails.
    #[must_use]
    pub fn with_blocking_refresh(self) -> Self {
        Self { background_refresh: false, ..self }
    }

    /// Removes the random part from renewal and back-off, so that a test knows their times.
    #[must_use]
    pub fn without_jitter(self) -> Self {
        self.state().schedule.jitter = 0;
        self
    }

    /// Calls `observer` after every fetch with the resulting status. `status.last_error` is set if the fetch failed.
    ///
    /// Use it to log failures and to count fetches: this crate writes no logs, and code that polls [`status`](Self::status)
    /// misses failures between two polls. The observer runs in the fetch and must not block.
    #[must_use]
    pub fn with_observer(self, observer: impl Fn(&RenewalStatus) + Send + Sync + 'static) -> Self {
        Self { observer: Some(Arc::new(observer)), ..self }
    }

    /// Returns the wrapped source.
    #[must_use]
    pub fn source(&self) -> &C {
        &self.source
    }

    /// Returns the state at the time `at`. It never waits and never calls the source.
    #[must_use]
    pub fn status(&self, at: Timestamp) -> RenewalStatus {
        self.state().status(at, self.fetch_timeout.as_secs())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl<C: CredentialsSource + 'static> Renewing<C> {
    /// Makes a new fetch the current one. Returns its end, and whether it proceeds without being awaited.
    fn start(&self, state: &mut State, at: Timestamp) -> (Done, bool) {
        let attempt = state.begin(at);
        let runtime = Handle::try_current().ok();
        let fetch = Fetch {
            source: Arc::clone(&self.source),
            state: Arc::clone(&self.state),
            observer: self.observer.clone(),
            timeout: self.fetch_timeout,
            runtime: runtime.clone(),
            attempt,
            at,
        };
        let (done, progress) = match runtime.filter(|_| self.background_refresh) {
            Some(runtime) => {
                // A task of its own, so that the fetch outlives the caller that started it.
                let task = runtime.spawn(fetch.run());
                let abort = task.abort_handle();
                let done = task.map(|_| ()).boxed().shared();
                (done.clone(), Some(Progress::Task(done, abort)))
            }
            None => {
                let done = fetch.run().boxed().shared();
                // `None` only after it has completed, and it has not been polled yet.
                let weak = done.downgrade();
                (done, weak.map(Progress::Callers))
            }
        };
        let background = matches!(progress, Some(Progress::Task(..)));
        state.flight = progress.map(|progress| Flight { attempt, started_at: at, progress });
        (done, background)
    }
}

#[async_trait]
impl<C: CredentialsSource + 'static> CredentialsSource for Renewing<C> {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        let done = {
            let mut state = self.state();
            match state.decide(at, self.fetch_timeout.as_secs()) {
                Decision::Serve(credentials) => return Ok(credentials),
                Decision::Refuse(error) => return Err(error),
                Decision::Wait(done) => done,
                Decision::Fetch => self.start(&mut state, at).0,
                Decision::Refresh(credentials) => match self.start(&mut state, at) {
                    (_, true) => return Ok(credentials),
                    // A future does nothing unless it is polled: this caller polls it.
                    (done, false) => done,
                },
            }
        };
        done.await;
        self.state().after_fetch(at)
    }
}

impl<C: fmt::Debug> fmt::Debug for Renewing<C> {
    /// Shows the access key id, the expiry and the last error, and no secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Renewing")
            .field("source", &self.source)
            .field("credentials", &state.credentials())
            .field("last_error", &state.last_error())
            .finish_non_exhaustive()
    }
}
