//! Test data and test suites for upsign's crates, and for your own implementations of its traits.
//!
//! - [`requests`]: random requests, credentials and times for property tests.
//! - [`conformance`]: a suite that every [`Presigner`](upsign_core::Presigner) must pass.
//! - [`corpora`]: URLs and forms that boto3 and the AWS SDK for JavaScript signed, and a comparison with those of your signer.
//! - [`vectors`]: the examples in the Amazon S3 documentation.
//!
//! Add this crate to `[dev-dependencies]`: its functions panic if an expectation does not hold.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

pub mod conformance;
pub mod corpora;
pub mod requests;
pub mod vectors;
