//! Tests of the client against a scripted API and store.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing,
    reason = "a panic is the report of a test"
)]

mod confirm;
mod elsewhere;
mod expiry;
mod faults;
mod fixture;
mod readers;
mod resume;
mod states;
mod support;
mod uploads;
