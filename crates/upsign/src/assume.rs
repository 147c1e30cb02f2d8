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
    received_at: Timestamp,
    /// The last [`MAX_LIVES`] credentials that the source returned, the latest last.
    lives: Mutex<Vec<Life>>,
}

/// The life of credentials.
///
/// It is counted from one instant and not from each call: otherwise the assumed expiry would never be reached.
#[derive(Debug)]
struct Life {
    access_key_id: String,
    begins_at: Timestamp,
}

/// A source can return earlier credentials again, for example when two calls overlap while it replaces them. Their life does
/// not begin again.
const MAX_LIVES: usize = 8;

impl<C: CredentialsSource> AssumeLifetime<C> {
    /// Wraps `source` and assumes that its credentials are valid for `seconds` seconds after the process has received them:
    /// from `received_at` for the first ones, which is usually the time at which the process started, and from the first call
    /// that returns them for later ones, also if the source returns others in between (the last eight are remembered). If a call comes with an earlier time, because the clock was set back, the life
    /// begins then.
    ///
    /// Choose at most the maximum session duration of the role: a longer assumption produces URLs that S3 rejects before
    /// their stated expiry.
    pub const fn new(source: C, seconds: u64, received_at: Timestamp) -> Self {
        Self { source, seconds, received_at, lives: Mutex::new(Vec::new()) }
    }
}

#[async_trait]
impl<C: CredentialsSource> CredentialsSource for AssumeLifetime<C> {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        let credentials = self.source.credentials(at).await?;
        if credentials.expiry() != Expiry::Unknown {
            return Ok(credentials);
        }
        // A panic while the lock is held leaves complete lives behind, so a poisoned lock is safe to use.
        let mut lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        let access_key_id = credentials.access_key_id();
        let known = lives.iter().position(|life| life.access_key_id == access_key_id);
        let begins_at = match known.map(|index| lives.remove(index)) {
            Some(life) => life.begins_at.min(at),
            // The process has had the first credentials for a while.
            None if lives.is_empty() => self.received_at.min(at),
            None => at,
        };
        if lives.len() >= MAX_LIVES {
            lives.remove(0);
        }
        lives.push(Life { access_key_id: access_key_id.to_owned(), begins_at });
        Ok(credentials.with_expiry(Expiry::AtMost(begins_at.saturating_add(self.seconds))))
    }
}
