//! Verification of a load balancer's header with keys that are fetched from its key host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use serde_json::Value;
use upsign_core::Timestamp;

use super::candidates::Candidates;
use super::config::Alb;
use super::key::AlbKey;
use crate::authorizer::EventIdentity;
use crate::authorizer::event::Event;
use crate::crypto::algorithm::Backend;
use crate::excerpt::Excerpt;
use crate::keys::fetch::{FetchError, FetchKeys};
use crate::rejection::Rejection;
use crate::verifier::VerifyError;

/// Identifies users by the signed header of a load balancer, with keys that it fetches from the load balancer's key host.
///
/// Each key id has its own URL, so each fetch is for one key, and all callers that wait for the key share it. A fetched key is
/// used for 24 hours, and at most 16 keys are cached. A caller whose key is cached never waits.
///
/// Key ids that are used once cause at most one fetch per 10 s. Those that are used for longer than a second cause at most one
/// each, and 10 per second in total. Invented key ids therefore neither flood the key host nor keep a new key of the load
/// balancer from being fetched. Clones share the keys and their fetches.
#[derive(Debug)]
pub struct AlbVerifier<F> {
    alb: Alb,
    fetcher: Arc<F>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Each key with the time of its fetch.
    keys: HashMap<Box<str>, (AlbKey, Timestamp)>,
    candidates: Candidates,
    /// The current fetch of each key. All callers that wait for the key poll clones of its future; the first one that sees it
    /// complete stores the result.
    flights: HashMap<Box<str>, Flight>,
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
const MAX_AGE_SECONDS: u64 = 24 * 60 * 60;
const MAX_KEYS: usize = 16;

impl<F: FetchKeys> AlbVerifier<F> {
    /// Creates a verifier that fetches keys with `fetcher`. The responses are PEM, not key sets.
    pub fn new(alb: Alb, fetcher: F) -> Self {
        Self { alb, fetcher: Arc::new(fetcher), state: Arc::default() }
    }

    /// Returns the user that the load balancer has authenticated.
    ///
    /// # Errors
    /// Returns [`VerifyError::Rejected`] if the event has no valid header of this load balancer, and
    /// [`VerifyError::KeysUnavailable`] if its key could not be fetched.
    pub async fn identify(&self, event: &Value, at: Timestamp) -> Result<EventIdentity, VerifyError> {
        let token = self.alb.token(&Event::read(event)?)?;
        let key = match self.alb.key(&token.kid) {
            Some(key) => key.clone(),
            None => self.fetched_key(&token.kid, at).await?,
        };
        Ok(EventIdentity::User(token.verify(&self.alb, &key, at)?))
    }

    async fn fetched_key(&self, kid: &str, at: Timestamp) -> Result<AlbKey, VerifyError> {
        let flight = match self.look_up(kid, at) {
            Ok(key) => return Ok(key),
            Err(Some(flight)) => flight,
            Err(None) => return Err(self.missing(kid)),
        };
        let response = flight.fetch.await;
        self.complete(kid, response, flight.started_at);
        let key = self.state().keys.get(kid).map(|(key, _)| key.clone());
        key.ok_or_else(|| self.missing(kid))
    }

    /// Returns the cached key; or the fetch to wait for, if there is one or one may start.
    fn look_up(&self, kid: &str, at: Timestamp) -> Result<AlbKey, Option<Flight>> {
        let mut state = self.state();
        let state = &mut *state;
        // Absolute, so that a clock set back neither keeps keys nor stops fetches.
        let age = |since: Timestamp| since.as_unix().abs_diff(at.as_unix());
        let cached = state.keys.get(kid);
        if let Some((key, fetched_at)) = cached
            && age(*fetched_at) < MAX_AGE_SECONDS
        {
            return Ok(key.clone());
        }
        state.flights.retain(|_, flight| age(flight.started_at) < MAX_FLIGHT_SECONDS);
        if let Some(flight) = state.flights.get(kid) {
            return Err(Some(flight.clone()));
        }
        if !state.candidates.admit(kid, cached.is_some(), at) {
            return Err(None);
        }
        let fetch = fetch(Arc::clone(&self.fetcher), self.alb.key_uri(kid), self.alb.backend());
        let flight = Flight { started_at: at, fetch: fetch.boxed().shared() };
        state.flights.insert(kid.into(), flight.clone());
        Err(Some(flight))
    }

    /// Stores the result of a fetch. Every caller that waited calls this; only the first one changes anything.
    fn complete(&self, kid: &str, response: Response, started_at: Timestamp) {
        let mut state = self.state();
        if state.flights.get(kid).is_none_or(|flight| flight.started_at != started_at) {
            return;
        }
        state.flights.remove(kid);
        match response {
            Ok(Some(key)) => {
                state.last_error = None;
                state.candidates.found(kid);
                if state.keys.len() >= MAX_KEYS {
                    state.keys.clear();
                }
                state.keys.insert(kid.into(), (key, started_at));
            }
            Ok(None) => {
                state.last_error = None;
                state.candidates.missed(kid);
            }
            Err(error) => state.last_error = Some(error),
        }
    }

    fn missing(&self, kid: &str) -> VerifyError {
        let error = self.state().last_error.clone();
        match error {
            Some(error) => VerifyError::KeysUnavailable(error),
            None => VerifyError::Rejected(Rejection::UnknownKid { kid: Excerpt::new(kid) }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the state is a plain assignment, so a panic of another thread cannot leave it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// Not derived: that would require `F: Clone`.
impl<F> Clone for AlbVerifier<F> {
    fn clone(&self) -> Self {
        Self { alb: self.alb.clone(), fetcher: Arc::clone(&self.fetcher), state: Arc::clone(&self.state) }
    }
}

async fn fetch<F: FetchKeys>(fetcher: Arc<F>, uri: String, backend: Backend) -> Response {
    let response = fetcher.fetch(&uri).await.map_err(Arc::new)?;
    match response.status() {
        200 => AlbKey::from_pem(response.body(), backend)
            .map(Some)
            .ok_or_else(|| Arc::new(FetchError::NoUsableKey)),
        // In some partitions the key host is an S3 bucket, which responds with 403 for an object that does not exist.
        403 | 404 => Ok(None),
        status => Err(Arc::new(FetchError::Status(status))),
    }
}
