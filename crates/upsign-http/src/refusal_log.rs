//! The log lines of refusals.

use upsign::Refusal;

use crate::log_limit::{Fate, LINES_PER_MINUTE, LogLimit};

/// Writes refusals to the log through `tracing`: up to 10 lines per minute and reason.
///
/// Each line has the fields `code`, `route` and `reason`, and the spans around it, such as that with the request id. The level
/// is WARN, or ERROR if the service failed. Requests for unknown paths (`not-found`) and with other methods
/// (`method-not-allowed`) are logged at INFO, because scanners send many of them.
///
/// The reason counts up to its first colon: the rest names what was found, which a client can vary at will. A line says that
/// further refusals are not logged, and the first refusal of a later minute is preceded by the number of those that were not.
/// Observers receive every refusal, so metrics are complete.
///
/// [`Api`](crate::Api) has one of its own. Create one for refusals outside an API:
///
/// ```
/// use upsign_http::{Refusal, RefusalLog};
///
/// static LOG: RefusalLog = RefusalLog::new();
///
/// let refusal = Refusal::new("session-ended", false, "2026-01-01T00:00:00Z".parse()?);
/// LOG.log(&refusal.with_reason("the session has ended: 7 minutes ago"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct RefusalLog(LogLimit);

impl RefusalLog {
    /// Creates a log without any refusals yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(LogLimit::new())
    }

    /// Logs `refusal`, unless 10 others for the same reason have been logged in the minute of its time `at`.
    pub fn log(&self, refusal: &Refusal) {
        let Refusal { code, at, .. } = refusal;
        let (route, reason) = (refusal.route.as_deref(), refusal.reason.as_deref());
        let (fate, suppressed) = self.0.count(code, reason.unwrap_or_default(), *at);
        for (code, reason, count) in suppressed {
            tracing::warn!(code, reason, count, "refusals were not logged");
        }
        match fate {
            Fate::Suppressed => {}
            Fate::LimitReached => {
                let limit = LINES_PER_MINUTE;
                tracing::warn!(code, reason, limit, "further refusals are not logged in this minute");
            }
            Fate::Logged if refusal.service_fault => tracing::error!(code, route, reason, "request refused"),
            Fate::Logged if matches!(*code, "not-found" | "method-not-allowed") => {
                tracing::info!(code, route, reason, "request refused");
            }
            Fate::Logged => tracing::warn!(code, route, reason, "request refused"),
        }
    }
}
