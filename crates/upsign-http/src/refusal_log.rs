//! The log lines of refusals, limited so that a flood of requests cannot fill a disk.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};

use upsign::Refusal;

/// Writes refusals to the log through `tracing`: up to 10 lines per minute and reason.
///
/// Each line has the fields `code`, `route` and `reason`, and the spans around it, such as that with the request id. The level
/// is WARN, or ERROR if the service failed. Requests for unknown paths (`not-found`) and with other methods
/// (`method-not-allowed`) are logged at INFO, because scanners send many of them.
///
/// The reason counts up to its first colon: the rest names what was found, which a client can vary at will. A line says that
/// further refusals are not logged, and the first refusal of a later minute is preceded by the number of those that were not.
/// Observers receive every refusal, so metrics are complete.
///
/// [`Api`](crate::Api) has one of its own. Create one for refusals outside an API:
///
/// ```
/// use upsign_http::{Refusal, RefusalLog};
///
/// static LOG: RefusalLog = RefusalLog::new();
///
/// let refusal = Refusal::new("session-ended", false, "2026-01-01T00:00:00Z".parse()?);
/// LOG.log(&refusal.with_reason("the session has ended: 7 minutes ago"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct RefusalLog(Mutex<Window>);

/// The refusals of one minute.
#[derive(Debug, Default)]
struct Window {
    minute: u64,
    counts: BTreeMap<(&'static str, Box<str>), u64>,
}

/// What happens to one refusal.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Logged,
    /// The first one that is not logged.
    LimitReached,
    Suppressed,
}

/// Refusals that were not logged, with their code and the beginning of their reason.
type Suppressed = Vec<(&'static str, Box<str>, u64)>;

const LINES_PER_MINUTE: u64 = 10;
/// The number of reasons that are counted separately. It bounds memory and the lines per minute, even if a client can invent
/// reasons. Further reasons are counted by their code, of which there is a fixed set.
const MAX_REASONS: usize = 32;
/// The number of characters by which reasons are distinguished.
const MAX_REASON_CHARS: usize = 100;

impl RefusalLog {
    /// Creates a log without any refusals yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(Window { minute: 0, counts: BTreeMap::new() }))
    }

    /// Logs `refusal`, unless 10 others for the same reason have been logged in the minute of its time `at`.
    pub fn log(&self, refusal: &Refusal) {
        let (fate, suppressed) = self.0.lock().unwrap_or_else(PoisonError::into_inner).count(refusal);
        for (code, reason, count) in suppressed {
            tracing::warn!(code, reason, count, "refusals were not logged");
        }
        let Refusal { code, reason, .. } = refusal;
        let (route, reason) = (refusal.route.as_deref(), reason.as_deref());
        match fate {
            Fate::Suppressed => {}
            Fate::LimitReached => {
                let limit = LINES_PER_MINUTE;
                tracing::warn!(code, reason, limit, "further refusals are not logged in this minute");
            }
            Fate::Logged if refusal.service_fault => tracing::error!(code, route, reason, "request refused"),
            Fate::Logged if matches!(*code, "not-found" | "method-not-allowed") => {
                tracing::info!(code, route, reason, "request refused");
            }
            Fate::Logged => tracing::warn!(code, route, reason, "request refused"),
        }
    }
}

impl Window {
    /// Counts a refusal. The first one of another minute ends the window and returns what was not logged in it.
    fn count(&mut self, refusal: &Refusal) -> (Fate, Suppressed) {
        let minute = refusal.at.as_unix() / 60;
        let mut ended = Suppressed::new();
        // Requests take different times, so one that was judged in the minute before can be refused after one of this minute:
        // it is counted in this one. A minute further back means that the clock was set back.
        if minute > self.minute || self.minute - minute > 1 {
            self.minute = minute;
            let counts = std::mem::take(&mut self.counts).into_iter();
            let suppressed = counts.filter(|(_, count)| *count > LINES_PER_MINUTE);
            ended.extend(suppressed.map(|((code, reason), count)| (code, reason, count - LINES_PER_MINUTE)));
        }
        let mut key = (refusal.code, distinguishing(refusal.reason.as_deref().unwrap_or_default()));
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

/// Returns the part of a reason by which refusals are counted.
fn distinguishing(reason: &str) -> Box<str> {
    reason.chars().take_while(|char| *char != ':').take(MAX_REASON_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use upsign_core::Timestamp;

    use super::*;

    fn refusal(code: &'static str, reason: &str, second: u64) -> Refusal {
        Refusal::new(code, false, Timestamp::from_unix(6_000_000 + second).unwrap()).with_reason(reason)
    }

    #[test]
    fn further_lines_of_a_minute_are_counted_and_reported_in_a_later_one() {
        let mut window = Window::default();
        let mut fates =
            (0..1_000).map(|n| window.count(&refusal("unauthorized", &format!("expired: {n}"), 1)).0);
        assert!(fates.by_ref().take(10).all(|fate| fate == Fate::Logged));
        assert_eq!(fates.next(), Some(Fate::LimitReached));
        assert!(fates.all(|fate| fate == Fate::Suppressed));
        // Another reason has lines of its own.
        assert_eq!(window.count(&refusal("unauthorized", "signature: bad", 2)).0, Fate::Logged);
        let (fate, suppressed) = window.count(&refusal("body-syntax", "not JSON", 61));
        assert_eq!(fate, Fate::Logged);
        assert_eq!(suppressed, [("unauthorized", "expired".into(), 990)]);
        assert_eq!(window.count(&refusal("body-syntax", "not JSON", 0)).0, Fate::Logged, "judged before");
        let mut long_ago = refusal("unauthorized", "expired: 7", 0);
        long_ago.at = Timestamp::UNIX_EPOCH;
        assert_eq!(window.count(&long_ago), (Fate::Logged, Suppressed::new()), "clock set back");
    }

    #[test]
    fn requests_of_the_minute_before_do_not_start_the_limit_again() {
        let mut window = Window::default();
        let logged = (0..1_000)
            .filter(|n| window.count(&refusal("unauthorized", "expired", 59 + n % 2)).0 == Fate::Logged)
            .count();
        // The first is the only one of the minute that has ended.
        assert_eq!(logged, 11);
    }

    #[test]
    fn invented_reasons_share_a_limit() {
        let mut window = Window::default();
        let logged = (0..100_000)
            .filter(|n| {
                window.count(&refusal("content-type-unknown", &format!("ä{n} is not allowed"), 1)).0
                    == Fate::Logged
            })
            .count();
        assert!(logged <= 32 * 10, "{logged}");
        assert!(window.counts.len() <= 33);
    }
}
