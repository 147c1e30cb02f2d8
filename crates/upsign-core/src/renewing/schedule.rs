//! When credentials are fetched again: pure functions of times and settings.

use crate::backoff::random;
use crate::credentials::{Credentials, Expiry};
use crate::request::lifetime::SAFETY_MARGIN;
use crate::time::Timestamp;

/// The settings that determine when the source is called. All spans are in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    pub(super) refresh_threshold: u64,
    pub(super) recheck_interval: u64,
    /// The shortest lifetime of a signature, at least 1.
    pub(super) min_lifetime: u64,
    /// A random number from 0 to 1,000, constant for this process. Processes that started together and received equal
    /// lifetimes refresh and retry at different times because of it.
    pub(super) jitter: u64,
}

/// Credentials that are valid longer than this after the end of a signature could be signed with.
const MARGIN: u64 = SAFETY_MARGIN as u64;
/// The time until the next fetch if the source returned the credentials that it had returned before. Instance metadata does
/// so until about 5 minutes before the end, and is cheap to ask.
const UNCHANGED_INTERVAL: u64 = 60;
/// The time before credentials become unusable at which they are renewed at the latest, if their life allows it. Five attempts
/// fit into it.
const RETRY_TIME: u64 = 60;
/// The longest back-off, before jitter. It bounds the time until callers are served again once the source has recovered.
const MAX_BACKOFF: u64 = 30;
/// Concurrent callers read the clock before they take the lock, so `at` can go back a little. Beyond this many seconds the
/// clock was set back.
const MAX_CLOCK_SKEW: u64 = 60;

impl Schedule {
    /// The longest grant by default, 15 minutes, and the margin by which a grant ends before its credentials.
    const DEFAULT_REFRESH_THRESHOLD: u64 = 900 + MARGIN;
    const DEFAULT_RECHECK_INTERVAL: u64 = 900;
    /// The longest time from a failure to the next attempt, with jitter.
    pub(super) const MAX_DELAY: u64 = MAX_BACKOFF + MAX_BACKOFF / 2;

    /// Returns the time from which `fetched`, received at `at`, should be replaced.
    ///
    /// Credentials with a known end are replaced when less than the threshold remains, and when less than half of their life
    /// remains if that is shorter. Otherwise credentials that live no longer than the threshold would be due as soon as they
    /// arrive, and every caller would fetch.
    ///
    /// In any case they are replaced before they become unusable: [`RETRY_TIME`] earlier, or halfway between their arrival and
    /// that time if they live shorter. Otherwise callers would wait for the fetch, and fail with it.
    pub(super) fn due_at(&self, fetched: &Credentials, at: Timestamp) -> Timestamp {
        let Some(end) = end(fetched.expiry()) else { return at.saturating_add(self.recheck_interval.max(1)) };
        let life = end.seconds_since(at);
        let usable_for = life.saturating_sub(self.needed());
        let latest = self.needed().saturating_add(RETRY_TIME.min(usable_for / 2));
        let before_end = self.refresh_threshold.min(life / 2).max(latest).min(life);
        // Up to a tenth earlier, and never before they arrive. Both are below the time until the year 9999, so that the
        // product does not overflow.
        let earlier = before_end.min(life - before_end) * self.jitter / 10_000;
        end.saturating_sub(before_end + earlier).saturating_add(1)
    }

    /// Returns the remaining life with which a request can be signed: the margin and the shortest lifetime of a signature.
    const fn needed(&self) -> u64 {
        MARGIN.saturating_add(self.min_lifetime)
    }

    /// Returns the time from which credentials that the source returned a second time, at `at`, should be replaced.
    pub(super) fn unchanged_due_at(&self, due_at: Timestamp, expiry: Expiry, at: Timestamp) -> Timestamp {
        match end(expiry) {
            None => at.saturating_add(self.recheck_interval.max(1)),
            Some(end) => {
                let usable_for = end.seconds_since(at).saturating_sub(self.needed());
                let soon = (usable_for / 2).clamp(1, UNCHANGED_INTERVAL);
                due_at.max(at.saturating_add(soon))
            }
        }
    }

    /// Returns whether a request can be signed at `at` with credentials of this expiry: after the [`SAFETY_MARGIN`], the shortest
    /// lifetime of a signature remains.
    pub(super) fn is_usable(&self, expiry: Expiry, at: Timestamp) -> bool {
        end(expiry).is_none_or(|end| end.seconds_since(at) >= self.needed())
    }

    /// Returns the time from a failed fetch to the next one: 1, 2, 4, 8, 16 and then 30 seconds, and up to half of that in
    /// addition.
    pub(super) fn backoff(&self, consecutive_failures: u32) -> u64 {
        let doublings = consecutive_failures.saturating_sub(1).min(MAX_BACKOFF.ilog2() + 1);
        let seconds = (1 << doublings).min(MAX_BACKOFF);
        seconds + seconds * self.jitter / 2_000
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            refresh_threshold: Self::DEFAULT_REFRESH_THRESHOLD,
            recheck_interval: Self::DEFAULT_RECHECK_INTERVAL,
            min_lifetime: 1,
            jitter: random() % 1_001,
        }
    }
}

/// Returns the instant at which credentials end, or `None` if they do not expire or do not state when.
pub(super) const fn end(expiry: Expiry) -> Option<Timestamp> {
    match expiry {
        Expiry::At(end) | Expiry::AtMost(end) => Some(end),
        Expiry::Never | Expiry::Unknown => None,
    }
}

