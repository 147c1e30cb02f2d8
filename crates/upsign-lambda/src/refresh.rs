//! Reports failed attempts to renew the issuer's keys and the credentials, which callers do not notice for hours.

use std::sync::{Arc, OnceLock};

use crate::emf::WriteLine;

/// Writes a log line and a line of metrics for each failure. Clones share the destination of the metrics.
#[derive(Clone, Default)]
pub(crate) struct RefreshReports(Arc<OnceLock<WriteLine>>);

impl RefreshReports {
    /// Sets the destination of the metrics, which is known last. Without one, only the log line is written.
    pub(crate) fn write_to(&self, write: WriteLine) {
        // A destination that was set before stays: there is one for each function.
        let _ = self.0.set(write);
    }

    /// Reports that `what` could not be renewed. `metric` counts it.
    #[cfg(any(feature = "verify", feature = "chain"))]
    pub(crate) fn failed(
        &self,
        (what, metric): (&'static str, &'static str),
        error: &dyn std::error::Error,
        consecutive_failures: u32,
        next_attempt: Option<upsign_core::Timestamp>,
    ) {
        use upsign::{Clock, SystemClock};

        let at = SystemClock.now();
        let error = upsign_core::error_chain(error);
        let wait = next_attempt.map_or(0, |next| next.seconds_since(at));
        let next_attempt_in = format_args!("{wait}s");
        let failures = consecutive_failures;
        tracing::warn!(what, %error, failures, %next_attempt_in, "refresh failed");
        if let Some(write) = self.0.get() {
            write(&crate::emf::count(metric, at));
        }
    }
}

#[cfg(feature = "verify")]
pub(crate) const KEYS: (&str, &str) = ("jwks", "JwksRefreshFailures");
#[cfg(feature = "chain")]
pub(crate) const CREDENTIALS: (&str, &str) = ("credentials", "CredentialsRefreshFailures");
