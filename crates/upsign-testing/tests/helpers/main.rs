//! The helpers that applications use in their own tests: clock, ids, observer, tokens, mocks and S3, in a whole service.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test's panic is its report"
)]

mod bearer;
mod histories;
mod mocks;
mod s3;
mod service;
mod tokens;
