//! Credentials that do not state when they expire.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use upsign_core::{Credentials, CredentialsError, CredentialsSource, Expiry, Timestamp};

/// A source that assigns an assumed expiry to temporary credentials that do not state one.
///
/// AWS Lambda passes the credentials of the function's role in environment variables, without their expiry. They are
/// valid for at most the duration of the role's sessions, and they may have been issued before this process started. This
/// source therefore assumes that they expire a fixed number of seconds after this process has received them, and marks that
/// instant as an upper bound ([`Expiry::AtMost`]). After that instant nothing is signed until different credentials appear.
///
/// Credentials that state an expiry, and long-term credentials, pass through unchanged.
///
/// ```
/// use upsign::types::{Credentials, CredentialsSource, Expiry};
/// use upsign::{AssumeLifetime, Clock, SystemClock};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The values of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, read when the process starts.
/// let role = Credentials::temporary("ASIAEXAMPLE", "secret", "token", Expiry::Unknown)?;
/// let started = SystemClock.now();
/// let source = AssumeLifetime::new(role, 3_600, started);
///
/// // The life does not begin with the first upload, even if that comes 50 minutes later.
/// let credentials = source.credentials(started.saturating_add(3_000)).await?;
/// assert_eq!(credentials.expiry(), Expiry::AtMost(started.saturating_add(3_600)));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct AssumeLifetime<C> {
    source: C,
    seconds: u64,
    life: Mutex<Life>,
}

/// The life of the credentials that the source returned last.
///
/// It is counted from one instant and not from each call: otherwise the assumed expiry would never be reached.
#[derive(Debug)]
struct Life {
    /// `None` before the first call. The first credentials are those that the process had at `begins_at`.
    credentials: Option<Credentials>,
    begins_at: Timestamp,
}

impl<C: CredentialsSource> AssumeLifetime<C> {
    /// Wraps `source` and assumes that its credentials are valid for `seconds` seconds after the process has received them:
    /// from `received_at` for the first ones, which is usually the time at which the process started, and from the first call
    /// that returns them for later ones. If a call comes with an earlier time, because the clock was set back, the life
    /// begins then.
    ///
    /// Choose at most the maximum session duration of the role: a longer assumption produces URLs that S3 rejects before
    /// their stated expiry.
    pub const fn new(source: C, seconds: u64, received_at: Timestamp) -> Self {
        Self { source, seconds, life: Mutex::new(Life { credentials: None, begins_at: received_at }) }
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
        let mut life = self.life.lock().unwrap_or_else(PoisonError::into_inner);
        let begins_at = match &life.credentials {
            Some(last) if !last.same_keys(&credentials) => at,
            _ => life.begins_at.min(at),
        };
        *life = Life { credentials: Some(credentials.clone()), begins_at };
        Ok(credentials.with_expiry(Expiry::AtMost(begins_at.saturating_add(self.seconds))))
    }
}
