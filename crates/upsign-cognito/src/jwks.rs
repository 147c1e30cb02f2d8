//! The keys of one issuer, kept and renewed.
//!
//! | age of the set | a known `kid` | an unknown `kid` |
//! | --- | --- | --- |
//! | fresh (by `Cache-Control`, 5 min to 24 h, else 1 h) | served at once | one fetch per 10 s, waited for |
//! | stale, up to 24 h | served at once; one fetch per 10 s beside | the same |
//! | over 24 h, or none | one fetch per 10 s, waited for | the same |
//!
//! There is one fetch at a time, and all who need it wait for the same one: a caller who goes away does not end it. A
//! bad answer never replaces a set. Nothing runs by itself: a process that is frozen between requests loses nothing.
//! All times are the callers' `at`.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use upsign_core::Timestamp;

use crate::absent::Absent;
use crate::{Algorithm, Backend, FetchError, FetchKeys, FetchedKeys, InvalidKeySet, KeySet, VerifierConfig};

/// A cache of the key set at one address.
pub struct Jwks<F> {
    uri: Arc<str>,
    demands: Arc<Demands>,
    fetcher: Arc<F>,
    beside: bool,
    state: Arc<Mutex<State>>,
}

struct Demands {
    algorithms: Box<[Algorithm]>,
    backend: Backend,
}

#[derive(Default)]
struct State {
    known: Option<Known>,
    /// Counts the sets, so that what was derived from one can be told to be out of date.
    generation: u64,
    attempts: u64,
    attempted_at: Option<Timestamp>,
    failure: Option<Arc<FetchError>>,
    flight: Option<Flight>,
    absent: Absent,
}

struct Known {
    keys: KeySet,
    fetched_at: Timestamp,
    fresh_for: u64,
}

#[derive(Clone)]
struct Flight {
    attempt: u64,
    started_at: Timestamp,
    fetch: Shared<BoxFuture<'static, ()>>,
}

/// Keys among which the wanted one is.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) keys: KeySet,
    pub(crate) generation: u64,
}

/// Why a key was not found.
#[derive(Clone, Debug)]
pub(crate) enum NotFound {
    /// The issuer does not publish it.
    Absent,
    /// Nobody knows whether the issuer publishes it.
    Unavailable(Arc<FetchError>),
}

enum Look {
    Found(Found),
    /// Found, and the set is due for renewal.
    Stale(Found, Flight),
    NotFound(NotFound),
    Wait(Flight),
}

const SECONDS_BETWEEN_FETCHES: u64 = 10;
const LONGEST_LIFE: u64 = 24 * 60 * 60;
/// By how much callers' clocks readings may be out of order before it counts as a clock set back.
const CLOCK_STEP: u64 = 60;

impl<F: FetchKeys> Jwks<F> {
    /// An empty cache of the key set that `config` names.
    pub fn new(config: &VerifierConfig, fetcher: F) -> Self {
        let demands = Demands { algorithms: config.algorithms.clone(), backend: config.backend };
        Self {
            uri: config.issuer.jwks_uri().into(),
            demands: Arc::new(demands),
            fetcher: Arc::new(fetcher),
            beside: true,
            state: Arc::default(),
        }
    }

    /// Lets the caller who finds the set stale wait for its renewal, at most one caller every 10 s, instead of renewing
    /// beside it. For a process that is frozen as soon as it has answered (AWS Lambda): what runs beside is frozen
    /// with it, and keys withdrawn by the issuer would be accepted until the set is 24 h old.
    #[must_use]
    pub fn with_renewal_in_line(mut self) -> Self {
        self.beside = false;
        self
    }

    /// The address of the key set.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Puts a JWKS document in place as if it had been fetched `at`: for one that is deployed with the service.
    ///
    /// # Errors
    /// As [`KeySet::parse`].
    pub fn preload(&self, document: &[u8], at: Timestamp) -> Result<(), InvalidKeySet> {
        let keys = KeySet::parse_for(document, &self.demands.algorithms, self.demands.backend)?;
        let fresh_for = FetchedKeys::new(200, Vec::new()).fresh_for();
        self.state().install(Known { keys, fetched_at: at, fresh_for });
        Ok(())
    }

    /// Fetches the set unless a fresh one is there: at start, so that the first caller need not wait.
    ///
    /// # Errors
    /// [`FetchError`] when there is still no set that may be used.
    pub async fn warm(&self, at: Timestamp) -> Result<(), Arc<FetchError>> {
        let flight = {
            let mut state = self.state();
            let fresh = state.live(at).is_some_and(|known| !known.is_stale(at));
            if fresh { None } else { state.running(at).or_else(|| self.start(&mut state, at)) }
        };
        if let Some(flight) = flight {
            flight.fetch.await;
        }
        let state = self.state();
        if state.live(at).is_some() { Ok(()) } else { Err(state.why_unavailable()) }
    }

    /// When the set in use was fetched.
    #[must_use]
    pub fn fetched_at(&self) -> Option<Timestamp> {
        self.state().known.as_ref().map(|known| known.fetched_at)
    }

    /// Why the latest fetch failed; `None` when it did not. For a health check: callers are served meanwhile.
    #[must_use]
    pub fn failure(&self) -> Option<Arc<FetchError>> {
        self.state().failure.clone()
    }

