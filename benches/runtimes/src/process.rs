//! What a process uses, read from `/proc`.

use std::time::Duration;

/// Clock ticks per second in `/proc`. Linux reports 100 to programs on every architecture.
const TICKS_PER_SECOND: u64 = 100;

/// What a process uses at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Resident memory in KiB.
    pub memory: u64,
    /// Open file descriptors.
    pub descriptors: u64,
    /// Threads.
    pub threads: u64,
    /// Processor time since the process started.
    pub cpu: Duration,
}

/// Reads what a process uses, or `None` if there is no such process or no `/proc`.
#[must_use]
pub fn usage(pid: u32) -> Option<Usage> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let field = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count() as u64;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Field 2 is the program's name in parentheses and may contain spaces. Fields 14 and 15 are the user and system time.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(14 - 3);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Usage {
        memory: field("VmRSS:")?,
        descriptors,
        threads: field("Threads:")?,
        cpu: Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND),
    })
}
