//! Credentials whose end is assumed.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use upsign_core::{Credentials, CredentialsError, CredentialsSource, Expiry, Timestamp};

/// Gives temporary credentials of unknown end an assumed one: so many seconds from when they were first seen here.
///
/// Nobody tells a Lambda function when the credentials in its environment end. Seen from here they live at the longest
/// as long as the role's sessions do, and they may be older than this process: what is signed with them carries an upper
/// bound ([`Expiry::AtMost`]), and once the assumed end is reached nothing is signed until new ones come.
#[derive(Debug)]
pub struct AssumeLifetime<C> {
    source: C,
    seconds: u64,
    /// The credentials seen last, and when they were seen first.
    seen: Mutex<Option<(Credentials, Timestamp)>>,
}

impl<C: CredentialsSource> AssumeLifetime<C> {
    /// The credentials of `source`, taken to live `seconds` from when they are first seen if it does not say.
    pub const fn new(source: C, seconds: u64) -> Self {
        Self { source, seconds, seen: Mutex::new(None) }
    }
}

#[async_trait]
impl<C: CredentialsSource> CredentialsSource for AssumeLifetime<C> {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        let credentials = self.source.credentials(at).await?;
        if credentials.expiry() != Expiry::Unknown {
            return Ok(credentials);
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let first = match &*seen {
            Some((last, first)) if last.same_keys(&credentials) => *first,
            _ => {
                *seen = Some((credentials.clone(), at));
                at
            }
        };
        Ok(credentials.with_expiry(Expiry::AtMost(first.saturating_add(self.seconds))))
    }
}
