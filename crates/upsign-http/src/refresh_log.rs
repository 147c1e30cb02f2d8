//! Log lines about what is renewed in the background: credentials and keys.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(feature = "cognito")]
use upsign_cognito::KeySetStatus;
use upsign_core::{Timestamp, error_chain};

/// Writes failed attempts to renew the signing credentials or the issuer's keys to the log through `tracing`, at WARN.
///
/// Clients do not notice these failures for hours: they are served with the current credentials and keys as long as those are
/// valid. Each line states the error with all causes, the number of failures since the last success, the seconds until the
/// next attempt, and what the failure means for clients at that moment. The first success after a failure is logged too.
///
/// ```text
/// WARN credentials refresh failed error=the credentials source did not respond within 5000 ms failures=3 next_attempt_in=4s effect="uploads are signed with the current credentials"
/// ```
///
/// Call it in the observer of the source: `Renewing::with_observer` of upsign-core, and
/// `Verifier::with_keys_observer` of upsign-cognito.
#[derive(Debug)]
pub struct RefreshLog {
    what: What,
    issuer: Option<Box<str>>,
    has_failed: AtomicBool,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Credentials,
    Keys,
}

/// An attempt to renew credentials or keys, and the state after it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "callers create it from the status of their source")]
pub struct RefreshAttempt<'a> {
    /// The error, or `None` if the attempt succeeded. All causes are logged.
    pub error: Option<&'a dyn Error>,
    /// The number of failures since the last success.
    pub consecutive_failures: u32,
    /// The time of the next attempt, or `None` if the next request causes it.
    pub next_attempt: Option<Timestamp>,
    /// Whether there are credentials or keys that still serve clients.
    pub is_usable: bool,
    /// The current time.
    pub at: Timestamp,
}

impl RefreshLog {
    /// Creates a log for the credentials that sign uploads.
    #[must_use]
    pub const fn credentials() -> Self {
        Self { what: What::Credentials, issuer: None, has_failed: AtomicBool::new(false) }
    }

    /// Creates a log for the keys that verify tokens.
    #[must_use]
    pub const fn keys() -> Self {
        Self { what: What::Keys, issuer: None, has_failed: AtomicBool::new(false) }
    }

    /// Creates a log for the keys of one of several issuers, whose name each line states.
    #[must_use]
    pub fn keys_of(issuer: &str) -> Self {
        Self { issuer: Some(issuer.into()), ..Self::keys() }
    }

    /// Logs the last fetch of an issuer's keys, as [`record`](Self::record) does. `at` is the current time.
    ///
    /// ```
    /// # use upsign_cognito::{FetchKeys, Verifier, VerifierConfig};
    /// use upsign_http::RefreshLog;
    /// # fn example(config: VerifierConfig, fetcher: impl FetchKeys) {
    /// use upsign::{Clock, SystemClock};
    ///
    /// let log = RefreshLog::keys();
    /// let verifier = Verifier::new(config, fetcher)
    ///     .with_keys_observer(move |status| log.record_keys(status, SystemClock.now()));
    /// # }
    /// ```
    #[cfg(feature = "cognito")]
    pub fn record_keys(&self, status: &KeySetStatus, at: Timestamp) {
        let error = status.error();
        self.record(&RefreshAttempt {
            error: error.as_ref().map(|error| error as _),
            consecutive_failures: status.consecutive_failures,
            next_attempt: status.next_attempt,
            is_usable: status.is_usable,
            at,
        });
    }

    /// Logs the attempt if it failed, or if it is the first success after a failure.
    pub fn record(&self, attempt: &RefreshAttempt<'_>) {
        let had_failed = self.has_failed.swap(attempt.error.is_some(), Ordering::Relaxed);
        let (what, issuer) = (self.what.name(), self.issuer.as_deref());
        match attempt.error {
            Some(error) => {
                let seconds = attempt.next_attempt.map_or(0, |next| next.seconds_since(attempt.at));
                tracing::warn!(
                    issuer,
                    error = %error_chain(error),
                    failures = attempt.consecutive_failures,
                    next_attempt_in = %format_args!("{seconds}s"),
                    effect = self.what.effect(attempt.is_usable),
                    "{what} refresh failed"
                );
            }
            None if had_failed => tracing::warn!(issuer, "{what} refresh succeeded again"),
            None => {}
        }
    }
}

impl What {
    const fn name(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Keys => "jwks",
        }
    }

    /// Returns what a failure means for clients.
    const fn effect(self, is_usable: bool) -> &'static str {
        match (self, is_usable) {
            (Self::Credentials, true) => "uploads are signed with the current credentials",
            (Self::Credentials, false) => {
                "no upload can be signed: requests are answered 503 until a refresh succeeds"
            }
            (Self::Keys, true) => "tokens are verified with the current keys",
            (Self::Keys, false) => {
                "no token can be verified: requests are answered 503 until a refresh succeeds"
            }
        }
    }
}
