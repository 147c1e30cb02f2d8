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

    /// Writes a line in which the metric `name` is 1.
    #[cfg(any(feature = "verify", feature = "chain"))]
    pub(crate) fn count(&self, name: &'static str, at: upsign_core::Timestamp) {
        if let Some(write) = self.0.get() {
            write(&crate::emf::count(name, at));
        }
    }
}
