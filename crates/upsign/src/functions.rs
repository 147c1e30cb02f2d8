//! Implementations of the extension points that call a closure.

use std::fmt::{self, Debug};

use async_trait::async_trait;
use upsign_core::{Identity, Timestamp};
use uuid::Uuid;

use crate::authorize::{Authorize, AuthorizeError, AuthorizeRequest, Decision};
use crate::ids::{IdSource, NoEntropy};
use crate::rate::{RateLimit, RateLimitError};
use crate::world::Clock;

/// Returns an authorization that calls `decide` for every upload that the policy permits.
///
/// The closure receives a reference that ends with the call, so it copies what it needs before it waits for anything.
///
/// ```
/// use upsign::{AuthorizeError, Decision, authorize_fn};
///
/// let authorize = authorize_fn(|request| {
///     let (user, article) = (request.caller.subject().clone(), request.id("articleId"));
///     async move {
///         let Some(article) = article else { return Ok(Decision::Deny) };
///         let is_author = is_author(user.as_str(), article).await.map_err(AuthorizeError::new)?;
///         Ok(if is_author { Decision::Allow } else { Decision::Deny })
///     }
/// });
/// # async fn is_author(_: &str, _: upsign::Uuid) -> Result<bool, std::io::Error> { Ok(true) }
/// # let _: &dyn upsign::Authorize = &authorize;
/// ```
pub const fn authorize_fn<F, Fut>(decide: F) -> AuthorizeFn<F>
where
    F: Fn(&AuthorizeRequest<'_>) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Decision, AuthorizeError>> + Send,
{
    AuthorizeFn(decide)
}

/// An [`Authorize`] implementation made of a closure by [`authorize_fn`].
#[derive(Clone, Copy)]
pub struct AuthorizeFn<F>(F);

#[async_trait]
impl<F, Fut> Authorize for AuthorizeFn<F>
where
    F: Fn(&AuthorizeRequest<'_>) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Decision, AuthorizeError>> + Send,
{
    async fn authorize(&self, request: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError> {
        (self.0)(request).await
    }
}

/// Returns a rate limit that calls `count` for every request of a caller.
///
/// The error is a [`TooManyRequests`](crate::TooManyRequests), or a [`RateLimitError`] if counting can fail.
///
/// The closure receives a reference that ends with the call, so it copies what it needs before it waits for anything.
///
/// ```
/// use upsign::{TooManyRequests, rate_limit_fn};
///
/// let limit = rate_limit_fn(|caller, _at| {
///     let subject = caller.subject().clone();
///     async move {
///         // A program asks its shared counter here.
///         if subject == "mallory" { Err(TooManyRequests::new(60)) } else { Ok(()) }
///     }
/// });
/// # let _: &dyn upsign::RateLimit = &limit;
/// ```
pub const fn rate_limit_fn<F, Fut, E>(count: F) -> RateLimitFn<F>
where
    F: Fn(&Identity, Timestamp) -> Fut + Send + Sync,
    Fut: Future<Output = Result<(), E>> + Send,
    E: Into<RateLimitError>,
{
    RateLimitFn(count)
}

/// A [`RateLimit`] made of a closure by [`rate_limit_fn`].
#[derive(Clone, Copy)]
pub struct RateLimitFn<F>(F);

#[async_trait]
impl<F, Fut, E> RateLimit for RateLimitFn<F>
where
    F: Fn(&Identity, Timestamp) -> Fut + Send + Sync,
    Fut: Future<Output = Result<(), E>> + Send,
    E: Into<RateLimitError>,
{
    async fn count(&self, caller: &Identity, at: Timestamp) -> Result<(), RateLimitError> {
        (self.0)(caller, at).await.map_err(Into::into)
    }
}

/// Returns a clock that calls `now`, for example one that a test sets.
///
/// ```
/// use upsign::{Clock, Timestamp, clock_fn};
///
/// let new_year: Timestamp = "2026-01-01T00:00:00Z".parse()?;
/// let clock = clock_fn(move || new_year);
/// assert_eq!(clock.now(), new_year);
/// # Ok::<(), upsign::types::InvalidTimestamp>(())
/// ```
pub const fn clock_fn<F: Fn() -> Timestamp + Send + Sync>(now: F) -> ClockFn<F> {
    ClockFn(now)
}

/// A [`Clock`] made of a closure by [`clock_fn`].
#[derive(Clone, Copy)]
pub struct ClockFn<F>(F);

impl<F: Fn() -> Timestamp + Send + Sync> Clock for ClockFn<F> {
    fn now(&self) -> Timestamp {
        (self.0)()
    }
}

/// Returns a source of ids that calls `next` for every id, with the time of the request.
///
/// ```
/// use upsign::{IdSource, Timestamp, Uuid, ids_fn};
///
/// // A test can predict the keys. A service needs ids that nobody can guess.
/// let ids = ids_fn(|_at| Ok(Uuid::from_u128(7)));
/// assert_eq!(ids.next(Timestamp::UNIX_EPOCH), Ok(Uuid::from_u128(7)));
/// ```
pub const fn ids_fn<F>(next: F) -> IdsFn<F>
where
    F: Fn(Timestamp) -> Result<Uuid, NoEntropy> + Send + Sync,
{
    IdsFn(next)
}

/// An [`IdSource`] made of a closure by [`ids_fn`].
#[derive(Clone, Copy)]
pub struct IdsFn<F>(F);

impl<F: Fn(Timestamp) -> Result<Uuid, NoEntropy> + Send + Sync> IdSource for IdsFn<F> {
    fn next(&self, at: Timestamp) -> Result<Uuid, NoEntropy> {
        (self.0)(at)
    }
}

/// Implements `Debug`, which closures do not.
macro_rules! debug_by_name {
    ($($name:ident),*) => {$(
        impl<F> Debug for $name<F> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

debug_by_name!(AuthorizeFn, RateLimitFn, ClockFn, IdsFn);