/// Returns whether `time` is so far in the future of `at` that the clock must have been set back.
pub(super) fn clock_set_back(time: Timestamp, at: Timestamp) -> bool {
    time.seconds_since(at) > MAX_CLOCK_SKEW
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix(1_000_000 + seconds).unwrap()
    }

    fn ending(seconds: u64) -> Credentials {
        Credentials::temporary("ASIAEXAMPLE", "secret", "token", Expiry::At(at(seconds))).unwrap()
    }

    const SCHEDULE: Schedule =
        Schedule { refresh_threshold: 930, recheck_interval: 900, min_lifetime: 1, jitter: 0 };

    #[test]
    fn threshold_is_capped_by_half_of_the_life() {
        assert_eq!(SCHEDULE.due_at(&ending(3_600), at(0)), at(2_671));
        assert_eq!(SCHEDULE.due_at(&ending(900), at(0)), at(451));
        assert_eq!(SCHEDULE.due_at(&ending(800), at(0)), at(401));
        let longer_than_life = Schedule { refresh_threshold: u64::MAX, ..SCHEDULE };
        assert_eq!(longer_than_life.due_at(&ending(3_600), at(0)), at(1_801));
    }

    #[test]
    fn renewal_is_due_before_the_credentials_are_unusable() {
        let none = Schedule { refresh_threshold: 0, ..SCHEDULE };
        // 31 s are needed to sign.
        assert_eq!(none.due_at(&ending(3_600), at(0)), at(3_600 - 31 - 60 + 1));
        for (min_lifetime, life, due) in
            [(60, 180, 46), (60, 150, 31), (60, 100, 6), (60, 90, 1), (700, 800, 36), (900, 3_600, 2_611)]
        {
            let schedule = Schedule { min_lifetime, ..SCHEDULE };
            assert_eq!(schedule.due_at(&ending(life), at(0)), at(due), "{min_lifetime} {life}");
            let earliest = Schedule { jitter: 1_000, ..schedule }.due_at(&ending(life), at(0));
            assert!(at(0) < earliest && earliest <= at(due), "{min_lifetime} {life}");
        }
    }

    #[test]
    fn jitter_refreshes_up_to_a_tenth_earlier() {
        let random = Schedule { jitter: 1_000, ..SCHEDULE };
        assert_eq!(random.due_at(&ending(3_600), at(0)), at(2_671 - 93));
        assert_eq!(random.due_at(&ending(900), at(0)), at(451 - 45));
        assert!(Schedule::default().jitter <= 1_000);
    }

    #[test]
    fn credentials_without_an_end_are_checked_again() {
        let long_term = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
        assert_eq!(SCHEDULE.due_at(&long_term, at(0)), at(900));
        assert_eq!(SCHEDULE.due_at(&long_term.with_expiry(Expiry::Unknown), at(0)), at(900));
        assert_eq!(SCHEDULE.unchanged_due_at(at(900), Expiry::Never, at(900)), at(1_800));
        let endless = Schedule { recheck_interval: u64::MAX, ..SCHEDULE };
        assert_eq!(endless.due_at(&long_term, at(0)), Timestamp::MAX);
    }

    #[test]
    fn unchanged_credentials_are_fetched_once_a_minute() {
        let expiry = ending(3_600).expiry();
        assert_eq!(SCHEDULE.unchanged_due_at(at(2_670), expiry, at(2_670)), at(2_730));
        // 31 s before the end nothing can be signed: halfway to that time.
        assert_eq!(SCHEDULE.unchanged_due_at(at(2_670), expiry, at(3_540)), at(3_554));
        assert_eq!(SCHEDULE.unchanged_due_at(at(2_670), expiry, at(3_599)), at(3_600));
        assert_eq!(SCHEDULE.unchanged_due_at(at(2_670), expiry, at(9_999)), at(10_000));
        // Fetched early, because the clock was set back: the time that was planned stays.
        assert_eq!(SCHEDULE.unchanged_due_at(at(2_670), expiry, at(100)), at(2_670));
    }

    #[test]
    fn backoff_doubles_up_to_its_cap() {
        let delays = |schedule: Schedule| [1, 2, 3, 4, 5, 6, 7, u32::MAX].map(|n| schedule.backoff(n));
        assert_eq!(delays(SCHEDULE), [1, 2, 4, 8, 16, 30, 30, 30]);
        let random = Schedule { jitter: 1_000, ..SCHEDULE };
        assert_eq!(delays(random), [1, 3, 6, 12, 24, 45, 45, 45]);
        assert_eq!(random.backoff(9), Schedule::MAX_DELAY);
    }

    #[test]
    fn credentials_are_usable_until_the_safety_margin() {
        let usable = |seconds, now| SCHEDULE.is_usable(Expiry::At(at(seconds)), at(now));
        assert!(usable(100, 69) && !usable(100, 70) && !usable(100, 100) && !usable(100, 101));
        let endless = |expiry| SCHEDULE.is_usable(expiry, Timestamp::MAX);
        assert!(endless(Expiry::Never) && endless(Expiry::Unknown));
        let minute = Schedule { min_lifetime: 60, ..SCHEDULE };
        let usable = |now| minute.is_usable(Expiry::At(at(100)), at(now));
        assert!(usable(10) && !usable(11));
    }
}
