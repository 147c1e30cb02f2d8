//! The lock of the state that threads share.
//!
//! With `--cfg shuttle` the unit tests use the lock of shuttle, whose scheduler decides at each operation which thread runs
//! next. See `schedules.rs`.

#[cfg(not(all(test, shuttle)))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(all(test, shuttle))]
pub(crate) use shuttle::sync::{Mutex, MutexGuard};
