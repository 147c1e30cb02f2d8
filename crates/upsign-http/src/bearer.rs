//! Callers that bring a bearer token.

use async_trait::async_trait;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use upsign_cognito::{FetchKeys, Rejection, Verifier, VerifyError, bearer};
use upsign_core::{Identity, Timestamp};

use crate::auth::{Authenticate, Unauthenticated};

/// Tells callers apart by the token in their one `Authorization` header (RFC 6750 section 2.1).
#[derive(Debug)]
pub struct BearerToken<F> {
    verifier: Verifier<F>,
    accept_raw: bool,
}

impl<F: FetchKeys> BearerToken<F> {
    /// Tokens that the verifier accepts, after the word `Bearer`.
    pub const fn new(verifier: Verifier<F>) -> Self {
        Self { verifier, accept_raw: false }
    }

    /// The same, taking a token without the word `Bearer` too, as some Cognito front ends send it.
    #[must_use]
    pub fn accept_raw_authorization(self) -> Self {
        Self { accept_raw: true, ..self }
    }

    /// The verifier.
    pub const fn verifier(&self) -> &Verifier<F> {
        &self.verifier
    }
}

#[async_trait]
impl<F: FetchKeys> Authenticate for BearerToken<F> {
    async fn authenticate(&self, headers: &HeaderMap, at: Timestamp) -> Result<Identity, Unauthenticated> {
        let token = token(headers, self.accept_raw)?;
        match self.verifier.verify(token, at).await {
            Ok(claims) => Ok(claims.identity()),
            Err(VerifyError::Rejected(why)) => Err(refused(&why)),
            Err(why) => Err(Unauthenticated::Unavailable { reason: why.to_string() }),
        }
    }
}

/// Two `Authorization` headers are refused: which one counts would differ from server to server.
fn token(headers: &HeaderMap, accept_raw: bool) -> Result<&str, Unauthenticated> {
    let absent =
        |reason: &str| Unauthenticated::Refused { code: "authorization-header", reason: reason.into() };
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| absent("the authorization header is not ASCII")),
        (None, _) => Err(absent("no authorization header")),
        (Some(_), Some(_)) => Err(absent("more than one authorization header")),
    }?;
    bearer(value, accept_raw).map_err(|why| refused(&why))
}

fn refused(why: &Rejection) -> Unauthenticated {
    Unauthenticated::Refused { code: why.code(), reason: why.to_string() }
}
