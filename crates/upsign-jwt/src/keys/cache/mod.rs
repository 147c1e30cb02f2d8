//! The cache of one issuer's key set.
//!
//! | age of the set | token with a known `kid` | token with an unknown `kid` |
//! | --- | --- | --- |
//! | fresh (by `Cache-Control`, 5 min to 24 h, else 1 h) | served immediately | waits for a fetch, at most one per 10 s |
//! | stale, up to 24 h | served immediately; starts a background fetch, at most one per 10 s | as above |
//! | over 24 h, or no set | waits for a fetch, at most one per 10 s | as above |
//!
//! After the clock was set back, the set is from the future: it is stale, or, if that is 24 h or more ahead, as if it were over
//! 24 h old.
//!
//! Within the 10 s after a fetch started, a caller that would need another one gets its answer from what is known, without
//! waiting.
//!
//! # Invariants
//!
//! - **Single flight.** At most one current fetch exists ([`State::flight`]). All callers that need it poll clones of one
//!   shared future. Dropping a caller drops a clone, so cancellation of one caller does not end the fetch of the others; if
//!   all are dropped, the next caller within 10 s resumes the same fetch, and a later one replaces it. For a fetch with a time
//!   limit of more than 10 s, that limit takes the place of the 10 s.
//! - **The newest fetch wins.** A fetch stores its result only if its attempt number is still that of the current flight, so
//!   a slow response cannot overwrite the result of the fetch that replaced it.
//! - **A bad response never replaces a set.** Errors, other documents and sets without a usable key only set
//!   [`State::last_error`].
//! - **No lock is held while waiting.** The mutex guards plain assignments; every `await` is outside it.
//! - **No background task and no clock.** Work happens only while a caller polls, or in a future given to
//!   [`FetchKeys::spawn`]. All times are the callers' `at`, so a process that is suspended between requests needs no timer. The
//!   one exception is the time limit of a fetch, which uses the timer of the tokio runtime, if there is one.
//! - **Every fetch that matters ends.** A fetcher that hangs or panics is a failed fetch like any other. Without a runtime, the
//!   caller that replaces a fetch for which others still wait records its failure.

mod flight;
mod state;

use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt;
use upsign_core::Timestamp;

use flight::{Fetch, Observer, Parameters, lock};
pub(crate) use state::NotFound;
use state::{CachedSet, Flight, SECONDS_BETWEEN_FETCHES, Source, State};

use crate::config::issuer::TrustedIssuer;
use crate::config::verifier::VerifierConfig;
use crate::keys::fetch::{FetchError, FetchKeys, FetchedKeys};
use crate::keys::key_set::{InvalidKeySet, KeySet};
use crate::keys::limited::fetch_key_set;
use crate::keys::status::KeySetStatus;
use crate::sync::{Mutex, MutexGuard};

/// A cache of the key set (JWKS) of one issuer. It fetches the set when it is needed and refreshes it when it is stale.
///
/// | age of the set | token with a known key id | token with an unknown key id |
/// | --- | --- | --- |
/// | fresh (by `Cache-Control`, 5 min to 24 h, else 1 h) | served immediately | waits for a fetch |
/// | stale, up to 24 h | served immediately; starts a background fetch | waits for a fetch |
/// | over 24 h, or no set | waits for a fetch | waits for a fetch |
///
/// If the issuer's keys are [discovered](crate::TrustedIssuer::discover), a fetch is that of the discovery document and then of
/// the key set, which together have the time of one.
///
/// Fetches start at most once per 10 s, and all callers that wait share one. If fetches fail, the set is used until it is
/// 24 h old. A fetch that hangs fails at its [time limit](FetchKeys::time_limit), after 5 s by default.
///
/// Usually a [`Verifier`](crate::Verifier) creates the cache, and [`Verifier::jwks`](crate::Verifier::jwks) returns it, to warm
/// it at startup and to observe it:
///
/// ```
/// use upsign_jwt::{Timestamp, TokenUse, TrustedIssuer, Verifier, VerifierConfig};
/// use upsign_testing::tokens::TestIssuer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let issuer = TestIssuer::custom("https://id.example.com");
/// let trusted = TrustedIssuer::custom("https://id.example.com", "https://id.example.com/keys")?;
/// let config = VerifierConfig::oidc(trusted, ["upload-api"], TokenUse::Access)?;
/// let verifier = Verifier::new(config, issuer.clone());
/// let jwks = verifier.jwks();
///
/// let start: Timestamp = "2026-01-31T12:00:00Z".parse()?;
/// jwks.warm(start).await?;
/// assert!(jwks.status(start).is_usable);
///
/// // Two hours later the key endpoint does not answer. Callers are served with the keys that are there.
/// issuer.set_reachable(false);
/// let later = start.saturating_add(7_200);
/// let token = issuer.access_token("alice", "web").claim("aud", "upload-api").sign(later);
/// assert_eq!(verifier.verify(&token, later).await?.subject(), "alice");
/// # jwks.warm(later).await?;
///
/// // The status shows it long before callers are rejected.
/// let status = jwks.status(later.saturating_add(1));
/// assert!(status.is_usable);
/// assert_eq!((status.age, status.consecutive_failures), (Some(7_201), 1));
/// assert!(status.error().unwrap().to_string().starts_with("cannot fetch https://id.example.com/keys"));
/// # Ok(())
/// # }
/// ```
///
/// Clones share the key set and its fetches.
pub struct JwksCache<F> {
    source: Source,
    issuer: Arc<TrustedIssuer>,
    parameters: Arc<Parameters>,
    fetcher: Arc<F>,
    background_refresh: bool,
    observer: Option<Observer>,
    state: Arc<Mutex<State>>,
}

