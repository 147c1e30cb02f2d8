//! Key ids the issuer was found not to publish.

use std::collections::HashMap;

use upsign_core::Timestamp;

/// A bounded memory of key ids that a fetch did not bring: they start no further fetch for a while, longer each time.
/// An id that the issuer publishes after all is found as soon as any fetch brings it, whatever stands here.
#[derive(Debug, Default)]
pub(crate) struct Absent(HashMap<Box<str>, Miss>);

#[derive(Debug)]
struct Miss {
    until: Timestamp,
    seconds: u64,
}

const MOST: usize = 1_024;
const LONGEST_KID: usize = 256;
const FIRST: u64 = 10;
const LONGEST: u64 = 300;

impl Absent {
    pub(crate) fn contains(&self, kid: &str, at: Timestamp) -> bool {
        // No usable key has such an id, so it need not be remembered either.
        kid.len() > LONGEST_KID || self.0.get(kid).is_some_and(|miss| miss.holds(at))
    }

    pub(crate) fn insert(&mut self, kid: &str, at: Timestamp) {
        if self.contains(kid, at) {
            return; // Several callers waited for the same fetch, or the id is too long to be kept.
        }
        let seconds = self.0.get(kid).map(|miss| miss.seconds * 2);
        if self.0.len() >= MOST && !self.0.contains_key(kid) {
            // A flood of forged ids: forgetting them costs nothing, fetches are limited anyway.
            self.0.clear();
        }
        let seconds = seconds.unwrap_or(FIRST).min(LONGEST);
        self.0.insert(kid.into(), Miss { until: at.saturating_add(seconds), seconds });
    }
}

impl Miss {
    fn holds(&self, at: Timestamp) -> bool {
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
    fn a_miss_is_remembered_longer_each_time() {
        let mut absent = Absent::default();
        let (mut now, mut spans) = (0, Vec::new());
        for _ in 0..8 {
            absent.insert("k", at(now));
            let span = (0..).find(|span| !absent.contains("k", at(now + span))).unwrap();
            spans.push(span);
            now += span;
        }
        assert_eq!(spans, [10, 20, 40, 80, 160, 300, 300, 300]);
        assert!(!absent.contains("other", at(0)));
    }

    #[test]
    fn waiting_together_is_one_miss() {
        let mut absent = Absent::default();
        absent.insert("k", at(0));
        absent.insert("k", at(0));
        assert!(!absent.contains("k", at(10)));
    }

    #[test]
    fn memory_is_bounded() {
        let mut absent = Absent::default();
        for n in 0..10 * MOST {
            absent.insert(&format!("k{n}"), at(0));
            assert!(absent.0.len() <= MOST);
        }
        absent.insert(&"k".repeat(LONGEST_KID + 1), at(0));
        assert!(absent.0.len() <= MOST && absent.0.keys().all(|kid| kid.len() <= LONGEST_KID));
    }

    #[test]
    fn a_clock_set_back_does_not_prolong_a_miss() {
        let mut absent = Absent::default();
        absent.insert("k", at(100_000));
        assert!(!absent.contains("k", at(0)));
    }
}
