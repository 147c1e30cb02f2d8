//! Fuzz targets for everything that parses untrusted input.
//!
//! A target must not panic, must finish quickly ([`within_alarm`]) and must hold the property that its module names.

mod pool;
mod targets;

use std::time::Duration;

use cpu_time::ThreadTime;

pub use pool::Pool;
pub use targets::{TARGETS, Target};

/// Longest CPU time for one input.
const ALARM: Duration = Duration::from_millis(50);

/// Runs work whose cost must be bounded by the length of the input.
///
/// # Panics
/// If it takes longer than 50 ms of CPU time.
pub fn within_alarm<T>(work: impl FnOnce() -> T) -> T {
    let start = ThreadTime::now();
    let result = work();
    let elapsed = start.elapsed();
    assert!(elapsed < ALARM, "one input took {elapsed:?}");
    result
}
