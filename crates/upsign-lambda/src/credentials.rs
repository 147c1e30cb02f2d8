//! Records when the signing credentials expire, for the metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use upsign_core::{Credentials, CredentialsError, CredentialsSource, Expiry, Timestamp};

/// The expiry of the credentials that were used last. Cheap to clone; all clones share the value.
///
/// Zero stands for "no known expiry". The value is a metric and nothing else depends on it, so relaxed ordering is enough.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastExpiry(Arc<AtomicU64>);

impl LastExpiry {
    /// Returns the seconds from `at` until the expiry, or `None` if there is no known expiry.
    pub(crate) fn remaining(&self, at: Timestamp) -> Option<u64> {
        let expiry = self.0.load(Ordering::Relaxed);
        (expiry > 0).then(|| expiry.saturating_sub(at.as_unix()))
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
        let expiry = match credentials.expiry() {
            Expiry::At(expiry) | Expiry::AtMost(expiry) => expiry.as_unix(),
            _ => 0,
        };
        self.last.0.store(expiry, Ordering::Relaxed);
        Ok(credentials)
    }
}
