//! Verification of a load balancer's header with keys that are fetched from its key host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use serde_json::Value;
use upsign_core::Timestamp;
use upsign_jwt::{
    Backend, Excerpt, FetchError, FetchKeys, FetchedKeys, Rejection, VerifyError, fetch_limited,
};

use super::cached_keys::CachedKeys;
use super::candidates::Candidates;
use super::config::Alb;
use super::key::AlbKey;
use super::status::AlbKeysStatus;
use crate::authorizer::EventIdentity;
use crate::authorizer::event::Event;

/// Identifies users by the signed header of a load balancer, with keys that it fetches from the load balancer's key host.
///
/// ```
/// use upsign_cognito::authorizer::{Alb, AlbVerifier};
/// use upsign_cognito::fetch_keys_fn;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let corpus: serde_json::Value = serde_json::from_slice(&std::fs::read("../upsign-testing/vectors/lambda_events.json")?)?;
/// # let case = corpus["cases"].as_array().unwrap().iter().find(|case| case["id"] == "alb/ok").unwrap();
/// # let pem = case["config"]["alb"]["public_key_pem"].as_str().unwrap().to_owned();
/// # let event = &case["event"];
/// # let fetcher = fetch_keys_fn(move |_| {
/// #     let pem = pem.clone();
/// #     async move { Ok(upsign_cognito::FetchedKeys::new(200, pem)) }
/// # });
/// let alb = Alb::new(
///     "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188",
///     "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_TestPool1",
///     "client-app-1",
/// )?;
/// let verifier = AlbVerifier::new(alb, fetcher); // usually `HttpFetch::new()`, of the feature `fetch`
///
/// // `event` is what the load balancer has sent to the Lambda function.
/// let at = "2026-01-01T00:00:00Z".parse()?;
/// let caller = verifier.identify(event, at).await?;
/// assert_eq!(caller.identity().unwrap().subject().as_str(), "3f2504e0-4f89-41d3-9a0c-0305e82c3301");
///
/// // For readiness checks and metrics.
/// let status = verifier.status(at);
/// assert_eq!((status.usable_keys, status.consecutive_failures), (1, 0));
/// # Ok(())
/// # }
/// ```
///
/// Each key id has its own URL, so each fetch is for one key, and all callers that wait for the key share it. At most 16 keys
/// are cached. If there are more, those that have verified no header, or none for the longest time, are removed first.
///
/// | age of the key | caller |
/// | --- | --- |
/// | up to 12 h | served immediately |
/// | 12 h to 24 h | served immediately; starts a background fetch, at most one per 10 s |
/// | over 24 h, or no key | waits for a fetch |
///
/// If the fetcher has no runtime for background fetches ([`FetchKeys::spawn`]), the caller that starts one waits for it. If the
/// fetch fails, the key is used until it is 24 h old; if the key host no longer has the key, it is removed.
///
/// Anyone who knows the ARN of the load balancer, the issuer and the client can invent key ids. However many there are, at most
/// 12 requests per second and one more per 10 s are sent for keys that are not cached. Except for that one, only key ids in
/// repeated use are requested, and if they compete, each use has the same chance. Uses are counted approximately: in a flood, an
/// id that is used once can count as repeated. An id that the key host does not have is requested again after 10 s and
/// then, each time, after twice as long, up to 300 s; one whose request failed, after 10 s. Invented key ids therefore neither
/// flood the key host nor keep a new key of the load balancer from being fetched, and need no more than 2 MiB of memory. A key
/// id that was not requested because of these limits is [`VerifyError::KeysUnavailable`], because nothing is known about it.
///
/// Clones share the keys and their fetches.
pub struct AlbVerifier<F> {
    alb: Alb,
    fetcher: Arc<F>,
    observer: Option<Observer>,
    state: Arc<Mutex<State>>,
}

type Observer = Arc<dyn Fn(&AlbKeysStatus) + Send + Sync>;

#[derive(Debug, Default)]
struct State {
    keys: CachedKeys,
    candidates: Candidates,
    /// The current fetch of each key. All callers that wait for the key poll clones of its future; the first one that sees it
    /// complete stores the result.
    flights: HashMap<Box<str>, Flight>,
    /// The number of fetches started.
    fetches: u64,
    consecutive_failures: u32,
    total_failures: u64,
    /// The error of the latest completed fetch; `None` if the key host answered.
    last_error: Option<Arc<FetchError>>,
}

/// The key, or `None` if the key host has no key of this id.
type Response = Result<Option<AlbKey>, Arc<FetchError>>;

