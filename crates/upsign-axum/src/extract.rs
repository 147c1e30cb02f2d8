//! Authentication for the router and for handlers of the application.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRef, FromRequestParts};
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::request::Parts;
use upsign::{Clock, SystemClock};
#[cfg(feature = "cognito")]
use upsign_cognito::VerifyToken;
use upsign_core::{Identity, InvalidIdentity, Timestamp};
#[cfg(feature = "cognito")]
use upsign_http::BearerToken;
use upsign_http::{Authenticate, AuthenticateError, FromExtension, Problem};

use crate::respond::log_refusal;

/// Authenticates callers, by their tokens, sessions or anything else, and provides the clock of each request.
///
/// Cheap to clone. Put it into the state of your router to use the [`Caller`] extractor.
#[derive(Clone, Debug)]
pub struct Authentication {
    pub(crate) authenticate: Arc<dyn Authenticate>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Authentication {
    /// Authenticates callers with `authenticate`, at the time of the system clock.
    ///
    /// [`authenticate_fn`](crate::authenticate_fn) makes an [`Authenticate`] of a closure.
    pub fn new(authenticate: impl Authenticate + 'static) -> Self {
        Self { authenticate: Arc::new(authenticate), clock: Arc::new(SystemClock) }
    }

    /// Authenticates callers by a value of type `T` that a middleware of the application has added to the request's
    /// extensions, usually the user of a session.
    ///
    /// Add the middleware as a layer around the router, so that it runs first. A request without the value is answered with
    /// 401, without `WWW-Authenticate`: no authentication scheme is registered for cookies.
    ///
    /// ```
    /// use upsign_axum::{Authentication, Identity};
    ///
    /// #[derive(Clone)]
    /// struct User {
    ///     id: u64,
    /// }
    ///
    /// let authentication = Authentication::from_extension(|user: &User| {
    ///     Identity::from_verified("https://app.example.com", &user.id.to_string())
    /// });
    /// ```
    ///
    /// The type of the argument must be stated: it selects the extension.
    ///
    /// To reject some users, or to set a challenge, use [`Authentication::new`] with [`FromExtension::new`].
    pub fn from_extension<T: Send + Sync + 'static>(
        identity: impl Fn(&T) -> Result<Identity, InvalidIdentity> + Send + Sync + 'static,
    ) -> Self {
        Self::new(FromExtension::new(identity))
    }

    /// Authenticates callers by the token in the header `Authorization: Bearer <token>`.
    ///
    /// ```
    /// # #[cfg(feature = "fetch")]
    /// # fn authentication() -> Result<upsign_axum::Authentication, upsign_axum::InvalidVerifierConfig> {
    /// use upsign_axum::{Authentication, TokenUse, UserPool};
    ///
    /// // With the feature `fetch`. Otherwise, `Verifier::new` takes a source of keys.
    /// let verifier = UserPool::verifier("ap-southeast-1_AbCdEf123", ["client-id"], TokenUse::Access)?;
    /// let authentication = Authentication::bearer(verifier);
    /// # Ok(authentication)
    /// # }
    /// ```
    ///
    /// For a token without the scheme, or in another header, use [`Authentication::new`] with
    /// [`BearerToken::accept_raw_authorization`] or [`BearerToken::with_header`].
    #[cfg(feature = "cognito")]
    pub fn bearer(verifier: impl VerifyToken + 'static) -> Self {
        Self::new(BearerToken::new(verifier))
    }

    /// Sets the clock, for example to a fixed one in tests.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Returns the challenge of the [`Authenticate`], for [`Problem::with_insufficient_scope`] in a handler of the application.
    #[must_use]
    pub fn challenge(&self) -> Option<HeaderValue> {
        self.authenticate.challenge()
    }
}

