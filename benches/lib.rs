//! A harness that compares implementations of the same work fairly, and a description of the processor it ran on.
//!
//! [`compare`] runs all candidates in turn, round after round, and reads the CPU time of the thread:
//!
//! - interleaving spreads whatever else the machine does over all candidates alike;
//! - CPU time leaves out the time that other programs take;
//! - the median of many short rounds leaves out most of the rest.
//!
//! [`Timing::spread`] shows what noise is left. Compare ratios within one run; nanoseconds do not carry over to another
//! machine.

mod harness;
mod processor;

pub use harness::{Candidate, Timing, compare};
pub use processor::{SHA2_IS_PORTABLE, describe};
