//! Records when the signing credentials expire, for the metrics and for the end of the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use upsign_core::{Credentials, CredentialsError, CredentialsSource, Expiry, SAFETY_MARGIN, Timestamp};

/// The expiry of fixed credentials, or of those that a source returned last. Cheap to clone; all clones share the value.
///
/// Zero stands for "no known expiry". No other value depends on it, so relaxed ordering is enough.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastExpiry(Arc<AtomicU64>);

impl LastExpiry {
    pub(crate) fn record(&self, expiry: Expiry) {
        let expiry = match expiry {
            Expiry::At(expiry) | Expiry::AtMost(expiry) => expiry.as_unix(),
            _ => 0,
        };
        self.0.store(expiry, Ordering::Relaxed);
    }

    /// Returns the seconds from `at` until the expiry, or `None` if there is no known expiry.
    pub(crate) fn remaining(&self, at: Timestamp) -> Option<u64> {
        let expiry = self.0.load(Ordering::Relaxed);
        (expiry > 0).then(|| expiry.saturating_sub(at.as_unix()))
    }
}

/// When the credentials of a process have ended for good: fixed credentials, which nothing within the process can replace.
///
/// Lambda passes the credentials of the function's role to the process when it starts, and never again. Once they have
/// ended, every answer is 503 until the platform replaces the process, which can take hours. A function therefore ends
/// itself after such an answer ([`UploadFunction::run`](crate::UploadFunction::run)), and the platform starts a new process
/// for the next event. Credentials of a source, such as an assumed role, are renewed within the process and never end it.
///
/// Create it with [`FunctionSettings::credentials_end`](crate::FunctionSettings::credentials_end).
#[derive(Clone, Debug)]
pub struct CredentialsEnd {
    /// `None` if the credentials never end, or are renewed within the process.
    last: Option<LastExpiry>,
    /// The remaining seconds with which the shortest grant can be signed.
    needed: u64,
}

impl CredentialsEnd {
    pub(crate) const NEVER: Self = Self { last: None, needed: 0 };

    /// The credentials end when they are too short for the shortest of the grants, in seconds.
    pub(crate) fn at(last: LastExpiry, shortest: u32) -> Self {
        Self { last: Some(last), needed: u64::from(SAFETY_MARGIN).saturating_add(shortest.into()) }
    }

    /// Returns `true` if the credentials can no longer sign a grant at `at`: less remains of their life, known or assumed,
    /// than [`SAFETY_MARGIN`] and the shortest lifetime of a grant (`credentials.minimum`, 60 seconds by default).
    ///
    /// The life of credentials whose expiry is assumed begins when the process receives them, not with the first request that
    /// they sign.
    #[must_use]
    pub fn has_passed(&self, at: Timestamp) -> bool {
        let remaining = self.last.as_ref().and_then(|last| last.remaining(at));
        remaining.is_some_and(|remaining| remaining < self.needed)
    }
}

/// A source that records the expiry of the credentials that it returns.
#[derive(Debug)]
pub(crate) struct ExpiryRecorder {
    source: Box<dyn CredentialsSource>,
    last: LastExpiry,
}

impl ExpiryRecorder {
    pub(crate) fn new(source: Box<dyn CredentialsSource>, last: LastExpiry) -> Self {
        Self { source, last }
    }
}

#[async_trait]
impl CredentialsSource for ExpiryRecorder {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        let credentials = self.source.credentials(at).await?;
        self.last.record(credentials.expiry());
        Ok(credentials)
    }
}
