//! Which key ids of a load balancer's header are worth a request to the key host.
//!
//! A key id is a UUID and has its own URL, so only a request tells whether it exists. Anyone who can reach the service can
//! invent key ids. The limits below apply at the same time, so that invented ids neither cause a request each nor keep a new
//! key of the load balancer from being fetched:
//!
//! - One request per 10 s for any key id.
//! - 8 requests per second for ids that are used often, because the users of a load balancer repeat its key id. "Often" is at
//!   least 2 uses; while more ids than that compete, the number doubles every second, up to 32.
//! - 2 requests per second for any ids with 2 uses, so that a key with few users is fetched as well.
//! - 2 requests per second for ids that did not exist when they were requested, for a key that is used before the key host
//!   knows it. Such an id is not requested again for 10 s, then, each time, twice as long, up to 5 minutes.
//!
//! If more uses compete for a limit than it allows, each of them has the same chance, wherever in the second it comes.
//!
//! Uses are counted in a sketch of constant size ([`super::sketch`]), so no number of invented ids displaces the count of
//! another. The sketch can count too many uses, so in a flood of ids that are used once some of them count as repeated. An exact record is kept only for ids that were requested, whose number the limits bound. A request that fails is
//! no evidence about its id, which may be tried again after 10 s.

use std::collections::HashMap;

use upsign_core::Timestamp;

use super::sketch::Sketch;

#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// How often ids that were not requested yet are used.
    uses: Sketch,
    /// The ids that were requested.
    requested: HashMap<Box<str>, Request>,
    /// The time of the latest request that was allowed for any id.
    any_at: Option<Timestamp>,
    /// The current second, in which the limits count.
    second: u64,
    often: Limit<8>,
    repeated: Limit<2>,
    missing: Limit<2>,
    /// The number of uses from which an id is used often.
    often_uses: u8,
}

#[derive(Debug)]
struct Request {
    at: Timestamp,
    /// The number of seconds from the request until the next one.
    wait: u64,
    /// Whether the key host has said that there is no such key.
    is_missing: bool,
}

const SECONDS_BETWEEN_ANY: u64 = 10;
const MIN_USES: u8 = 2;
const MAX_USES: u8 = 32;
const RETRY_SECONDS: u64 = 10;
const MAX_RETRY_SECONDS: u64 = 300;
/// The limits allow about 1,000 ids whose wait has not ended. The rest is room for ids whose wait doubles the next time.
const MAX_REQUESTED: usize = 4_096;

impl Candidates {
    /// Returns whether the key `kid` may be fetched now, and counts the fetch if so. `is_known`: it was used before, which is
    /// true of few ids, so no limit applies but the wait between its requests.
    pub(super) fn admit(&mut self, kid: &str, is_known: bool, at: Timestamp) -> bool {
        self.begin_second(at);
        let previous = self.requested.get(kid);
        if previous.is_some_and(|request| age(request.at, at) < request.wait) {
            return false;
        }
        let draw = self.uses.draw(kid);
        let is_admitted = is_known
            || match previous {
                Some(request) if request.is_missing => self.admit_any(at) || self.missing.admit(draw),
                _ => {
                    let uses = self.uses.add(kid);
                    self.admit_any(at)
                        || (uses >= self.often_uses && self.often.admit(draw))
                        || (uses >= MIN_USES && self.repeated.admit(draw))
                }
            };
        if is_admitted {
            self.record(kid, at);
        }
        is_admitted
    }

    /// Records that the key host has no such key.
    pub(super) fn missed(&mut self, kid: &str) {
        let Some(request) = self.requested.get_mut(kid) else { return };
        if request.is_missing {
            request.wait = (request.wait * 2).min(MAX_RETRY_SECONDS);
        }
        request.is_missing = true;
    }

    /// Forgets an id whose key was fetched.
    pub(super) fn found(&mut self, kid: &str) {
        self.requested.remove(kid);
    }

    /// Returns whether the key host has said that there is no such key.
    pub(super) fn is_missing(&self, kid: &str) -> bool {
        self.requested.get(kid).is_some_and(|request| request.is_missing)
    }

    fn begin_second(&mut self, at: Timestamp) {
        // Concurrent callers read the clock before they take the lock, so a time can go back a little.
        if self.second == at.as_unix() || self.second == at.as_unix() + 1 {
            return;
        }
        let is_next = self.second + 1 == at.as_unix();
        self.second = at.as_unix();
        self.often_uses = match self.often.pressure() {
            Pressure::High if is_next => self.often_uses.saturating_mul(2),
            Pressure::Medium if is_next => self.often_uses,
            Pressure::High | Pressure::Medium | Pressure::Low => self.often_uses / 2,
        }
        .clamp(MIN_USES, MAX_USES);
        self.often.begin_second(is_next);
        self.repeated.begin_second(is_next);
        self.missing.begin_second(is_next);
    }

