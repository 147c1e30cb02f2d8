//! Log lines about what the server renews in the background: credentials and keys.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};

use upsign::{Clock, SystemClock};
use upsign_core::{Timestamp, error_chain};

/// Logs every failed attempt to renew something, with all causes and the time until the next attempt, and the first success
/// after a failure. Callers are served meanwhile, so nothing else shows it.
#[derive(Debug)]
pub(super) struct RefreshLog {
    what: &'static str,
    has_failed: AtomicBool,
}

impl RefreshLog {
    pub(super) const fn new(what: &'static str) -> Self {
        Self { what, has_failed: AtomicBool::new(false) }
    }

    /// Records an attempt that ended with `error`, or successfully.
    pub(super) fn record(
        &self,
        error: Option<&dyn Error>,
        consecutive_failures: u32,
        next_attempt: Option<Timestamp>,
    ) {
        let what = self.what;
        let had_failed = self.has_failed.swap(error.is_some(), Ordering::Relaxed);
        match error {
            Some(error) => {
                let error = error_chain(error);
                let wait = next_attempt.map_or(0, |next| next.seconds_since(SystemClock.now()));
                tracing::warn!(
                    what,
                    %error,
                    failures = consecutive_failures,
                    next_attempt_in = %format_args!("{wait}s"),
                    "refresh failed"
                );
            }
            None if had_failed => tracing::warn!(what, "refresh succeeded again"),
            None => {}
        }
    }
}
