//! The log lines of claims that could not be read.

use upsign_cognito::Rejection;
use upsign_core::Timestamp;

use crate::log_limit::{Fate, LINES_PER_MINUTE, LogLimit};

/// Writes the claims of verified callers that could not be read to the log through `tracing`, at WARN: up to 10 lines per minute
/// and reason, as [`RefusalLog`](crate::RefusalLog) does for refusals.
///
/// The request of such a caller goes on without the claim, so no refusal tells why the caller has no groups. Call it for each of
/// `EventUser::unreadable` of upsign-cognito.
///
/// ```
/// use upsign_http::{ClaimLog, Rejection, Timestamp};
///
/// static LOG: ClaimLog = ClaimLog::new();
///
/// fn log(unreadable: &[Rejection], at: Timestamp) {
///     for reason in unreadable {
///         LOG.log(reason, at);
///     }
/// }
/// ```
#[derive(Debug, Default)]
pub struct ClaimLog(LogLimit);

impl ClaimLog {
    /// Creates a log without any lines yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(LogLimit::new())
    }

    /// Logs why a claim was not read, unless 10 others have been logged for the same reason in the minute of `at`.
    pub fn log(&self, reason: &Rejection, at: Timestamp) {
        let text = reason.to_string();
        let (fate, suppressed) = self.0.count(reason.code(), &text, at);
        for (_, reason, count) in suppressed {
            tracing::warn!(reason, count, "claims that could not be read were not logged");
        }
        match fate {
            Fate::Logged => tracing::warn!(reason = text, "claim not read"),
            Fate::LimitReached => {
                let (reason, limit) = (text, LINES_PER_MINUTE);
                tracing::warn!(
                    reason,
                    limit,
                    "further claims that cannot be read are not logged in this minute"
                );
            }
            Fate::Suppressed => {}
        }
    }
}
