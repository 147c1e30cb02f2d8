//! Key ids that the issuer was found not to publish.

use std::collections::HashMap;

use upsign_core::Timestamp;

use crate::keys::key_set::MAX_KID_BYTES;

/// Key ids that a completed fetch did not bring, so that tokens which name them start no further fetch for a while.
///
/// Anyone can send tokens with invented key ids. This memory and the interval between fetches bound what that costs:
///
/// - An id is remembered for 10 s, then, each time another fetch does not bring it, twice as long, up to 5 minutes.
/// - At most 1,024 ids of at most 256 bytes are kept. A new id beyond that clears the memory. That is safe: forgetting an
///   id can at most start a fetch, and fetches are limited to one per 10 s by [`JwksCache`](super::cache::JwksCache).
/// - The key set is consulted first, so a key that the issuer publishes later is found as soon as any fetch brings it.
#[derive(Debug, Default)]
pub(crate) struct UnknownKids(HashMap<Box<str>, Miss>);

#[derive(Debug)]
struct Miss {
    until: Timestamp,
    /// For how long this miss is remembered. Doubled by the next one.
    seconds: u64,
}

const MAX_KIDS: usize = 1_024;
const FIRST_SECONDS: u64 = 10;
const MAX_SECONDS: u64 = 300;

impl UnknownKids {
    /// Returns whether `kid` is known to be unpublished at this time. A longer id than a usable key can have always is.
    pub(crate) fn contains(&self, kid: &str, at: Timestamp) -> bool {
        kid.len() > MAX_KID_BYTES || self.0.get(kid).is_some_and(|miss| miss.is_valid(at))
    }

    /// Records that a completed fetch did not bring `kid`.
    pub(crate) fn insert(&mut self, kid: &str, at: Timestamp) {
        if self.contains(kid, at) {
            // Several callers waited for the same fetch, which counts as one miss; or the id is too long to keep.
            return;
        }
        let seconds = self.0.get(kid).map_or(FIRST_SECONDS, |miss| (miss.seconds * 2).min(MAX_SECONDS));
        if self.0.len() >= MAX_KIDS && !self.0.contains_key(kid) {
            self.0.clear();
        }
        self.0.insert(kid.into(), Miss { until: at.saturating_add(seconds), seconds });
    }
}

impl Miss {
    /// The second condition ends a miss from the future after the clock was set back.
    fn is_valid(&self, at: Timestamp) -> bool {
        at < self.until && self.until.seconds_since(at) <= self.seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix(1_000_000 + seconds).unwrap()
    }

    #[test]
    fn each_miss_is_remembered_longer() {
        let mut unknown = UnknownKids::default();
        let (mut now, mut spans) = (0, Vec::new());
        for _ in 0..8 {
            unknown.insert("k", at(now));
            let span = (0..).find(|span| !unknown.contains("k", at(now + span))).unwrap();
            spans.push(span);
            now += span;
        }
        assert_eq!(spans, [10, 20, 40, 80, 160, 300, 300, 300]);
        assert!(!unknown.contains("other", at(0)));
    }

    #[test]
    fn callers_of_one_fetch_count_as_one_miss() {
        let mut unknown = UnknownKids::default();
        unknown.insert("k", at(0));
        unknown.insert("k", at(0));
        assert!(!unknown.contains("k", at(10)));
    }

    #[test]
    fn memory_is_bounded() {
        let mut unknown = UnknownKids::default();
        for n in 0..10 * MAX_KIDS {
            unknown.insert(&format!("k{n}"), at(0));
            assert!(unknown.0.len() <= MAX_KIDS);
        }
        unknown.insert(&"k".repeat(MAX_KID_BYTES + 1), at(0));
        assert!(unknown.0.len() <= MAX_KIDS && unknown.0.keys().all(|kid| kid.len() <= MAX_KID_BYTES));
    }

    #[test]
    fn clock_set_back_does_not_prolong_a_miss() {
        let mut unknown = UnknownKids::default();
        unknown.insert("k", at(100_000));
        assert!(!unknown.contains("k", at(0)));
    }
}
