//! A harness that compares implementations of the same work fairly, and a description of the processor it ran on.
//!
//! [`compare`] runs all candidates in turn, round after round, and reads the CPU time of the thread:
//!
//! - interleaving distributes the effect of other load on the machine evenly over all candidates;
//! - CPU time excludes the time of other programs;
//! - the median of many short rounds excludes most of the remaining disturbances.
//!
//! [`Timing::spread`] shows the remaining noise. Compare ratios within one run, because absolute times differ between
//! machines.

pub mod grants;
mod harness;
mod processor;

pub use harness::{Candidate, Timing, compare};
pub use processor::{SHA2_IS_PORTABLE, describe};
