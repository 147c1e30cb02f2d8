//! Authentication: the trait that identifies the caller of a request.

#[cfg(feature = "cognito")]
mod bearer;
pub(crate) mod challenge;
mod extension;
mod function;

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderValue, Method, Request, Uri};
use upsign_core::{Identity, InvalidIdentity, Timestamp, TokenHeader};

#[cfg(feature = "cognito")]
pub use bearer::BearerToken;
pub use challenge::bearer_challenge;
pub use extension::FromExtension;
pub use function::{AuthenticateFn, authenticate_fn};

/// Identifies the caller of a request.
///
/// An implementation looks like this, with the attribute [`async_trait`](crate::async_trait):
///
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use upsign_http::{Authenticate, AuthenticateError, AuthenticateRequest, Identity, Timestamp, async_trait};
///
/// /// Finds the session of a request in the application's database.
/// #[derive(Debug)]
/// struct Sessions;
///
/// impl Sessions {
///     async fn user(&self, session: &str) -> Result<Option<&str>, std::io::Error> {
///         // A query of the database, which may fail.
///         Ok((session == "7f3a").then_some("alice"))
///     }
/// }
///
/// #[async_trait]
/// impl Authenticate for Sessions {
///     async fn authenticate(
///         &self,
///         request: &AuthenticateRequest<'_>,
///         _at: Timestamp,
///     ) -> Result<Identity, AuthenticateError> {
///         let session = request.headers.get("x-session").and_then(|session| session.to_str().ok());
///         match self.user(session.unwrap_or_default()).await {
///             Ok(Some(user)) => Ok(Identity::from_verified("https://app.example.com", user)?),
///             Ok(None) => Err(AuthenticateError::Rejected { code: "no-session", reason: "there is no such session".into() }),
///             Err(error) => Err(AuthenticateError::Unavailable { reason: error.to_string() }),
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let at = "2026-01-01T00:00:00Z".parse()?;
/// let request = Request::post("/upload-url").header("x-session", "7f3a").body(Bytes::new())?;
/// let caller = Sessions.authenticate(&(&request).into(), at).await?;
/// assert_eq!(caller.subject(), "alice");
/// let unknown = Request::post("/upload-url").body(Bytes::new())?;
/// assert!(Sessions.authenticate(&(&unknown).into(), at).await.is_err());
/// # Ok(())
/// # }
/// ```
///
/// Often one of these is enough:
///
/// | callers send | use |
/// | --- | --- |
/// | a bearer token | `BearerToken` (feature `cognito`) |
/// | a session that a middleware of the application has checked | [`FromExtension`] |
/// | anything else, such as a cookie or a client certificate | [`authenticate_fn`], or an implementation of this trait |
///
/// An adapter behind an API gateway passes on the identity that the gateway's authorizer has verified.
#[async_trait]
pub trait Authenticate: Debug + Send + Sync {
    /// Returns the verified caller of `request`, judged at the instant `at`.
    ///
    /// Implementations write
    /// `async fn authenticate(&self, request: &AuthenticateRequest<'_>, at: Timestamp) -> Result<Identity, AuthenticateError>`.
    ///
    /// # Errors
    /// Returns [`AuthenticateError::Rejected`] or [`AuthenticateError::InvalidToken`] if the request proves no identity,
    /// [`AuthenticateError::Forbidden`] if it proves one that may not use the service, and
    /// [`AuthenticateError::Unavailable`] if that cannot be checked at the moment.
    async fn authenticate(
        &self,
        request: &AuthenticateRequest<'_>,
        at: Timestamp,
    ) -> Result<Identity, AuthenticateError>;

    /// Returns the value of `WWW-Authenticate` on 401 responses, or `None` to send no such header.
    ///
    /// The default is `None`, which suits sessions in cookies: no authentication scheme is registered for them, and `Bearer`
    /// would make clients look for a token that does not exist. Return `Bearer` if callers send bearer tokens; the problem
    /// document then also says that one is required, and the parameter `error` is added where RFC 6750 section 3.1 defines
    /// one: `invalid_token` if the caller has sent a token, `insufficient_scope` on 403. A parameter `header` names the
    /// header in which the token is expected, if that is not `Authorization`; the problem document repeats the name.
    fn challenge(&self) -> Option<HeaderValue> {
        None
    }

