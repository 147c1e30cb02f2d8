//! What a cache of a key set reports about itself.

use std::sync::Arc;

use upsign_core::Timestamp;

use crate::keys::fetch::FetchError;

/// The state of a [`JwksCache`](crate::JwksCache), for readiness checks, metrics and log lines.
///
/// A key endpoint that fails is not noticed by callers until the keys are 24 hours old. Then all of them are refused, so watch
/// `age` and `consecutive_failures`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KeySetStatus {
    /// The issuer, by its preferred name.
    pub issuer: Arc<str>,
    /// The URL of the key set, or of the discovery document that names it.
    pub uri: Arc<str>,
    /// The time at which the fetch of the current key set started, or `None` before the first successful fetch.
    pub fetched_at: Option<Timestamp>,
    /// The seconds since then. It grows beyond the freshness of the set (usually one hour) only if fetches fail or there are
    /// no callers.
    pub age: Option<u64>,
    /// Whether tokens are verified now: there is a key set, and it is less than 24 hours old. A readiness check needs only
    /// this.
    pub is_usable: bool,
    /// Whether a fetch is running.
    pub is_refreshing: bool,
    /// The number of fetches started.
    pub fetches: u64,
    /// The number of failed fetches since the last successful one.
    pub consecutive_failures: u32,
    /// The number of failed fetches.
    pub total_failures: u64,
    /// The error of the last fetch, or `None` if it succeeded.
    pub last_error: Option<Arc<FetchError>>,
    /// The time from which a caller causes the next fetch: 10 seconds after a failed fetch started, otherwise the time at
    /// which the current set becomes stale. A token with an unknown key id can cause one earlier. `None` if the next caller
    /// causes a fetch.
    pub next_attempt: Option<Timestamp>,
}
