//! Tests of the policy as a whole.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test's panic is its report"
)]

mod article;
mod building;
mod corpus;
mod denials;
mod forms;
mod invariants;
mod names;
mod options;
mod properties;
mod sample;
mod templates;
