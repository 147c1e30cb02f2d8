//! A key endpoint that does what the test says, without a network and without a clock.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use tokio::sync::Semaphore;
use upsign_cognito::{FetchError, FetchKeys, FetchedKeys, Refresh};

#[derive(Debug)]
pub(crate) struct Endpoint {
    answer: Mutex<Answer>,
    fetches: AtomicUsize,
    /// One permit lets one fetch through; closed, every one.
    gate: Semaphore,
    has_runtime: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Keys(String),
    Other(u16, Vec<u8>),
    Down,
}

impl Endpoint {
    /// Answers at once.
    pub(crate) fn new(answer: Answer) -> Arc<Self> {
        let endpoint = Self::waiting(answer);
        endpoint.gate.close();
        endpoint
    }

    /// Answers when it is let.
    pub(crate) fn waiting(answer: Answer) -> Arc<Self> {
        Arc::new(Self {
            answer: Mutex::new(answer),
            fetches: AtomicUsize::new(0),
            gate: Semaphore::new(0),
            has_runtime: true,
        })
    }

    /// Answers when it is let, and cannot run anything beside its caller.
    pub(crate) fn without_runtime(answer: Answer) -> Arc<Self> {
        Arc::new(Self { has_runtime: false, ..Arc::into_inner(Self::waiting(answer)).unwrap() })
    }

    pub(crate) fn says(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(crate) fn let_one_through(&self) {
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
        match self.answer.lock().unwrap().clone() {
            Answer::Keys(document) => Ok(FetchedKeys::new(200, document)),
            Answer::Other(status, body) => Ok(FetchedKeys::new(status, body)),
            Answer::Down => Err(FetchError::Transport("connection refused".into())),
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
