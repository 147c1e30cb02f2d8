//! `Renewing`: when it calls its source, and what callers receive while the source is slow, fails or hangs.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a panic in a test reports the failure")]

mod concurrency;
mod faults;
mod histories;
mod schedule;
mod source;
