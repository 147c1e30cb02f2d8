//! Reports failed attempts to renew the issuer's keys and the credentials, which callers do not notice for hours.

use std::sync::{Arc, OnceLock};

use crate::emf::WriteLine;

/// The destination of the metrics of refreshes, which is known last. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct RefreshMetrics(Arc<OnceLock<WriteLine>>);

impl RefreshMetrics {
    /// Sets the destination. Without one, only the log lines are written.
    pub(crate) fn write_to(&self, write: WriteLine) {
        // A destination that was set before stays: there is one for each function.
        let _ = self.0.set(write);
    }

    /// Writes a line in which the metric `name` is 1. With an issuer, it counts for that issuer too.
    #[cfg(any(feature = "verify", feature = "chain"))]
    pub(crate) fn count(&self, name: &'static str, issuer: Option<&str>, at: upsign_core::Timestamp) {
        if let Some(write) = self.0.get() {
            write(&crate::emf::count(name, issuer, at));
        }
    }
}

/// Returns the verifier with an observer of its key fetches, which logs and counts failures. `issuer` is the name of the issuer
/// if there are several.
#[cfg(feature = "verify")]
pub(crate) fn observed(
    verifier: upsign_config::IssuerVerifier,
    issuer: Option<&upsign_config::IssuerName>,
    metrics: RefreshMetrics,
) -> upsign_config::IssuerVerifier {
    use upsign::{Clock, SystemClock};
    use upsign_http::RefreshLog;

    let issuer: Option<Box<str>> = issuer.map(|name| name.as_str().into());
    let log = issuer.as_deref().map_or_else(RefreshLog::keys, RefreshLog::keys_of);
    verifier.with_keys_observer(move |status| {
        let at = SystemClock.now();
        log.record_keys(status, at);
        if status.last_error.is_some() {
            metrics.count("JwksRefreshFailures", issuer.as_deref(), at);
        }
    })
}
