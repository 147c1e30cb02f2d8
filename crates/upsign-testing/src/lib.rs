//! What upsign's crates test with, and what anybody who implements one of its seams can test with too.
//!
//! - [`requests`]: random requests, credentials and times for property tests.
//! - [`conformance`]: what every [`Presigner`](upsign_core::Presigner) must do.
//! - [`corpora`]: what other signers signed, and how to judge an answer to the same request.
//! - [`vectors`]: the numbers that AWS's documentation prints.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

pub mod conformance;
pub mod corpora;
pub mod requests;
pub mod vectors;