    /// Applies the limit for any key id.
    fn admit_any(&mut self, at: Timestamp) -> bool {
        let is_due = self.any_at.is_none_or(|since| age(since, at) >= SECONDS_BETWEEN_ANY);
        if is_due {
            self.any_at = Some(at);
        }
        is_due
    }

    fn record(&mut self, kid: &str, at: Timestamp) {
        if self.requested.len() >= MAX_REQUESTED && !self.requested.contains_key(kid) {
            self.requested.retain(|_, request| age(request.at, at) < request.wait);
            // Only a clock that jumps often can leave more: the limits allow fewer.
            if self.requested.len() >= MAX_REQUESTED {
                self.requested.clear();
            }
        }
        let new = Request { at, wait: RETRY_SECONDS, is_missing: false };
        // A failed request keeps the wait; a miss prolongs it.
        self.requested.entry(kid.into()).or_insert(new).at = at;
    }
}

/// Absolute, so that a clock set back does not stop requests.
const fn age(since: Timestamp, at: Timestamp) -> u64 {
    since.as_unix().abs_diff(at.as_unix())
}

/// At most `MAX` requests per second, for which more uses may compete.
#[derive(Debug, Default)]
struct Limit<const MAX: u32> {
    /// The uses that competed in the last second, and do in this one.
    uses_before: u32,
    uses: u32,
    admitted: u32,
}

/// How many uses compete for a limit.
enum Pressure {
    /// At most as many as are allowed.
    Low,
    /// More, of which each has a fair chance.
    Medium,
    High,
}

impl<const MAX: u32> Limit<MAX> {
    /// Admits a use with the chance that leaves each use of a second the same one. `draw` is a random number.
    fn admit(&mut self, draw: u32) -> bool {
        self.uses = self.uses.saturating_add(1);
        let is_drawn = u64::from(draw) * u64::from(self.uses_before) < u64::from(MAX) << 32;
        let is_admitted = is_drawn && self.admitted < MAX;
        self.admitted += u32::from(is_admitted);
        is_admitted
    }

    const fn pressure(&self) -> Pressure {
        match self.uses {
            uses if uses <= MAX => Pressure::Low,
            uses if uses <= 4 * MAX => Pressure::Medium,
            _ => Pressure::High,
        }
    }

    const fn begin_second(&mut self, is_next: bool) {
        let uses_before = if is_next { self.uses } else { 0 };
        *self = Self { uses_before, uses: 0, admitted: 0 };
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
        for n in 0..3 * MAX_REQUESTED as u64 {
            // Each is admitted, because each comes 10 s after the last one.
            assert!(candidates.admit(&n.to_string(), false, at(100_000 + 10 * n)));
            assert!(candidates.requested.len() <= MAX_REQUESTED);
        }
        let end = 100_000 + 30 * MAX_REQUESTED as u64;
        assert!(candidates.admit("k", false, at(end)) && candidates.admit("k", false, at(0)));
    }

    /// What an attacker can send, per second.
    enum Flood {
        /// New ids, each used once.
        Single,
        /// Repeats its ids in each second.
        Repeated,
        /// New ids, each used this number of times, before the users of the new key come.
        Concentrated(u64),
    }

    /// Sends 10,000 uses of invented ids per second, and then those of a new key. Returns the second in which it is fetched, and
    /// the number of fetches until then.
    fn flood(flood: &Flood, users_per_second: u64) -> (u64, usize) {
        let mut candidates = Candidates::default();
        let mut fetches = 0;
        for second in 0..600 {
            for number in 0..10_000 {
                let id = match flood {
                    Flood::Single => second * 10_000 + number,
                    Flood::Repeated => number,
                    Flood::Concentrated(uses) => (second * 10_000 + number) / uses,
                };
                let kid = id.to_string();
                if candidates.admit(&kid, false, at(second)) {
                    candidates.missed(&kid);
                    fetches += 1;
                }
                assert!(candidates.requested.len() <= MAX_REQUESTED);
            }
            for _ in 0..users_per_second {
                if candidates.admit("new", false, at(second)) {
                    return (second, fetches);
                }
            }
        }
        (u64::MAX, fetches)
    }

    #[test]
    fn new_key_is_fetched_during_a_flood() {
        for (kind, users_per_second, within) in [
            (Flood::Single, 1, 10),
            (Flood::Single, 20, 3),
            (Flood::Repeated, 10, 12),
            (Flood::Concentrated(2), 10, 12),
            // The best that a flood can do: a lottery, which the new key wins after half a minute on average.
            (Flood::Concentrated(40), 20, 400),
            (Flood::Concentrated(1_000), 20, 400),
        ] {
            let (second, fetches) = flood(&kind, users_per_second);
            assert!(second <= within, "{second}");
            assert!(fetches as u64 <= 13 * (second + 1), "{fetches} fetches in {second} s");
        }
    }
}
