//! Which key ids of a load balancer's header are worth a request to the key host.
//!
//! A key id is a UUID and has its own URL, so only a request tells whether it exists. Anyone who can reach the service can
//! invent key ids. Two limits apply at the same time, so that invented ids neither cause a request each nor keep a new key
//! of the load balancer from being fetched:
//!
//! - One request per 10 s for any key id. Ids that are used only once cost no more than that.
//! - In addition, up to 10 requests per second for ids that have been in use for a second and have not been requested. The
//!   users of a load balancer repeat its key id. A flood has to repeat its ids, too, and each of them is requested only once:
//!   to delay a new key by `n` seconds, it must already repeat `10 * n` different ids per second.
//!
//! An id that does not exist is not requested again for 10 s, then, each time, twice as long, up to 5 minutes. Such ids share
//! 2 further requests per second, for a key that is used before the key host knows it. A request that fails is no evidence
//! about its id, which may be tried again after 10 s.

use std::collections::HashMap;

use upsign_core::Timestamp;

#[derive(Debug, Default)]
pub(super) struct Candidates {
    seen: HashMap<Box<str>, Candidate>,
    /// The time of the latest request that was allowed for any id.
    any_at: Option<Timestamp>,
    /// The current second, and the requests for repeated ids in it: for new ids, and for those that did not exist before.
    repeated: (u64, [u32; 2]),
}

#[derive(Debug)]
struct Candidate {
    first_seen: Timestamp,
    /// The latest request and the number of seconds from it until the next one.
    asked: Option<(Timestamp, u64)>,
    /// Whether the key host has said that there is no such key.
    is_missing: bool,
}

const SECONDS_BETWEEN_ANY: u64 = 10;
/// Requests per second for repeated ids: for new ids, and for those that did not exist before.
const REPEATED_PER_SECOND: [u32; 2] = [10, 2];
const RETRY_SECONDS: u64 = 10;
const MAX_RETRY_SECONDS: u64 = 300;
/// About 500 KiB. When this many ids are known, all of them are forgotten.
const MAX_CANDIDATES: usize = 4_096;

impl Candidates {
    /// Returns whether the key `kid` may be fetched now, and counts the fetch if so. `is_known`: it was used before.
    pub(super) fn admit(&mut self, kid: &str, is_known: bool, at: Timestamp) -> bool {
        // Absolute, so that a clock set back does not stop requests.
        let age = |since: Timestamp| since.as_unix().abs_diff(at.as_unix());
        if self.seen.len() >= MAX_CANDIDATES && !self.seen.contains_key(kid) {
            self.seen.clear();
        }
        let new = Candidate { first_seen: at, asked: None, is_missing: false };
        let candidate = self.seen.entry(kid.into()).or_insert(new);
        if candidate.asked.is_some_and(|(asked_at, seconds)| age(asked_at) < seconds) {
            return false;
        }
        if self.any_at.is_none_or(|since| age(since) >= SECONDS_BETWEEN_ANY) {
            self.any_at = Some(at);
        } else {
            if !is_known && age(candidate.first_seen) == 0 {
                return false;
            }
            if self.repeated.0 != at.as_unix() {
                self.repeated = (at.as_unix(), [0; 2]);
            }
            let [new, missing] = &mut self.repeated.1;
            let [max_new, max_missing] = REPEATED_PER_SECOND;
            let (used, max) = if candidate.is_missing { (missing, max_missing) } else { (new, max_new) };
            if *used >= max {
                return false;
            }
            *used += 1;
        }
        // A failed request keeps this value; a miss prolongs it.
        let seconds = candidate.asked.map_or(RETRY_SECONDS, |(_, seconds)| seconds);
        candidate.asked = Some((at, seconds));
        true
    }

    /// Records that the key host has no such key.
    pub(super) fn missed(&mut self, kid: &str) {
        let Some(candidate) = self.seen.get_mut(kid) else { return };
        if let Some((_, seconds)) = &mut candidate.asked
            && candidate.is_missing
        {
            *seconds = (*seconds * 2).min(MAX_RETRY_SECONDS);
        }
        candidate.is_missing = true;
    }

    /// Forgets an id whose key was fetched.
    pub(super) fn found(&mut self, kid: &str) {
        self.seen.remove(kid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix(1_000_000 + seconds).unwrap()
    }

    #[test]
    fn single_ids_are_asked_for_every_ten_seconds() {
        let mut candidates = Candidates::default();
        let asked: Vec<u64> =
            (0..30).filter(|second| candidates.admit(&second.to_string(), false, at(*second))).collect();
        assert_eq!(asked, [0, 10, 20]);
    }

    #[test]
    fn repeated_ids_are_asked_for_once() {
        let mut candidates = Candidates::default();
        assert!(candidates.admit("first", false, at(0)));
        assert!(!candidates.admit("new", false, at(0)) && candidates.admit("new", false, at(1)));
        assert!(!candidates.admit("new", false, at(10)), "asked 9 s ago");
        assert!(candidates.admit("known", true, at(1)), "a key that is in use is not delayed");
    }

    #[test]
    fn missing_ids_wait_longer_each_time() {
        let mut candidates = Candidates::default();
        let mut asked = Vec::new();
        for second in 0..1_200 {
            if candidates.admit("k", false, at(second)) {
                candidates.missed("k");
                asked.push(second);
            }
        }
        assert_eq!(asked, [0, 10, 30, 70, 150, 310, 610, 910]);
    }

    #[test]
    fn memory_is_bounded_and_a_clock_set_back_stops_nothing() {
        let mut candidates = Candidates::default();
        for n in 0..3 * MAX_CANDIDATES {
            candidates.admit(&n.to_string(), false, at(100_000));
            assert!(candidates.seen.len() <= MAX_CANDIDATES);
        }
        assert!(candidates.admit("k", false, at(100_010)) && candidates.admit("k", false, at(0)));
    }
}
