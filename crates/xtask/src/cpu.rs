//! CPU time of the programs that a step runs.

use std::time::Duration;

/// Clock ticks per second in `/proc`. Linux reports 100 to programs on every architecture.
const TICKS_PER_SECOND: u64 = 100;

/// Returns the user and system time of all child processes that have ended and been waited for, with their children.
///
/// Returns `None` where there is no `/proc` (macOS, Windows). Linux adds a child's time when its parent waits for it, so
/// background servers count once [`Running`](crate::process::Running) is dropped.
pub(crate) fn of_children() -> Option<Duration> {
    parse(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

/// Adds fields 16 (`cutime`) and 17 (`cstime`) of `/proc/PID/stat`, see `proc_pid_stat(5)`.
fn parse(stat: &str) -> Option<Duration> {
    // Field 2 is the program's name in parentheses and may contain spaces; field 3 follows the last parenthesis.
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(16 - 3);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * (1_000 / TICKS_PER_SECOND)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_times_are_read_after_a_name_with_spaces() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194304 100 200 0 0 11 12 1300 14 20 0 1 0 5 6 7";
        assert_eq!(parse(stat), Some(Duration::from_millis(13_140)));
    }

    #[test]
    fn truncated_stat_has_no_time() {
        assert_eq!(parse("42 (a) S 1 2"), None);
    }
}
