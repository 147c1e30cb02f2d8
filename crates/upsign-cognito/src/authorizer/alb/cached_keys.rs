//! The fetched keys, and which of them makes room for another.
//!
//! The key host serves the keys of all load balancers of a region, and the header that names a key is fetched for before any
//! signature is verified. So anyone who knows the ARN of the load balancer can cause keys of other load balancers to be
//! fetched. None of those ever verifies a header of this one. Keys that did are therefore replaced last.

use std::collections::HashMap;

use upsign_core::Timestamp;

use super::key::AlbKey;

#[derive(Debug, Default)]
pub(super) struct CachedKeys(HashMap<Box<str>, CachedKey>);

#[derive(Debug)]
pub(super) struct CachedKey {
    pub(super) key: AlbKey,
    fetched_at: Timestamp,
    /// The time of the latest header that was verified with it.
    verified_at: Option<Timestamp>,
}

const MAX_KEYS: usize = 16;
const STALE_SECONDS: u64 = 12 * 60 * 60;
const MAX_AGE_SECONDS: u64 = 24 * 60 * 60;

impl CachedKeys {
    /// Returns the key, also if it is too old to be used.
    pub(super) fn get(&self, kid: &str) -> Option<&CachedKey> {
        self.0.get(kid)
    }

    /// Adds or refreshes a key. If there is no room, the key whose latest verified header is the oldest is removed: first those
    /// that verified none, in the order of their fetches.
    pub(super) fn insert(&mut self, kid: &str, key: AlbKey, fetched_at: Timestamp) {
        if let Some(cached) = self.0.get_mut(kid) {
            (cached.key, cached.fetched_at) = (key, fetched_at);
            return;
        }
        if self.0.len() >= MAX_KEYS {
            let replaced = self.0.iter().min_by_key(|(_, cached)| (cached.verified_at, cached.fetched_at));
            if let Some(replaced) = replaced.map(|(kid, _)| kid.clone()) {
                self.0.remove(&replaced);
            }
        }
        self.0.insert(kid.into(), CachedKey { key, fetched_at, verified_at: None });
    }

    pub(super) fn remove(&mut self, kid: &str) {
        self.0.remove(kid);
    }

    /// Records that a header was verified with the key.
    pub(super) fn verified(&mut self, kid: &str, at: Timestamp) {
        if let Some(cached) = self.0.get_mut(kid) {
            cached.verified_at = Some(at);
        }
    }

    pub(super) fn usable_keys(&self, at: Timestamp) -> usize {
        self.0.values().filter(|cached| cached.is_usable(at)).count()
    }

    /// Returns the time of the fetch of the newest key.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.0.values().map(|cached| cached.fetched_at).max()
    }
}

impl CachedKey {
    pub(super) const fn is_usable(&self, at: Timestamp) -> bool {
        self.age(at) < MAX_AGE_SECONDS
    }

    /// Returns whether the key is to be fetched again, although it may still be usable.
    pub(super) const fn is_stale(&self, at: Timestamp) -> bool {
        self.age(at) >= STALE_SECONDS
    }

    /// The age is absolute, so that a clock set back does not keep keys.
    const fn age(&self, at: Timestamp) -> u64 {
        self.fetched_at.as_unix().abs_diff(at.as_unix())
    }
}
