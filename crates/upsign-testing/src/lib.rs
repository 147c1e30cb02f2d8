//! Test data and test suites for upsign's crates, and for your own implementations of its traits.
//!
//! - [`requests`]: random requests, credentials and times for property tests.
//! - [`conformance`]: a suite that every [`Presigner`](upsign_core::Presigner) must pass.
//! - [`corpora`]: URLs and forms that boto3 and AWS's SDK for JavaScript signed, and the comparison with your own.
//! - [`vectors`]: the examples in AWS's documentation.
//!
//! A development dependency: its functions panic with what they expected.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

pub mod conformance;
pub mod corpora;
pub mod requests;
pub mod vectors;