    /// Returns the header that contains the caller's token, or `None` if callers send none.
    ///
    /// Preflights allow it in place of `authorization`. Callers without tokens need no header, except those that
    /// [`Api::with_allow_headers`](crate::Api::with_allow_headers) lists.
    fn token_header(&self) -> Option<&TokenHeader> {
        None
    }
}

/// Implements the trait for a pointer to `T` by forwarding to the value it points to.
macro_rules! forward_through {
    ($($pointer:ty),*) => {$(
        #[async_trait]
        impl<T: Authenticate + ?Sized> Authenticate for $pointer {
            async fn authenticate(
                &self,
                request: &AuthenticateRequest<'_>,
                at: Timestamp,
            ) -> Result<Identity, AuthenticateError> {
                (**self).authenticate(request, at).await
            }

            fn challenge(&self) -> Option<HeaderValue> {
                (**self).challenge()
            }

            fn token_header(&self) -> Option<&TokenHeader> {
                (**self).token_header()
            }
        }
    )*};
}

forward_through!(Arc<T>, Box<T>, &T);

/// What an [`Authenticate`] implementation sees of a request: everything except the body.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AuthenticateRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// The URI, without the prefix that a router has stripped.
    pub uri: &'a Uri,
    /// The headers. Check that a header occurs only once if it proves an identity: servers and proxies disagree on which of
    /// several values counts.
    pub headers: &'a HeaderMap,
    /// Values that earlier layers of the server have added, for example the user that a session middleware has found.
    pub extensions: &'a Extensions,
}

impl<'a> From<&'a Parts> for AuthenticateRequest<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self {
            method: &parts.method,
            uri: &parts.uri,
            headers: &parts.headers,
            extensions: &parts.extensions,
        }
    }
}

impl<'a, B> From<&'a Request<B>> for AuthenticateRequest<'a> {
    fn from(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            extensions: request.extensions(),
        }
    }
}

/// The reason why a request has no verified caller, or one that may not use the service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthenticateError {
    /// The request proves no identity, and contains no token. The client receives 401, with the same body for every reason,
    /// so that it cannot find out which check failed. The log and the service's observers receive the code and the reason
    /// ([`Refusal::reason`](upsign::Refusal::reason)).
    #[error("authentication rejected: {reason}")]
    Rejected {
        /// The stable code of the failed check, for the operator's log.
        code: &'static str,
        /// The failed check in words, for the operator's log. Contains no part of a token.
        reason: String,
    },
    /// The request contains a bearer token that is not accepted. The client receives the same 401 as for
    /// [`Rejected`](Self::Rejected), and a challenge with `error="invalid_token"`: another token can help.
    #[error("token rejected: {reason}")]
    InvalidToken {
        /// The stable code of the failed check, for the operator's log.
        code: &'static str,
        /// The failed check in words, for the operator's log. Contains no part of a token.
        reason: String,
    },
    /// The caller is verified, but may not use the service, for example because it is in none of the required groups. The
    /// client receives 403 `insufficient-scope`, and a challenge with `error="insufficient_scope"`: a new token for the same
    /// caller does not help.
    ///
    /// Return it only after every check of the token itself, so that it reveals nothing about a forged token.
    #[error("caller forbidden: {reason}")]
    Forbidden {
        /// The stable code of the failed check, for the operator's log.
        code: &'static str,
        /// The failed check in words, for the operator's log.
        reason: String,
    },
    /// The identity cannot be checked at the moment, for example because the issuer's keys cannot be fetched. The client
    /// receives 503 with `Retry-After`.
    #[error("authentication unavailable: {reason}")]
    Unavailable {
        /// The failure in words, for the operator's log.
        reason: String,
    },
}

impl AuthenticateError {
    /// Returns the reason as it is logged and reported: the code, if there is one, and the description. It is for the
    /// operator and not for the client.
    #[must_use]
    pub fn log_reason(&self) -> String {
        match self {
            Self::Rejected { code, reason }
            | Self::InvalidToken { code, reason }
            | Self::Forbidden { code, reason } => format!("{code}: {reason}"),
            Self::Unavailable { reason } => reason.clone(),
        }
    }
}

impl From<InvalidIdentity> for AuthenticateError {
    /// Rejects the request: the values of the session or token do not form an identity.
    fn from(error: InvalidIdentity) -> Self {
        Self::Rejected { code: "identity-invalid", reason: error.to_string() }
    }
}