/// Extracts the verified caller of a request.
///
/// A request without a verified caller is rejected before the handler runs, see [`Unauthenticated`].
///
/// ```
/// use axum::{Router, routing::get};
/// use upsign_axum::{Authentication, Caller};
///
/// async fn hello(caller: Caller) -> String {
///     format!("hello {}", caller.identity.subject())
/// }
///
/// fn app(authentication: Authentication) -> Router {
///     Router::new().route("/hello", get(hello)).with_state(authentication)
/// }
/// ```
///
/// An application with a state of its own implements [`FromRef`] for it:
///
/// ```
/// use axum::extract::FromRef;
/// use axum::{Router, routing::get};
/// use upsign_axum::{Authentication, Caller};
///
/// #[derive(Clone)]
/// struct AppState {
///     authentication: Authentication,
///     // …
/// }
///
/// impl FromRef<AppState> for Authentication {
///     fn from_ref(state: &AppState) -> Self {
///         state.authentication.clone()
///     }
/// }
///
/// fn app(state: AppState) -> Router {
///     Router::new().route("/hello", get(async |_: Caller| "hello")).with_state(state)
/// }
/// ```
///
/// With axum's feature `macros`, `#[derive(FromRef)]` on the state does the same.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Caller {
    /// The verified identity.
    pub identity: Identity,
    /// The time at which the caller was authenticated. Use it for the rest of the request, so that one request has one time.
    pub at: Timestamp,
}

/// The rejection of [`Caller`]: the request has no verified caller.
///
/// It is answered with the problem document of the API: 401, 403 if the caller lacks a group or scope that the service
/// requires, or 503 if the identity cannot be checked at the moment. The reason is logged when this value becomes a response, and is never sent. The service's observers do not receive it.
///
/// To answer differently, for example with a redirect to a login page, extract `Result<Caller, Unauthenticated>`. Then nothing
/// is logged, so log [`reason`](Self::reason) yourself. [`problem`](Self::problem) has the status and the challenge of the
/// answer. The extractors after it run too: an [`UploadDescription`](crate::UploadDescription) is read from the client before
/// the handler can refuse the caller.
///
/// ```
/// use axum::response::Redirect;
/// use upsign_axum::{Caller, Unauthenticated};
///
/// async fn account(caller: Result<Caller, Unauthenticated>) -> Result<String, Redirect> {
///     let caller = caller.map_err(|rejection| {
///         tracing::warn!(code = rejection.problem().code(), reason = rejection.reason(), "no session");
///         Redirect::to("/login")
///     })?;
///     Ok(format!("account of {}", caller.identity.subject()))
/// }
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{error}")]
pub struct Unauthenticated {
    error: AuthenticateError,
    challenge: Option<HeaderValue>,
    id: Option<upsign_http::RequestId>,
}

impl Unauthenticated {
    /// Returns the reason, which is for the operator and not for the client.
    #[must_use]
    pub const fn error(&self) -> &AuthenticateError {
        &self.error
    }

    /// Returns the reason as text, as it is logged. It is for the operator and not for the client.
    #[must_use]
    pub fn reason(&self) -> String {
        self.error.log_reason()
    }

    /// Returns the problem document of the answer, with its challenge (`WWW-Authenticate`).
    #[must_use]
    pub fn problem(&self) -> Problem {
        let problem = Problem::unauthenticated(&self.error, self.challenge.as_ref());
        match &self.id {
            Some(id) => problem.with_request_id(id),
            None => problem,
        }
    }
}

impl IntoResponse for Unauthenticated {
    fn into_response(self) -> Response {
        let problem = self.problem();
        log_refusal(&problem, &self.reason());
        problem.response().map(Body::from)
    }
}

impl<S> FromRequestParts<S> for Caller
where
    Authentication: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Unauthenticated;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Unauthenticated> {
        let Authentication { authenticate, clock } = Authentication::from_ref(state);
        let at = clock.now();
        match authenticate.authenticate(&(&*parts).into(), at).await {
            Ok(identity) => Ok(Self { identity, at }),
            Err(error) => {
                let (challenge, id) = (authenticate.challenge(), parts.extensions.get().cloned());
                Err(Unauthenticated { error, challenge, id })
            }
        }
    }
}
