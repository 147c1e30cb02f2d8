//! A scripted source of credentials.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use upsign_core::{Credentials, CredentialsError, CredentialsSource, Expiry, Renewing, Timestamp};

/// What the source does when it is called.
#[derive(Clone, Copy, Debug)]
pub(super) enum Script {
    /// Returns new credentials that live this many seconds.
    Lives(u64),
    /// Returns new credentials after a delay.
    Slow(Duration, u64),
    /// Returns new credentials with this expiry.
    Expiry(Expiry),
    /// Returns credentials that do not change, and end at this time.
    Unchanged(Timestamp),
    /// Returns access key 7, which does not expire.
    LongTerm,
    /// Fails as if the service had answered 500.
    Fails,
    /// Fails after a delay.
    FailsAfter(Duration),
    /// Returns no response.
    Hangs,
    Panics,
}

/// A handle to the source. Clones share the script and the count.
#[derive(Clone, Debug)]
pub(super) struct Scripted(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    script: Mutex<Script>,
    calls: AtomicU64,
}

impl Scripted {
    pub(super) fn new(script: Script) -> Self {
        Self(Arc::new(Inner { script: Mutex::new(script), calls: AtomicU64::new(0) }))
    }

    pub(super) fn set(&self, script: Script) {
        *self.0.script.lock().unwrap() = script;
    }

    pub(super) fn calls(&self) -> u64 {
        self.0.calls.load(Ordering::SeqCst)
    }

    /// Returns a source around this one without its random part.
    pub(super) fn renewing(&self) -> Renewing<Self> {
        Renewing::new(self.clone()).without_jitter()
    }
}

#[async_trait]
impl CredentialsSource for Scripted {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        let call = self.0.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let script = *self.0.script.lock().unwrap();
        match script {
            Script::Lives(seconds) => Ok(numbered(call, Expiry::At(at.saturating_add(seconds)))),
            Script::Slow(delay, seconds) => {
                tokio::time::sleep(delay).await;
                Ok(numbered(call, Expiry::At(at.saturating_add(seconds))))
            }
            Script::Expiry(expiry) => Ok(numbered(call, expiry)),
            Script::Unchanged(end) => Ok(numbered(0, Expiry::At(end))),
            Script::LongTerm => Ok(numbered(7, Expiry::Never)),
            Script::Fails => Err(CredentialsError::Load("the service answered 500".into())),
            Script::FailsAfter(delay) => {
                tokio::time::sleep(delay).await;
                Err(CredentialsError::Load("the service answered 500".into()))
            }
            Script::Hangs => std::future::pending().await,
            Script::Panics => panic!("this panic is part of the test"),
        }
    }
}

/// Returns credentials of which every part contains the number.
pub(super) fn numbered(number: u64, expiry: Expiry) -> Credentials {
    let (id, secret, token) =
        (format!("ASIA{number}"), format!("secret-{number}"), format!("token-{number}"));
    Credentials::temporary(&id, &secret, &token, expiry).unwrap()
}

/// Returns the number of credentials after checking that all parts have the same one.
pub(super) fn number(credentials: &Credentials) -> u64 {
    let number = credentials.access_key_id().strip_prefix("ASIA").unwrap().parse().unwrap();
    assert!(credentials.same_keys(&numbered(number, credentials.expiry())), "a mixed pair: {credentials:?}");
    number
}

/// Returns the time `seconds` after the start of a test.
pub(super) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds).unwrap()
}

/// Returns the number of the credentials that a caller receives at this time.
pub(super) async fn serve<C: CredentialsSource + 'static>(renewing: &Renewing<C>, seconds: u64) -> u64 {
    number(&renewing.credentials(at(seconds)).await.unwrap())
}

/// Lets background tasks proceed for this long by the runtime's paused clock.
pub(super) async fn proceed(seconds: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
}

/// Lets background tasks that do not wait end.
pub(super) async fn settle() {
    proceed(0.001).await;
}
