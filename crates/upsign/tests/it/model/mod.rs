//! A model of an upload's life: token, confirmation, quota, expiry and races, against a store in memory.
//!
//! These things must hold after every step, whatever happened before:
//!
//! 1. bytes count once: the counters are the sum of what is reserved and of what was confirmed, and every confirmed version is counted;
//! 2. what is counted and reserved is within the limits;
//! 3. an object that was rejected, or differs from what was granted, is not readable, unless a later inspection accepts it;
//! 4. a receipt names one version, which has what was confirmed and stays readable until it is deleted or, in a bucket without versions,
//!    replaced.
//!
//! [`machine`] takes random steps; [`exhaustive`] tries every order of the calls of two confirmations that race; [`crashes`] ends
//! the process after each call; [`abuse`] tries to have more confirmed than the quota permits.

#![expect(
    clippy::indexing_slicing,
    clippy::unreachable,
    clippy::panic,
    reason = "a panic is the report of a test"
)]

mod abuse;
mod checks;
mod crashes;
mod exhaustive;
mod machine;
mod quota;
mod race;
mod setup;
mod store;
mod verdicts;
mod world;
