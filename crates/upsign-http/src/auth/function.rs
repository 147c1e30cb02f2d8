//! Callers that a closure of the application identifies.

use std::fmt::{self, Debug};

use async_trait::async_trait;
use http::HeaderValue;
use upsign_core::{Identity, Timestamp};

use crate::auth::{Authenticate, AuthenticateError, AuthenticateRequest};

/// Returns an authenticator that calls `authenticate` for each request.
///
/// The closure copies what it needs out of the request and returns a future, which may wait, for example for the table of
/// sessions. The future cannot borrow from the request. 401 responses have no `WWW-Authenticate`, unless
/// [`with_challenge`](AuthenticateFn::with_challenge) sets one.
///
/// ```
/// use upsign_http::{AuthenticateError, Identity, authenticate_fn};
///
/// # async fn find_user(_session: &str) -> Result<Option<u64>, std::io::Error> { Ok(Some(7)) }
/// let authenticate = authenticate_fn(|request, _at| {
///     let session = request.headers.get("x-session").and_then(|value| value.to_str().ok()).map(str::to_owned);
///     async move {
///         let rejected = |reason: &str| AuthenticateError::Rejected { code: "session", reason: reason.into() };
///         let session = session.ok_or_else(|| rejected("the request has no session"))?;
///         let user = find_user(&session).await;
///         let user = user.map_err(|error| AuthenticateError::Unavailable { reason: error.to_string() })?;
///         let user = user.ok_or_else(|| rejected("the session has ended"))?;
///         Ok(Identity::from_verified("https://app.example.com", &user.to_string())?)
///     }
/// });
/// # let _: &dyn upsign_http::Authenticate = &authenticate;
/// ```
pub const fn authenticate_fn<F, Fut>(authenticate: F) -> AuthenticateFn<F>
where
    F: Fn(&AuthenticateRequest<'_>, Timestamp) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Identity, AuthenticateError>> + Send,
{
    AuthenticateFn { authenticate, challenge: None }
}

/// An authenticator made of a closure by [`authenticate_fn`].
#[derive(Clone)]
pub struct AuthenticateFn<F> {
    authenticate: F,
    challenge: Option<HeaderValue>,
}

impl<F> AuthenticateFn<F> {
    /// Sets the value of `WWW-Authenticate` on 401 responses.
    #[must_use]
    pub fn with_challenge(self, challenge: HeaderValue) -> Self {
        Self { challenge: Some(challenge), ..self }
    }
}

#[async_trait]
impl<F, Fut> Authenticate for AuthenticateFn<F>
where
    F: Fn(&AuthenticateRequest<'_>, Timestamp) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Identity, AuthenticateError>> + Send,
{
    async fn authenticate(
        &self,
        request: &AuthenticateRequest<'_>,
        at: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        (self.authenticate)(request, at).await
    }

    fn challenge(&self) -> Option<HeaderValue> {
        self.challenge.clone()
    }
}

impl<F> Debug for AuthenticateFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticateFn").field("challenge", &self.challenge).finish_non_exhaustive()
    }
}
