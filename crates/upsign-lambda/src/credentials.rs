//! Credentials, watched and of a stated end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use upsign::AssumeLifetime;
use upsign_config::{Config, UnknownExpiry};
use upsign_core::{Credentials, CredentialsError, CredentialsSource, Expiry, Timestamp};

use crate::function::NotStarted;

/// The end of the credentials seen last. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct End(Arc<AtomicU64>);

impl End {
    /// Seconds from `at` until then, where there is an end.
    pub(crate) fn remaining(&self, at: Timestamp) -> Option<u64> {
        let end = self.0.load(Ordering::Relaxed);
        (end > 0).then(|| end.saturating_sub(at.as_unix()))
    }
}

/// Remembers when the credentials that went through it end.
#[derive(Debug)]
pub(crate) struct Watched {
    source: Box<dyn CredentialsSource>,
    end: End,
}

impl Watched {
    pub(crate) fn new(source: Box<dyn CredentialsSource>, end: End) -> Self {
        Self { source, end }
    }
}

#[async_trait]
impl CredentialsSource for Watched {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        let credentials = self.source.credentials(at).await?;
        let end = match credentials.expiry() {
            Expiry::At(end) | Expiry::AtMost(end) => end.as_unix(),
            _ => 0,
        };
        self.end.0.store(end, Ordering::Relaxed);
        Ok(credentials)
    }
}

/// A role's credentials stand in the environment without their end: the configuration says what is to be done.
pub(crate) fn of_known_end(
    credentials: Credentials,
    config: &Config,
) -> Result<Box<dyn CredentialsSource>, NotStarted> {
    match (credentials.expiry(), config.unknown_expiry()) {
        (Expiry::Unknown, Some(UnknownExpiry::Assume(seconds))) => {
            Ok(Box::new(AssumeLifetime::new(credentials, seconds)))
        }
        (Expiry::Unknown, _) => Err(NotStarted::UnknownExpiry),
        _ => Ok(Box::new(credentials)),
    }
}