/// A key set that contains the key that was looked up.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) keys: KeySet,
    pub(crate) generation: u64,
}

enum Lookup {
    Found(Found),
    /// The set is stale, and this caller has started its refresh.
    FoundStale(Found, Flight),
    NotFound(NotFound),
    /// The answer depends on this fetch.
    Wait(Flight),
}

impl<F: FetchKeys> JwksCache<F> {
    /// Creates an empty cache of the key set of `config`'s issuer.
    pub fn new(config: &VerifierConfig, fetcher: F) -> Self {
        let parameters = Parameters { algorithms: config.algorithms.clone(), backend: config.backend };
        Self {
            source: Source {
                issuer: config.issuer.preferred_name().into(),
                uri: config.issuer.jwks_uri().into(),
            },
            issuer: Arc::new(config.issuer.clone()),
            parameters: Arc::new(parameters),
            fetcher: Arc::new(fetcher),
            background_refresh: true,
            observer: None,
            state: Arc::default(),
        }
    }

    /// Makes the caller that finds the set stale wait for the refresh, instead of refreshing in the background.
    ///
    /// At most one caller per 10 s waits. Use this in a process that is suspended as soon as it has responded, such as an AWS
    /// Lambda function: a background refresh would be suspended with it, and a key that the issuer has withdrawn would be
    /// accepted until the set is 24 h old.
    #[must_use]
    pub fn with_blocking_refresh(mut self) -> Self {
        self.background_refresh = false;
        self
    }

    /// Calls `observer` after every fetch with the resulting status: to log a failure with its cause and the next attempt, or
    /// to count. `status.last_error` is set if the fetch failed.
    ///
    /// This crate writes no logs. A hook sees each failure at the time it happens, which polling [`status`](Self::status) would
    /// not. It runs in the fetch and must not block. Clones that are made later share it.
    #[must_use]
    pub fn with_observer(self, observer: impl Fn(&KeySetStatus) + Send + Sync + 'static) -> Self {
        Self { observer: Some(Arc::new(observer)), ..self }
    }

    /// Returns the state at the time `at`. It never waits and never starts a fetch.
    #[must_use]
    pub fn status(&self, at: Timestamp) -> KeySetStatus {
        self.state().status(&self.source, at)
    }

