//! Test data and test suites for upsign's crates, and for your own implementations of its traits.
//!
//! - [`requests`]: random requests, credentials and times for property tests.
//! - [`conformance`]: a suite that every [`Presigner`](upsign_core::Presigner) must pass.
//! - [`corpora`]: URLs and forms that boto3 and the AWS SDK for JavaScript signed, and a comparison with those of your signer.
//! - [`vectors`]: the examples in the Amazon S3 documentation.
//!
//! Add this crate to `[dev-dependencies]`: its functions panic if an expectation does not hold.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's panic is its report"
)]

mod clock;
pub mod conformance;
pub mod corpora;
mod ids;
#[cfg(feature = "mocks")]
pub mod mocks;
mod observer;
pub mod requests;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(feature = "tokens")]
pub mod tokens;
pub mod vectors;

pub use clock::FixedClock;
pub use ids::CountingIds;
pub use observer::{RecordedGrant, RecordingObserver, UploadEvent};
