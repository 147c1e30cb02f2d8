//! A fake key endpoint, controlled by the test, without a network and without a clock.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use tokio::sync::Semaphore;
use upsign_jwt::{FetchError, FetchKeys, FetchedKeys, Refresh};

#[derive(Debug)]
pub(crate) struct Endpoint {
    response: Mutex<Response>,
    fetches: AtomicUsize,
    /// Each fetch consumes a permit, unless the semaphore is closed.
    gate: Semaphore,
    has_runtime: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Response {
    Keys(String),
    Other(u16, Vec<u8>),
    Down,
}

impl Endpoint {
    /// Responds immediately.
    pub(crate) fn new(response: Response) -> Arc<Self> {
        let endpoint = Self::blocked(response);
        endpoint.gate.close();
        endpoint
    }

    /// Responds to one fetch for each call of [`release_one`](Self::release_one).
    pub(crate) fn blocked(response: Response) -> Arc<Self> {
        Arc::new(Self {
            response: Mutex::new(response),
            fetches: AtomicUsize::new(0),
            gate: Semaphore::new(0),
            has_runtime: true,
        })
    }

    /// Responds as [`blocked`](Self::blocked) does, and cannot spawn a background refresh.
    pub(crate) fn without_runtime(response: Response) -> Arc<Self> {
        Arc::new(Self { has_runtime: false, ..Arc::into_inner(Self::blocked(response)).unwrap() })
    }

    pub(crate) fn respond_with(&self, response: Response) {
        *self.response.lock().unwrap() = response;
    }

    pub(crate) fn release_one(&self) {
        self.gate.add_permits(1);
    }

    pub(crate) fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl FetchKeys for Endpoint {
    async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError> {
        assert_eq!(uri, format!("{}/.well-known/jwks.json", crate::pool::ISSUER));
        self.fetches.fetch_add(1, Ordering::SeqCst);
        if let Ok(permit) = self.gate.acquire().await {
            permit.forget();
        }
        match self.response.lock().unwrap().clone() {
            Response::Keys(document) => Ok(FetchedKeys::new(200, document)),
            Response::Other(status, body) => Ok(FetchedKeys::new(status, body)),
            Response::Down => Err(FetchError::Transport("connection refused".into())),
        }
    }

    fn spawn(&self, refresh: Refresh) -> Result<(), Refresh> {
        if self.has_runtime {
            tokio::spawn(refresh);
            Ok(())
        } else {
            Err(refresh)
        }
    }
}

/// Returns a token with an unknown key id and an invalid signature.
pub(crate) fn forged(kid: &str) -> String {
    format!(
        "{}.{}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(json!({"alg": "RS256", "kid": kid}).to_string()),
        BASE64_URL_SAFE_NO_PAD.encode("{}"),
        BASE64_URL_SAFE_NO_PAD.encode([1; 256])
    )
}
