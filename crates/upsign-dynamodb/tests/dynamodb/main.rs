//! The store on an emulator, and its calls to a scripted server.
//!
//! The emulator's endpoint comes from `TEST_S3_MINISTACK`; `cargo xtask test --only quotas` starts one and sets it. Without it, only
//! the tests with a scripted server run.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

mod calls;
mod concurrency;
mod emulator;
mod server;
mod suite;