    /// Keys among which `kid` is. Waits only when they are not at hand.
    pub(crate) async fn find(&self, kid: &str, at: Timestamp) -> Result<Found, NotFound> {
        match self.look(kid, at) {
            Look::Found(found) => return Ok(found),
            Look::NotFound(why) => return Err(why),
            Look::Wait(flight) => flight.fetch.await,
            Look::Stale(found, flight) => {
                let renewal = flight.fetch.boxed();
                let carried = if self.beside { self.fetcher.spawn(renewal) } else { Err(renewal) };
                match carried {
                    Ok(()) => return Ok(found),
                    Err(renewal) => renewal.await,
                }
            }
        }
        self.look_after_waiting(kid, at)
    }

    fn look(&self, kid: &str, at: Timestamp) -> Look {
        let mut state = self.state();
        let state = &mut *state;
        if let Some(known) = state.live(at) {
            if known.keys.contains(kid) {
                let stale = known.is_stale(at);
                let found = Found { keys: known.keys.clone(), generation: state.generation };
                let flight = if stale { self.start(state, at) } else { None };
                return flight.map_or(Look::Found(found.clone()), |flight| Look::Stale(found, flight));
            }
            if state.absent.contains(kid, at) {
                return Look::NotFound(NotFound::Absent);
            }
        }
        match state.running(at).or_else(|| self.start(state, at)) {
            Some(flight) => Look::Wait(flight),
            None => Look::NotFound(state.why_not_found(at)),
        }
    }

    fn look_after_waiting(&self, kid: &str, at: Timestamp) -> Result<Found, NotFound> {
        let mut state = self.state();
        let state = &mut *state;
        if let Some(known) = state.live(at).filter(|known| known.keys.contains(kid)) {
            return Ok(Found { keys: known.keys.clone(), generation: state.generation });
        }
        let why = state.why_not_found(at);
        if matches!(why, NotFound::Absent) {
            state.absent.insert(kid, at);
        }
        Err(why)
    }

    /// Starts a fetch, unless one was started too recently.
    fn start(&self, state: &mut State, at: Timestamp) -> Option<Flight> {
        let since = state.attempted_at.map(|attempted_at| attempted_at.as_unix().abs_diff(at.as_unix()));
        if since.is_some_and(|seconds| seconds < SECONDS_BETWEEN_FETCHES) {
            return None;
        }
        state.attempts += 1;
        state.attempted_at = Some(at);
        let fetch = fetch(
            Arc::clone(&self.fetcher),
            Arc::clone(&self.uri),
            Arc::clone(&self.demands),
            Arc::downgrade(&self.state),
            state.attempts,
            at,
        );
        let flight = Flight { attempt: state.attempts, started_at: at, fetch: fetch.boxed().shared() };
        state.flight = Some(flight.clone());
        Some(flight)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// One fetch from its start to the state it leaves. It does not keep the cache alive.
async fn fetch<F: FetchKeys>(
    fetcher: Arc<F>,
    uri: Arc<str>,
    demands: Arc<Demands>,
    state: Weak<Mutex<State>>,
    attempt: u64,
    at: Timestamp,
) {
    let answer = fetcher.fetch(&uri).await;
    let known = answer.and_then(|answer| {
        let keys = answer.key_set(&demands.algorithms, demands.backend)?;
        if keys.is_empty() {
            return Err(FetchError::NoUsableKey);
        }
        Ok(Known { keys, fetched_at: at, fresh_for: answer.fresh_for() })
    });
    if let Some(state) = state.upgrade() {
        lock(&state).settle(attempt, known);
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // Every change of the state is a plain assignment: a panic elsewhere leaves it whole.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// The set, unless it is too old to be used.
    fn live(&self, at: Timestamp) -> Option<&Known> {
        self.known.as_ref().filter(|known| at.seconds_since(known.fetched_at) < LONGEST_LIFE)
    }

    /// The fetch under way. One that is older than any fetch may last was given up by everyone who waited for it.
    fn running(&self, at: Timestamp) -> Option<Flight> {
        let age = |flight: &&Flight| flight.started_at.as_unix().abs_diff(at.as_unix());
        self.flight.as_ref().filter(|flight| age(flight) < SECONDS_BETWEEN_FETCHES).cloned()
    }

    fn settle(&mut self, attempt: u64, known: Result<Known, FetchError>) {
        if self.flight.as_ref().is_none_or(|flight| flight.attempt != attempt) {
            return; // Another fetch has taken its place.
        }
        self.flight = None;
        match known {
            Ok(known) => self.install(known),
            Err(why) => self.failure = Some(Arc::new(why)),
        }
    }

    fn install(&mut self, known: Known) {
        if self.known.as_ref().is_none_or(|old| old.keys != known.keys) {
            self.generation += 1;
        }
        self.known = Some(known);
        self.failure = None;
    }

    /// While the latest fetch failed, nobody can say that a key is not published.
    fn why_not_found(&self, at: Timestamp) -> NotFound {
        if self.failure.is_none() && self.live(at).is_some() {
            NotFound::Absent
        } else {
            NotFound::Unavailable(self.why_unavailable())
        }
    }

    fn why_unavailable(&self) -> Arc<FetchError> {
        self.failure.clone().unwrap_or_else(|| Arc::new(FetchError::Never))
    }
}

impl Known {
    fn is_stale(&self, at: Timestamp) -> bool {
        let set_back = at.saturating_add(CLOCK_STEP) < self.fetched_at;
        at.seconds_since(self.fetched_at) >= self.fresh_for || set_back
    }
}

impl<F: fmt::Debug> fmt::Debug for Jwks<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = lock(&self.state);
        f.debug_struct("Jwks")
            .field("uri", &self.uri)
            .field("fetcher", &self.fetcher)
            .field("keys", &state.known.as_ref().map(|known| &known.keys))
            .field("failure", &state.failure)
            .finish_non_exhaustive()
    }
}
