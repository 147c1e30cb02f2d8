//! Fuzz targets for everything that parses untrusted input.
//!
//! A target must not panic, must finish quickly ([`within_time_limit`]), and must have the property that its module documents.

mod pool;
mod targets;

use std::time::Duration;

use cpu_time::ThreadTime;

pub use pool::Pool;
pub use targets::{TARGETS, Target};

/// Maximum CPU time for one input.
const TIME_LIMIT: Duration = Duration::from_millis(50);

/// Runs work whose cost must be bounded by the length of the input.
///
/// # Panics
/// Panics if the work takes longer than 50 ms of CPU time.
pub fn within_time_limit<T>(work: impl FnOnce() -> T) -> T {
    let start = ThreadTime::now();
    let result = work();
    let elapsed = start.elapsed();
    assert!(elapsed < TIME_LIMIT, "one input took {elapsed:?}");
    result
}
