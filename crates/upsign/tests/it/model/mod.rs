//! A model of an upload's life: token, confirmation, quota, expiry and races, against a store in memory.
//!
//! Three things must hold after every step, whatever happened before:
//!
//! 1. bytes count once: the counters are the sum of what is reserved and of what was confirmed;
//! 2. an object that was rejected is not readable;
//! 3. a receipt names one version, and that version has what was confirmed.
//!
//! [`machine`] takes random steps; [`exhaustive`] tries every order of the calls of two confirmations that race.

#![expect(
    clippy::indexing_slicing,
    clippy::unreachable,
    clippy::panic,
    reason = "a panic is the report of a test"
)]

mod exhaustive;
mod machine;
mod quota;
mod store;
mod world;
