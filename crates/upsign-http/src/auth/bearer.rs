//! Callers that authenticate with a bearer token.

use async_trait::async_trait;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use upsign_cognito::{Rejection, RejectionKind, VerifyError, VerifyToken, bearer};
use upsign_core::{Identity, Timestamp, error_chain};

use crate::auth::{Authenticate, AuthenticateError, AuthenticateRequest};

/// Identifies callers by the token in the `Authorization` header (RFC 6750 section 2.1).
///
/// The tokens are verified by a [`Verifier`](upsign_cognito::Verifier) of one issuer, by
/// [`Verifiers`](upsign_cognito::Verifiers) of several, or by another [`VerifyToken`].
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use upsign_cognito::{TokenUse, UserPool, Verifier};
/// use upsign_http::BearerToken;
/// # use upsign_cognito::fetch_keys_fn;
/// # let fetcher = fetch_keys_fn(|_url| async { Err(upsign_cognito::FetchError::NotFetched) });
///
/// let pool: UserPool = "ap-southeast-1_AbCdEf123".parse()?;
/// let config = pool.verifier_config(["3n4b5urk1ft4fl3mg5e62d9ado"], TokenUse::Access)?;
/// // `fetcher` gets the pool's keys: `HttpFetch` with the feature `fetch` of upsign-cognito, or an HTTP client of your own.
/// let authenticate = BearerToken::new(Verifier::new(config, fetcher));
/// # let _: &dyn upsign_http::Authenticate = &authenticate;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct BearerToken<V> {
    verifier: V,
    accept_raw: bool,
}

impl<V: VerifyToken> BearerToken<V> {
    /// Accepts `Authorization: Bearer <token>` with a token that `verifier` accepts.
    pub const fn new(verifier: V) -> Self {
        Self { verifier, accept_raw: false }
    }

    /// Also accepts a token without the `Bearer` scheme, as some front ends for Cognito send it.
    #[must_use]
    pub fn accept_raw_authorization(self) -> Self {
        Self { accept_raw: true, ..self }
    }

    /// Returns the verifier.
    pub const fn verifier(&self) -> &V {
        &self.verifier
    }
}

#[async_trait]
impl<V: VerifyToken> Authenticate for BearerToken<V> {
    async fn authenticate(
        &self,
        request: &AuthenticateRequest<'_>,
        at: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        let token = token(request.headers, self.accept_raw)?;
        match self.verifier.verify(token, at).await {
            Ok(claims) => Ok(claims.identity()),
            Err(VerifyError::Rejected(rejection)) => Err(rejection.into()),
            Err(error) => Err(AuthenticateError::Unavailable { reason: error_chain(&error).to_string() }),
        }
    }

    /// Returns `Bearer` (RFC 6750 section 3).
    fn challenge(&self) -> Option<HeaderValue> {
        Some(HeaderValue::from_static("Bearer"))
    }
}

/// Origin access control of CloudFront replaces the header of the caller by a signature of its own, if it is set to sign always
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html>).
const SIGNED_BY_PROXY: &str = "the authorization header is an AWS signature (SigV4) and no token: the client signs its \
     requests, or a proxy has replaced the header, as origin access control of CloudFront does";

/// Returns the token of the only `Authorization` header.
///
/// Two headers are rejected: servers and proxies disagree on which of them counts.
fn token(headers: &HeaderMap, accept_raw: bool) -> Result<&str, AuthenticateError> {
    let invalid =
        |reason: &str| AuthenticateError::Rejected { code: "authorization-header", reason: reason.into() };
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| invalid("the authorization header is not ASCII")),
        (None, _) => Err(invalid("the request has no authorization header")),
        (Some(_), Some(_)) => Err(invalid("the request has more than one authorization header")),
    }?;
    // The algorithm of an AWS signature begins so: `AWS4-HMAC-SHA256`, or `AWS4-ECDSA-P256-SHA256` for several regions
    // (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html>).
    if value.starts_with("AWS4-") {
        return Err(AuthenticateError::Rejected { code: "not-bearer", reason: SIGNED_BY_PROXY.into() });
    }
    Ok(bearer(value, accept_raw)?)
}

impl From<Rejection> for AuthenticateError {
    /// A rejection of groups or scopes forbids, because they are checked last. A request without a bearer token is rejected,
    /// and so is one whose gateway has verified none; everything else is about a token.
    fn from(rejection: Rejection) -> Self {
        let (code, reason) = (rejection.code(), rejection.to_string());
        match (rejection.kind(), rejection) {
            (RejectionKind::Forbidden, _) => Self::Forbidden { code, reason },
            (RejectionKind::BadRequest, _)
            | (
                _,
                Rejection::NoAuthorization
                | Rejection::SeveralAuthorizations
                | Rejection::NotBearer
                | Rejection::OtherEvent
                | Rejection::NoClaims
                | Rejection::Guest,
            ) => Self::Rejected { code, reason },
            _ => Self::InvalidToken { code, reason },
        }
    }
}
