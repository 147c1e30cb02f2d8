//! Authentication for the router and for handlers of the application.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::response::Response;
use http::request::Parts;
use upsign::{Clock, SystemClock};
use upsign_core::{Identity, Timestamp};
use upsign_http::{Authenticate, Problem};

/// Authenticates callers, and provides the clock against which their tokens are checked.
///
/// Cheap to clone. Put it into the state of your router to use the [`Caller`] extractor.
#[derive(Clone)]
pub struct Authentication {
    pub(crate) authenticate: Arc<dyn Authenticate>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Authentication {
    /// Authenticates callers with `authenticate`, at the time of the system clock.
    pub fn new(authenticate: impl Authenticate + 'static) -> Self {
        Self { authenticate: Arc::new(authenticate), clock: Arc::new(SystemClock) }
    }

    /// Sets the clock, for example to a fixed one in tests.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }
}

impl std::fmt::Debug for Authentication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authentication").field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// Extracts the verified caller of a request.
///
/// A request without a verified caller is answered with 401, or 503 if tokens cannot be verified at the moment, before the
/// handler runs.
///
/// ```
/// use axum::{Router, routing::get};
/// use upsign_axum::{Authentication, Caller};
///
/// async fn hello(caller: Caller) -> String {
///     format!("hello {}", caller.identity.subject().as_str())
/// }
///
/// fn app(authentication: Authentication) -> Router {
///     Router::new().route("/hello", get(hello)).with_state(authentication)
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Caller {
    /// The verified identity.
    pub identity: Identity,
    /// The time at which the token was verified. Use it for the rest of the request, so that one request has one time.
    pub at: Timestamp,
}

impl<S> FromRequestParts<S> for Caller
where
    Authentication: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let authentication = Authentication::from_ref(state);
        let at = authentication.clock.now();
        let authenticate = &*authentication.authenticate;
        match authenticate.authenticate(&(&*parts).into(), at).await {
            Ok(identity) => Ok(Self { identity, at }),
            Err(error) => {
                let problem = Problem::unauthenticated(&error, authenticate.challenge().as_ref());
                Err(problem.response().map(Into::into))
            }
        }
    }
}