#[derive(Clone, Debug)]
struct Flight {
    started_at: Timestamp,
    fetch: Shared<BoxFuture<'static, Response>>,
}

/// A fetch takes a few seconds at most, so an older one is no longer polled by any caller.
const MAX_FLIGHT_SECONDS: u64 = 10;

/// What is known of a key before any fetch.
enum Lookup {
    Cached(AlbKey),
    /// The key is usable but stale, and this caller has started its refresh.
    Stale(AlbKey, Flight),
    /// The answer depends on this fetch.
    Wait(Flight),
}

impl<F: FetchKeys> AlbVerifier<F> {
    /// Creates a verifier that fetches keys with `fetcher`. The responses are PEM, not key sets.
    pub fn new(alb: Alb, fetcher: F) -> Self {
        Self { alb, fetcher: Arc::new(fetcher), observer: None, state: Arc::default() }
    }

    /// Calls `observer` after every fetch with the resulting status: to log a failure with its cause, or to count.
    /// `status.last_error` is set if the fetch failed.
    ///
    /// It runs in the call of a caller, or in a background fetch, and must not block. Clones that are made later share it.
    #[must_use]
    pub fn with_observer(self, observer: impl Fn(&AlbKeysStatus) + Send + Sync + 'static) -> Self {
        Self { observer: Some(Arc::new(observer)), ..self }
    }

    /// Returns the state at the time `at`. It never waits and never starts a fetch.
    #[must_use]
    pub fn status(&self, at: Timestamp) -> AlbKeysStatus {
        self.state().status(self.alb.key_host(), at)
    }

    /// Returns the user that the load balancer has authenticated.
    ///
    /// # Errors
    /// Returns [`VerifyError::Rejected`] if the event has no valid header of this load balancer, and
    /// [`VerifyError::KeysUnavailable`] if its key could not be fetched, or may not be yet.
    pub async fn identify(&self, event: &Value, at: Timestamp) -> Result<EventIdentity, VerifyError> {
        let token = self.alb.token(&Event::read(event)?)?;
        if let Some(key) = self.alb.key(&token.kid) {
            return Ok(EventIdentity::User(token.verify(&self.alb, key, at)?));
        }
        token.check_header(&self.alb, at)?;
        let key = self.fetched_key(&token.kid, at).await?;
        let user = token.verify(&self.alb, &key, at)?;
        self.state().keys.verified(&token.kid, at);
        Ok(EventIdentity::User(user))
    }

    async fn fetched_key(&self, kid: &str, at: Timestamp) -> Result<AlbKey, VerifyError> {
        let (stale, flight) = match self.look_up(kid, at)? {
            Lookup::Cached(key) => return Ok(key),
            Lookup::Stale(key, flight) if self.spawn(kid, &flight) => return Ok(key),
            Lookup::Stale(key, flight) => (Some(key), flight),
            Lookup::Wait(flight) => (None, flight),
        };
        match self.finish(kid, flight).await {
            Ok(Some(key)) => Ok(key),
            Ok(None) => Err(unknown(kid)),
            Err(error) => stale.ok_or_else(|| self.unavailable(kid, error)),
        }
    }

    /// Returns the cached key, or the fetch to wait for, if there is one or one may start.
    fn look_up(&self, kid: &str, at: Timestamp) -> Result<Lookup, VerifyError> {
        let mut state = self.state();
        let state = &mut *state;
        let cached = state.keys.get(kid);
        let is_known = cached.is_some();
        let usable = cached.filter(|cached| cached.is_usable(at));
        if let Some(fresh) = usable.filter(|cached| !cached.is_stale(at)) {
            return Ok(Lookup::Cached(fresh.key.clone()));
        }
        let usable = usable.map(|cached| cached.key.clone());
        // Absolute, so that a clock set back does not stop fetches.
        let age = |since: Timestamp| since.as_unix().abs_diff(at.as_unix());
        state.flights.retain(|_, flight| age(flight.started_at) < MAX_FLIGHT_SECONDS);
        if let Some(flight) = state.flights.get(kid) {
            return Ok(usable.map_or_else(|| Lookup::Wait(flight.clone()), Lookup::Cached));
        }
        if !state.candidates.admit(kid, is_known, at) {
            return match usable {
                Some(key) => Ok(Lookup::Cached(key)),
                None if state.candidates.is_missing(kid) => Err(unknown(kid)),
                // The key may exist, so this is no rejection.
                None => Err(self.unavailable(kid, state.last_error.clone().unwrap_or_else(not_requested))),
            };
        }
        state.fetches += 1;
        let response = fetch_limited(Arc::clone(&self.fetcher), self.alb.key_uri(kid).into());
        let backend = self.alb.backend();
        let fetch = async move { read(response.await, backend) };
        let flight = Flight { started_at: at, fetch: fetch.boxed().shared() };
        state.flights.insert(kid.into(), flight.clone());
        Ok(match usable {
            Some(key) => Lookup::Stale(key, flight),
            None => Lookup::Wait(flight),
        })
    }

