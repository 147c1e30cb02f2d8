//! A load balancer whose keys are fetched.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use serde_json::Value;
use upsign_core::Timestamp;

use super::alb::AlbKey;
use super::event::Event;
use super::{Alb, EventIdentity};
use crate::{Backend, Excerpt, FetchError, FetchKeys, Rejection, VerifyError};

/// Identity from a load balancer, with keys from its key host: one fetch at a time, at most one per 10 s, each key kept
/// for 24 hours, at most 16 of them. A key that is at hand is never waited for.
#[derive(Debug)]
pub struct AlbVerifier<F> {
    alb: Alb,
    fetcher: Arc<F>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    keys: HashMap<Box<str>, (AlbKey, Timestamp)>,
    attempted_at: Option<Timestamp>,
    flight: Option<Flight>,
    failure: Option<Arc<FetchError>>,
}

type Answer = Result<Option<AlbKey>, Arc<FetchError>>;

#[derive(Clone, Debug)]
struct Flight {
    kid: Box<str>,
    started_at: Timestamp,
    fetch: Shared<BoxFuture<'static, Answer>>,
}

const SECONDS_BETWEEN_FETCHES: u64 = 10;
const LONGEST_LIFE: u64 = 24 * 60 * 60;
const MOST_KEYS: usize = 16;

impl<F: FetchKeys> AlbVerifier<F> {
    /// Verifies what `alb` says with keys got by `fetcher`, which need not be a key set: its answers are PEM.
    pub fn new(alb: Alb, fetcher: F) -> Self {
        Self { alb, fetcher: Arc::new(fetcher), state: Mutex::default() }
    }

    /// Whom `event` names, as the load balancer has found out.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub async fn identify(&self, event: &Value, at: Timestamp) -> Result<EventIdentity, VerifyError> {
        let token = self.alb.token(&Event::read(event)?)?;
        let key = match self.alb.key(&token.kid) {
            Some(key) => key.clone(),
            None => self.fetched_key(&token.kid, at).await?,
        };
        Ok(EventIdentity::User(token.verify(&self.alb, &key, at)?))
    }

    async fn fetched_key(&self, kid: &str, at: Timestamp) -> Result<AlbKey, VerifyError> {
        let flight = match self.look(kid, at) {
            Ok(key) => return Ok(key),
            Err(Some(flight)) => flight,
            Err(None) => return Err(self.missing(kid)),
        };
        let answer = flight.fetch.await;
        self.settle(&flight.kid, answer, flight.started_at);
        let key = self.state().keys.get(kid).map(|(key, _)| key.clone());
        key.ok_or_else(|| self.missing(kid))
    }

    /// The key, or else the fetch to wait for.
    fn look(&self, kid: &str, at: Timestamp) -> Result<AlbKey, Option<Flight>> {
        let mut state = self.state();
        let age = |since: Timestamp| since.as_unix().abs_diff(at.as_unix());
        if let Some((key, fetched_at)) = state.keys.get(kid)
            && age(*fetched_at) < LONGEST_LIFE
        {
            return Ok(key.clone());
        }
        let recent = |flight: &&Flight| age(flight.started_at) < SECONDS_BETWEEN_FETCHES;
        if let Some(flight) = state.flight.as_ref().filter(recent) {
            return Err(Some(flight.clone()));
        }
        if state.attempted_at.is_some_and(|since| age(since) < SECONDS_BETWEEN_FETCHES) {
            return Err(None);
        }
        let fetch = fetch(Arc::clone(&self.fetcher), self.alb.key_uri(kid), self.alb.backend());
        let flight = Flight { kid: kid.into(), started_at: at, fetch: fetch.boxed().shared() };
        state.attempted_at = Some(at);
        state.flight = Some(flight.clone());
        Err(Some(flight))
    }

    fn settle(&self, kid: &str, answer: Answer, started_at: Timestamp) {
        let mut state = self.state();
        state.flight.take_if(|flight| flight.started_at == started_at && flight.kid.as_ref() == kid);
        match answer {
            Ok(Some(key)) => {
                state.failure = None;
                if state.keys.len() >= MOST_KEYS {
                    state.keys.clear();
                }
                state.keys.insert(kid.into(), (key, started_at));
            }
            Ok(None) => state.failure = None,
            Err(why) => state.failure = Some(why),
        }
    }

    fn missing(&self, kid: &str) -> VerifyError {
        let failure = self.state().failure.clone();
        match failure {
            Some(why) => VerifyError::KeysUnavailable(why),
            None => VerifyError::Rejected(Rejection::UnknownKid { kid: Excerpt::of(kid) }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is a plain assignment: a panic elsewhere leaves the state whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key; `None` when its host says that there is none of this name.
async fn fetch<F: FetchKeys>(fetcher: Arc<F>, uri: String, backend: Backend) -> Answer {
    let answer = fetcher.fetch(&uri).await.map_err(Arc::new)?;
    match answer.status() {
        200 => AlbKey::from_pem(answer.body(), backend)
            .map(Some)
            .ok_or_else(|| Arc::new(FetchError::NoUsableKey)),
        403 | 404 => Ok(None), // A bucket that may not be listed says 403 of what is not in it.
        status => Err(Arc::new(FetchError::Status(status))),
    }
}
