//! What [`Renewing`](super::Renewing) reports about itself.

use std::sync::Arc;

use crate::credentials::Expiry;
use crate::error::CredentialsError;
use crate::time::Timestamp;

/// The state of a [`Renewing`](super::Renewing) source, for readiness checks, metrics and log lines.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RenewalStatus {
    /// The expiry of the current credentials, or `None` before the first successful fetch.
    pub expiry: Option<Expiry>,
    /// The seconds until the current credentials expire; 0 if they have expired. `None` if there are none, if they do not
    /// expire, or if they do not state when.
    pub remaining: Option<u64>,
    /// Whether callers are served now: there are credentials, and more than [`SAFETY_MARGIN`](crate::SAFETY_MARGIN) seconds
    /// of their life remain, or enough for the [shortest signature](super::Renewing::with_min_lifetime). A readiness check
    /// needs only this.
    pub is_usable: bool,
    /// Whether a fetch is running.
    pub is_refreshing: bool,
    /// The time at which the fetch of the current credentials started.
    pub fetched_at: Option<Timestamp>,
    /// The number of fetches started.
    pub fetches: u64,
    /// The number of failed fetches since the last successful one.
    pub consecutive_failures: u32,
    /// The number of failed fetches.
    pub total_failures: u64,
    /// The error of the last fetch, or `None` if it succeeded.
    pub last_error: Option<Arc<RenewalError>>,
    /// The time from which a caller causes the next fetch: the end of the back-off after a failure, otherwise the time at
    /// which the current credentials are due for renewal. `None` if the next caller causes a fetch.
    pub next_attempt: Option<Timestamp>,
}

/// The reason why a fetch brought no credentials that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenewalError {
    /// The source returned an error.
    #[error("the credentials source failed")]
    Source(#[source] CredentialsError),
    /// The source took longer than the time limit
    /// ([`with_fetch_timeout`](super::Renewing::with_fetch_timeout)).
    #[error("the credentials source did not respond within {} ms", .0.as_millis())]
    TimedOut(std::time::Duration),
    /// The source returned credentials that have expired, or that expire within [`SAFETY_MARGIN`](crate::SAFETY_MARGIN)
    /// seconds. The source did not renew them, or one of the two clocks is wrong.
    #[error(
        "the credentials source returned credentials that expire at {end}, too soon to sign with at {at}; if this time is \
         wrong, correct the system clock"
    )]
    Expired {
        /// The end of the credentials.
        end: Timestamp,
        /// The time at which they were fetched.
        at: Timestamp,
    },
    /// The source returned temporary credentials that do not state when they expire, although those in use do and are still
    /// valid. They are not used, because signing with them would fail.
    #[error("the credentials source returned credentials without their expiry, unlike before")]
    UnknownExpiry,
    /// The source panicked.
    #[error("the credentials source panicked")]
    Panicked,
    /// The fetch ended without a result. Its runtime was shut down, or the runtime's timer is not enabled.
    #[error("the fetch was interrupted: its tokio runtime was shut down or has no timer")]
    Interrupted,
}