    /// Starts `flight` in the background. Returns whether it did: if not, the caller must poll it.
    fn spawn(&self, kid: &str, flight: &Flight) -> bool {
        let (this, kid, flight) = (self.clone(), Box::<str>::from(kid), flight.clone());
        let refresh = async move {
            // The result is in the state.
            let _ = this.finish(&kid, flight).await;
        };
        self.fetcher.spawn(refresh.boxed()).is_ok()
    }

    /// Waits for a fetch and stores its result.
    async fn finish(&self, kid: &str, flight: Flight) -> Response {
        let response = flight.fetch.await;
        self.complete(kid, response.clone(), flight.started_at);
        response
    }

    /// Stores the result of a fetch. Every caller that waited calls this; only the first one changes anything.
    fn complete(&self, kid: &str, response: Response, started_at: Timestamp) {
        let status = {
            let mut state = self.state();
            if state.flights.get(kid).is_none_or(|flight| flight.started_at != started_at) {
                return;
            }
            state.flights.remove(kid);
            state.complete(kid, response, started_at);
            state.status(self.alb.key_host(), started_at)
        };
        if let Some(observer) = &self.observer {
            observer(&status);
        }
    }

    fn unavailable(&self, kid: &str, source: Arc<FetchError>) -> VerifyError {
        VerifyError::KeysUnavailable { uri: self.alb.key_uri(kid).into(), source }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the state is a plain assignment, so a panic of another thread cannot leave it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// Not derived: that would require `F: Clone`.
impl<F> Clone for AlbVerifier<F> {
    fn clone(&self) -> Self {
        Self {
            alb: self.alb.clone(),
            fetcher: Arc::clone(&self.fetcher),
            observer: self.observer.clone(),
            state: Arc::clone(&self.state),
        }
    }
}

impl<F: std::fmt::Debug> std::fmt::Debug for AlbVerifier<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AlbVerifier")
            .field("alb", &self.alb)
            .field("fetcher", &self.fetcher)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl State {
    fn complete(&mut self, kid: &str, response: Response, started_at: Timestamp) {
        match response {
            Ok(Some(key)) => {
                self.answered();
                self.candidates.found(kid);
                self.keys.insert(kid, key, started_at);
            }
            Ok(None) => {
                self.answered();
                self.candidates.missed(kid);
                self.keys.remove(kid);
            }
            Err(error) => {
                self.consecutive_failures = self.consecutive_failures.saturating_add(1);
                self.total_failures += 1;
                self.last_error = Some(error);
            }
        }
    }

    fn answered(&mut self) {
        self.last_error = None;
        self.consecutive_failures = 0;
    }

    fn status(&self, key_host: &str, at: Timestamp) -> AlbKeysStatus {
        AlbKeysStatus {
            key_host: key_host.into(),
            usable_keys: self.keys.usable_keys(at),
            age: self.keys.newest().map(|newest| at.seconds_since(newest)),
            fetches: self.fetches,
            consecutive_failures: self.consecutive_failures,
            total_failures: self.total_failures,
            last_error: self.last_error.clone(),
        }
    }
}

fn unknown(kid: &str) -> VerifyError {
    VerifyError::Rejected(Rejection::UnknownKid { kid: Excerpt::new(kid) })
}

fn not_requested() -> Arc<FetchError> {
    Arc::new(FetchError::transport("it was not sent: the limit on requests for keys is reached"))
}

fn read(response: Result<FetchedKeys, FetchError>, backend: Backend) -> Response {
    let response = response.map_err(Arc::new)?;
    match response.status() {
        200 => AlbKey::from_pem(response.body(), backend)
            .map(Some)
            .ok_or_else(|| Arc::new(FetchError::NoUsableKey)),
        // In some partitions the key host is an S3 bucket, which responds with 403 for an object that does not exist.
        403 | 404 => Ok(None),
        status => Err(Arc::new(FetchError::Status(status))),
    }
}
