//! Helpers for the tests of applications that use upsign, conformance suites for implementations of its traits, and test data.
//!
//! A test replaces the clock, the ids and the outside world, and then compares what the service did with what it should do:
//!
//! ```
//! use upsign::{Clock, IdSource, Refusal, UploadObserver};
//! use upsign_testing::{CountingIds, FixedClock, RecordingObserver};
//!
//! // Give these to the service under test, and keep clones, which share the state.
//! let (clock, ids, observer) = (FixedClock::new("2026-01-01T00:00:00Z"), CountingIds::new(), RecordingObserver::new());
//!
//! clock.advance(900);
//! assert_eq!(clock.now().to_string(), "2026-01-01T00:15:00Z");
//! assert_eq!(ids.next(clock.now())?, CountingIds::nth(0));
//! observer.refused(&Refusal::new("too-large", false, clock.now()));
//! assert_eq!(observer.codes(), ["too-large"]);
//! # Ok::<(), upsign::NoEntropy>(())
//! ```
//!
//! | to test | use | feature |
//! | --- | --- | --- |
//! | with a known time and known ids | [`FixedClock`], [`CountingIds`] | |
//! | what observers receive | [`RecordingObserver`] | |
//! | callers with tokens | `tokens::TestIssuer`, which mints tokens with any claims, offline | `tokens` |
//! | that uploads arrive | `s3::TestS3`, an S3 server inside the test's process | `s3` |
//! | failures of a presigner, a credentials source, an authorizer, … | `mocks` | `mocks`; in addition `tokens`, `http`, `objects` for the traits of `upsign-cognito`, `upsign-http`, `upsign-objects` |
//! | your own presigner or credentials source | [`conformance`] | |
//! | your own signer, in detail | [`corpora`] (URLs and forms of boto3 and the AWS SDK for JavaScript), [`requests`] (random requests), [`vectors`] (examples of the S3 documentation) | |
//!
//! # What this crate is not
//!
//! It is not for production code: its functions panic if an expectation does not hold, ids are predictable, and tokens and
//! credentials protect nothing. Add it to `[dev-dependencies]`.
//!
//! Neighboring crates: `upsign-local` is the S3 server behind `s3`, and has a user pool that signs users in over HTTP.
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
pub use observer::{RecordedCall, RecordedGrant, RecordedOutcome, RecordingObserver, UploadEvent};
