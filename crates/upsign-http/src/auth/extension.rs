//! Callers that a middleware of the application has identified.

use std::any::type_name;
use std::fmt::{self, Debug};
use std::marker::PhantomData;

use async_trait::async_trait;
use http::HeaderValue;
use upsign_core::{Identity, Timestamp};

use crate::auth::{Authenticate, AuthenticateError, AuthenticateRequest};

/// Identifies callers by a value of type `T` that a middleware has added to the request's extensions, usually the user of
/// a session.
///
/// A request without such a value is answered with 401. This is the case without a session, and also if the middleware
/// does not cover the route, so the reason in the log names the type.
///
/// ```
/// use upsign_http::{FromExtension, Identity};
///
/// #[derive(Clone)]
/// struct User {
///     id: u64,
/// }
///
/// let authenticate =
///     FromExtension::new(|user: &User| Identity::from_verified("https://app.example.com", &user.id.to_string()));
/// # let _: &dyn upsign_http::Authenticate = &authenticate;
/// ```
pub struct FromExtension<T, F> {
    identity: F,
    challenge: Option<HeaderValue>,
    // The type is only an argument of the function, so it need not be `Send`.
    extension: PhantomData<fn(&T)>,
}

impl<T, F> FromExtension<T, F> {
    /// Creates an authenticator that passes the extension of type `T` to `identity`.
    ///
    /// `identity` may reject the request with an [`AuthenticateError`] or
    /// [`InvalidIdentity`](upsign_core::InvalidIdentity). It must not wait: what needs the database belongs into the
    /// middleware, or into [`authenticate_fn`](crate::authenticate_fn).
    pub const fn new<E>(identity: F) -> Self
    where
        F: Fn(&T) -> Result<Identity, E> + Send + Sync,
        T: Send + Sync + 'static,
        E: Into<AuthenticateError>,
    {
        Self { identity, challenge: None, extension: PhantomData }
    }

    /// Sets the value of `WWW-Authenticate` on 401 responses. By default they have no such header.
    #[must_use]
    pub fn with_challenge(self, challenge: HeaderValue) -> Self {
        Self { challenge: Some(challenge), ..self }
    }
}

#[async_trait]
impl<T, F, E> Authenticate for FromExtension<T, F>
where
    F: Fn(&T) -> Result<Identity, E> + Send + Sync,
    T: Send + Sync + 'static,
    E: Into<AuthenticateError>,
{
    async fn authenticate(
        &self,
        request: &AuthenticateRequest<'_>,
        _at: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        let missing = || AuthenticateError::Rejected {
            code: "extension-missing",
            reason: format!("no middleware has added a `{}` to the request's extensions", type_name::<T>()),
        };
        let extension = request.extensions.get::<T>().ok_or_else(missing)?;
        (self.identity)(extension).map_err(Into::into)
    }

    fn challenge(&self) -> Option<HeaderValue> {
        self.challenge.clone()
    }
}

impl<T, F> Debug for FromExtension<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromExtension").field("extension", &type_name::<T>()).finish_non_exhaustive()
    }
}
