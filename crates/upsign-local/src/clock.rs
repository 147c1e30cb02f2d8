//! The clock that callers supply.

use std::sync::Arc;

use upsign_core::Timestamp;

/// A function that returns the current time.
///
/// The user pool calls it for each sign-in over HTTP, and the S3 server for the `ServerTime` element of its errors.
/// Tests supply a fixed time, programs the system time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
