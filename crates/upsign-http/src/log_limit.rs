//! Limits log lines, so that a flood of requests cannot fill a disk.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};

use upsign_core::Timestamp;

/// Counts the lines of a log by code and reason, and allows up to 10 per minute for each.
///
/// The reason counts up to its first colon: the rest names what was found, which a client can vary at will.
#[derive(Debug, Default)]
pub(crate) struct LogLimit(Mutex<Window>);

/// The lines of one minute.
#[derive(Debug, Default)]
struct Window {
    minute: u64,
    counts: BTreeMap<(&'static str, Box<str>), u64>,
}

/// What happens to one line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Logged,
    /// The first one that is not logged.
    LimitReached,
    Suppressed,
}

/// Lines of an earlier minute that were not logged: their code, the beginning of their reason, and their number.
pub(crate) type Suppressed = Vec<(&'static str, Box<str>, u64)>;

pub(crate) const LINES_PER_MINUTE: u64 = 10;
/// The number of reasons that are counted separately. It bounds memory and the lines per minute, even if a client can invent
/// reasons. Further reasons are counted by their code, of which there is a fixed set.
const MAX_REASONS: usize = 32;
/// The number of characters by which reasons are distinguished.
const MAX_REASON_CHARS: usize = 100;

impl LogLimit {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Window { minute: 0, counts: BTreeMap::new() }))
    }

    /// Counts a line of the minute of `at`. The first line of another minute also returns what was not logged before.
    pub(crate) fn count(&self, code: &'static str, reason: &str, at: Timestamp) -> (Fate, Suppressed) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).count(code, reason, at)
    }
}

impl Window {
    fn count(&mut self, code: &'static str, reason: &str, at: Timestamp) -> (Fate, Suppressed) {
        let minute = at.as_unix() / 60;
        let mut ended = Suppressed::new();
        // Requests take different times, so one that was judged in the minute before can be refused after one of this minute:
        // it is counted in this one. A minute further back means that the clock was set back.
        if minute > self.minute || self.minute - minute > 1 {
            self.minute = minute;
            let counts = std::mem::take(&mut self.counts).into_iter();
            let suppressed = counts.filter(|(_, count)| *count > LINES_PER_MINUTE);
            ended.extend(suppressed.map(|((code, reason), count)| (code, reason, count - LINES_PER_MINUTE)));
        }
        let mut key = (code, distinguishing(reason));
        if self.counts.len() >= MAX_REASONS && !self.counts.contains_key(&key) {
            key.1 = "".into();
        }
        let count = match self.counts.entry(key) {
            Entry::Vacant(vacant) => vacant.insert(0),
            Entry::Occupied(occupied) => occupied.into_mut(),
        };
        *count += 1;
        let fate = match *count {
            ..=LINES_PER_MINUTE => Fate::Logged,
            count if count == LINES_PER_MINUTE + 1 => Fate::LimitReached,
            _ => Fate::Suppressed,
        };
        (fate, ended)
    }
}

/// Returns the part of a reason by which lines are counted.
fn distinguishing(reason: &str) -> Box<str> {
    reason.chars().take_while(|char| *char != ':').take(MAX_REASON_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Window {
        /// Counts a line in this second of a minute.
        fn count_in(&mut self, second: u64, code: &'static str, reason: &str) -> (Fate, Suppressed) {
            self.count(code, reason, Timestamp::from_unix(6_000_000 + second).unwrap())
        }
    }

    #[test]
    fn further_lines_of_a_minute_are_counted_and_reported_in_a_later_one() {
        let mut window = Window::default();
        let mut fates = (0..1_000).map(|n| window.count_in(1, "unauthorized", &format!("expired: {n}")).0);
        assert!(fates.by_ref().take(10).all(|fate| fate == Fate::Logged));
        assert_eq!(fates.next(), Some(Fate::LimitReached));
        assert!(fates.all(|fate| fate == Fate::Suppressed));
        // Another reason has lines of its own.
        assert_eq!(window.count_in(2, "unauthorized", "signature: bad").0, Fate::Logged);
        let (fate, suppressed) = window.count_in(61, "body-syntax", "not JSON");
        assert_eq!(fate, Fate::Logged);
        assert_eq!(suppressed, [("unauthorized", "expired".into(), 990)]);
        assert_eq!(window.count_in(0, "body-syntax", "not JSON").0, Fate::Logged, "judged before");
        let long_ago = window.count("unauthorized", "expired: 7", Timestamp::UNIX_EPOCH);
        assert_eq!(long_ago, (Fate::Logged, Suppressed::new()), "clock set back");
    }

    #[test]
    fn requests_of_the_minute_before_do_not_start_the_limit_again() {
        let mut window = Window::default();
        let logged = (0..1_000)
            .filter(|n| window.count_in(59 + n % 2, "unauthorized", "expired").0 == Fate::Logged)
            .count();
        // The first is the only one of the minute that has ended.
        assert_eq!(logged, 11);
    }

    #[test]
    fn invented_reasons_share_a_limit() {
        let mut window = Window::default();
        let logged = (0..100_000)
            .filter(|n| {
                window.count_in(1, "content-type-unknown", &format!("ä{n} is not allowed")).0 == Fate::Logged
            })
            .count();
        assert!(logged <= 32 * 10, "{logged}");
        assert!(window.counts.len() <= 33);
    }
}