    /// Returns the URL of the key set, or of the discovery document that names it.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.source.uri
    }

    /// Stores a JWKS document as if it had been fetched at the time `at`. Use it for a document that is deployed with the
    /// service, so that the first caller does not wait. The set is fresh for 1 hour.
    ///
    /// # Errors
    /// Returns [`InvalidKeySet`] if the document is not a key set. The cache is then unchanged.
    pub fn preload(&self, document: &[u8], at: Timestamp) -> Result<(), InvalidKeySet> {
        let keys = KeySet::parse_for(document, &self.parameters.algorithms, self.parameters.backend)?;
        let fresh_for = FetchedKeys::new(200, Vec::new()).fresh_for();
        self.state().store(CachedSet { keys, fetched_at: at, fresh_for });
        Ok(())
    }

    /// Fetches the set and waits for it, unless the cached one is fresh. Call it at startup, so that the first caller does not
    /// wait.
    ///
    /// # Errors
    /// Returns the error of the latest fetch if there is no set that may be used. Callers can still be served later: each
    /// one that needs the set fetches it again.
    pub async fn warm(&self, at: Timestamp) -> Result<(), Arc<FetchError>> {
        let flight = {
            let mut state = self.state();
            let fresh = state.usable(at).is_some_and(|set| !set.is_stale(at));
            if fresh { None } else { state.current_flight(at).or_else(|| self.start_fetch(&mut state, at)) }
        };
        if let Some(flight) = flight {
            flight.fetch.await;
        }
        let state = self.state();
        if state.usable(at).is_some() { Ok(()) } else { Err(state.error()) }
    }

    /// Returns the time at which the cached set was fetched, or `None` before the first successful fetch.
    #[must_use]
    pub fn fetched_at(&self) -> Option<Timestamp> {
        self.state().current.as_ref().map(|set| set.fetched_at)
    }

    /// Returns the error of the latest fetch, or `None` if it succeeded. For health checks: callers are served from the cache
    /// meanwhile.
    #[must_use]
    pub fn last_error(&self) -> Option<Arc<FetchError>> {
        self.state().last_error.clone()
    }

    /// Returns a key set with the key `kid`. Waits only in the cases that the table in the module documentation lists.
    pub(crate) async fn find(&self, kid: &str, at: Timestamp) -> Result<Found, NotFound> {
        match self.look_up(kid, at) {
            Lookup::Found(found) => return Ok(found),
            Lookup::NotFound(error) => return Err(error),
            Lookup::Wait(flight) => flight.fetch.await,
            Lookup::FoundStale(found, flight) => {
                let refresh = flight.fetch.boxed();
                let spawned =
                    if self.background_refresh { self.fetcher.spawn(refresh) } else { Err(refresh) };
                match spawned {
                    Ok(()) => return Ok(found),
                    // A future does nothing unless it is polled: without a runtime to spawn on, this caller polls it.
                    Err(refresh) => refresh.await,
                }
            }
        }
        self.look_up_after_fetch(kid, at)
    }

    /// Decides, under one lock, whether the key is known, unknown, or to be waited for.
    fn look_up(&self, kid: &str, at: Timestamp) -> Lookup {
        let mut state = self.state();
        let state = &mut *state;
        if let Some(set) = state.usable(at) {
            if set.keys.contains(kid) {
                let stale = set.is_stale(at);
                let found = Found { keys: set.keys.clone(), generation: state.generation };
                // `None` if a fetch was started less than 10 s ago: that one is the refresh.
                let flight = if stale { self.start_fetch(state, at) } else { None };
                return match flight {
                    Some(flight) => Lookup::FoundStale(found, flight),
                    None => Lookup::Found(found),
                };
            }
            if state.unknown_kids.contains(kid, at) {
                return Lookup::NotFound(NotFound::Unpublished);
            }
        }
        match state.current_flight(at).or_else(|| self.start_fetch(state, at)) {
            Some(flight) => Lookup::Wait(flight),
            None => Lookup::NotFound(state.not_found(at)),
        }
    }

    fn look_up_after_fetch(&self, kid: &str, at: Timestamp) -> Result<Found, NotFound> {
        let mut state = self.state();
        let state = &mut *state;
        if let Some(set) = state.usable(at).filter(|set| set.keys.contains(kid)) {
            return Ok(Found { keys: set.keys.clone(), generation: state.generation });
        }
        let error = state.not_found(at);
        // Only a set that was fetched is evidence that the issuer does not publish the key.
        if matches!(error, NotFound::Unpublished) {
            state.unknown_kids.insert(kid, at);
        }
        Err(error)
    }

    /// Makes a new fetch the current one, or returns `None` if one was started less than 10 s ago or is within its time limit.
    ///
    /// The difference is absolute: after the clock is set back, `attempted_at` is in the future, which must not stop fetches
    /// until that time comes.
    fn start_fetch(&self, state: &mut State, at: Timestamp) -> Option<Flight> {
        let since = state.attempted_at.map(|attempted_at| attempted_at.as_unix().abs_diff(at.as_unix()));
        if since.is_some_and(|seconds| seconds < SECONDS_BETWEEN_FETCHES)
            || state.current_flight(at).is_some()
        {
            return None;
        }
        let has_hung = state.flight.as_ref().is_some_and(Flight::is_awaited);
        if has_hung {
            state.fail(FetchError::Timeout);
        }
        let replaced = has_hung.then(|| state.status(&self.source, at));
        state.attempts += 1;
        state.attempted_at = Some(at);
        let fetch = Fetch {
            source: self.source.clone(),
            parameters: Arc::clone(&self.parameters),
            state: Arc::downgrade(&self.state),
            observer: self.observer.clone(),
            replaced,
            attempt: state.attempts,
            at,
        };
        let fetch = fetch.run(fetch_key_set(Arc::clone(&self.fetcher), Arc::clone(&self.issuer)));
        let limit = self.fetcher.time_limit();
        let seconds = limit.as_secs().saturating_add(u64::from(limit.subsec_nanos() > 0));
        let flight = Flight {
            attempt: state.attempts,
            started_at: at,
            seconds: seconds.max(SECONDS_BETWEEN_FETCHES),
            fetch: fetch.boxed().shared(),
        };
        state.flight = Some(flight.clone());
        Some(flight)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

// Not derived: that would require `F: Clone`.
impl<F> Clone for JwksCache<F> {
    fn clone(&self) -> Self {
        Self {
            source: self.source.clone(),
            issuer: Arc::clone(&self.issuer),
            parameters: Arc::clone(&self.parameters),
            fetcher: Arc::clone(&self.fetcher),
            background_refresh: self.background_refresh,
            observer: self.observer.clone(),
            state: Arc::clone(&self.state),
        }
    }
}

impl<F: fmt::Debug> fmt::Debug for JwksCache<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = lock(&self.state);
        f.debug_struct("JwksCache")
            .field("uri", &self.source.uri)
            .field("fetcher", &self.fetcher)
            .field("keys", &state.current.as_ref().map(|set| &set.keys))
            .field("last_error", &state.last_error)
            .finish_non_exhaustive()
    }
}
