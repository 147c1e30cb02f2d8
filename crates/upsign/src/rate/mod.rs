//! Limits on how often one caller may request uploads.

mod gcra;
mod per_caller;

use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;
use upsign_core::{Identity, Timestamp};

use crate::quota::FailMode;
pub use crate::rate::gcra::Rate;
pub use crate::rate::per_caller::PerCallerRateLimit;

/// Counts the requests of each caller and refuses those above a limit.
///
/// ```
/// use upsign::{FailMode, Identity, RateLimit, RateLimitError, Timestamp, TooManyRequests, async_trait};
///
/// #[derive(Debug)]
/// struct SharedLimit;
/// # impl SharedLimit {
/// #     async fn increment(&self, _: &str) -> Result<u32, std::io::Error> { Ok(1) }
/// # }
///
/// #[async_trait]
/// impl RateLimit for SharedLimit {
///     async fn count(&self, caller: &Identity, at: Timestamp) -> Result<(), RateLimitError> {
///         let minute = at.as_unix() / 60;
///         let key = format!("{} {} {minute}", caller.issuer(), caller.subject());
///         // If the store is down, uploads continue without a limit, and observers are notified.
///         let requests = self.increment(&key).await.map_err(|error| RateLimitError::unavailable(error, FailMode::Open))?;
///         if requests <= 30 { Ok(()) } else { Err(TooManyRequests::new(60).into()) }
///     }
/// }
/// ```
///
/// A caller is an issuer *and* a subject: two user pools may use the same `sub` for different people.
///
/// [`PerCallerRateLimit`] counts within one process, [`StoreRateLimit`](crate::quota::StoreRateLimit) in a store that several
/// processes share, and [`rate_limit_fn`](crate::rate_limit_fn) makes a limit of a closure.
#[async_trait]
pub trait RateLimit: Debug + Send + Sync {
    /// Counts one request of `caller` at the instant `at`.
    ///
    /// Implementations write `async fn count(&self, caller: &Identity, at: Timestamp) -> Result<(), RateLimitError>`.
    ///
    /// # Errors
    /// Returns [`RateLimitError::TooMany`] if this request exceeds the limit. It is then refused and does not count. Returns
    /// [`RateLimitError::Unavailable`] if the request could not be counted.
    async fn count(&self, caller: &Identity, at: Timestamp) -> Result<(), RateLimitError>;
}

/// The caller sent too many requests.
///
/// ```
/// use upsign::TooManyRequests;
/// assert_eq!(TooManyRequests::new(30).to_string(), "too many requests: retry after 30 seconds");
/// assert_eq!(TooManyRequests::new(0).retry_after, 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests: retry after {retry_after} seconds")]
#[non_exhaustive]
pub struct TooManyRequests {
    /// Whole seconds after which the next request will be accepted; at least 1. Sent as `Retry-After`.
    pub retry_after: u32,
}

impl TooManyRequests {
    /// Creates the error with a waiting time in seconds. Zero becomes 1, because `Retry-After: 0` would invite a busy
    /// loop.
    #[must_use]
    pub const fn new(retry_after: u32) -> Self {
        Self { retry_after: if retry_after == 0 { 1 } else { retry_after } }
    }
}

/// The reason why a [`RateLimit`] did not count a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RateLimitError {
    /// The caller sent too many requests.
    #[error(transparent)]
    TooMany(#[from] TooManyRequests),
    /// The request could not be counted.
    #[error(transparent)]
    Unavailable(RateLimitUnavailable),
}

impl RateLimitError {
    /// Wraps the error of a store. `fail` says whether the request continues.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>, fail: FailMode) -> Self {
        Self::Unavailable(RateLimitUnavailable { source: source.into(), fail })
    }

    /// Returns the refusal, or `None` if the request could not be counted.
    #[must_use]
    pub const fn too_many(&self) -> Option<TooManyRequests> {
        match self {
            Self::TooMany(refused) => Some(*refused),
            Self::Unavailable(_) => None,
        }
    }
}

/// The store of a rate limit failed.
///
/// The source is the store's own error. It is for the log and never sent to a client.
#[derive(Debug, thiserror::Error)]
#[error("the request could not be counted against the rate limit")]
#[non_exhaustive]
pub struct RateLimitUnavailable {
    source: Box<dyn Error + Send + Sync>,
    /// Whether the request is refused ([`FailMode::Closed`]) or continues uncounted ([`FailMode::Open`]).
    pub fail: FailMode,
}
