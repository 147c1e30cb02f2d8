//! Credentials that do not state when they expire.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use upsign_core::{Credentials, CredentialsError, CredentialsSource, Expiry, Timestamp};

/// A source that assigns an assumed expiry to temporary credentials that do not state one.
///
/// AWS Lambda passes the credentials of the function's role in environment variables, without their expiry. They are
/// valid for at most the duration of the role's sessions, and they may have been issued before this process started. This
/// source therefore assumes that they expire a fixed number of seconds after it first sees them, and marks that instant as an upper bound
/// ([`Expiry::AtMost`]). After that instant nothing is signed until different credentials appear.
///
/// Credentials that state an expiry, and long-term credentials, pass through unchanged.
#[derive(Debug)]
pub struct AssumeLifetime<C> {
    source: C,
    seconds: u64,
    /// The credentials seen last and the instant at which they were first seen. The lifetime is counted from that
    /// instant and not from each call: otherwise the assumed expiry would never be reached.
    first_seen: Mutex<Option<(Credentials, Timestamp)>>,
}

impl<C: CredentialsSource> AssumeLifetime<C> {
    /// Wraps `source` and assumes that its credentials are valid for `seconds` seconds after they are first seen.
    ///
    /// Choose at most the maximum session duration of the role: a longer assumption produces URLs that S3 rejects before
    /// their stated expiry.
    pub const fn new(source: C, seconds: u64) -> Self {
        Self { source, seconds, first_seen: Mutex::new(None) }
    }
}

#[async_trait]
impl<C: CredentialsSource> CredentialsSource for AssumeLifetime<C> {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        let credentials = self.source.credentials(at).await?;
        if credentials.expiry() != Expiry::Unknown {
            return Ok(credentials);
        }
        // A panic while the lock is held leaves a complete value behind, so a poisoned lock is safe to use.
        let mut first_seen = self.first_seen.lock().unwrap_or_else(PoisonError::into_inner);
        let since = match &*first_seen {
            Some((last, since)) if last.same_keys(&credentials) => *since,
            _ => {
                *first_seen = Some((credentials.clone(), at));
                at
            }
        };
        Ok(credentials.with_expiry(Expiry::AtMost(since.saturating_add(self.seconds))))
    }
}
