//! What a verifier of a load balancer's header reports about its keys.

use std::sync::Arc;

use upsign_jwt::FetchError;

/// The state of an [`AlbVerifier`](super::verifier::AlbVerifier), for readiness checks, metrics and log lines.
///
/// A key host that fails is noticed by callers when the load balancer signs with a new key, or when the keys are 24 hours old.
/// Keys that are in use are fetched again from an age of 12 hours, so `consecutive_failures` shows it before. There is no time of the next attempt: each key id has its own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AlbKeysStatus {
    /// The URL that keys are fetched from, without the key id.
    pub key_host: Arc<str>,
    /// The number of fetched keys that are less than 24 hours old. Keys of the configuration do not count.
    pub usable_keys: usize,
    /// The seconds since the fetch of the newest key started, or `None` if no key was fetched yet.
    pub age: Option<u64>,
    /// The number of fetches started.
    pub fetches: u64,
    /// The number of failed fetches since the key host last answered. The answer that there is no such key is no failure.
    pub consecutive_failures: u32,
    /// The number of failed fetches.
    pub total_failures: u64,
    /// The error of the last fetch, or `None` if the key host answered it.
    pub last_error: Option<Arc<FetchError>>,
}
