//! Callers that authenticate with a bearer token.

use async_trait::async_trait;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use upsign_cognito::{MAX_TOKEN_BYTES_RANGE, Rejection, RejectionKind, VerifyError, VerifyToken, bearer};
use upsign_core::{Identity, Timestamp, TokenHeader, error_chain};

use crate::auth::challenge::bearer_challenge;
use crate::auth::{Authenticate, AuthenticateError, AuthenticateRequest};

/// Identifies callers by the token in the `Authorization` header (RFC 6750 section 2.1), or in
/// [another one](Self::with_header).
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
    header: TokenHeader,
    accept_raw: bool,
}

impl<V: VerifyToken> BearerToken<V> {
    /// Accepts `Authorization: Bearer <token>` with a token that `verifier` accepts.
    pub fn new(verifier: V) -> Self {
        Self { verifier, header: TokenHeader::default(), accept_raw: false }
    }

    /// Reads the token from this header only: `<header>: Bearer <token>`. `Authorization` is then ignored, whatever it
    /// contains.
    ///
    /// The challenge of the API and its answers to preflights name this header.
    ///
    /// ```
    /// # use upsign_http::{BearerToken, VerifyToken};
    /// # fn example(verifier: impl VerifyToken) -> Result<(), upsign_core::InvalidTokenHeader> {
    /// // CloudFront signs the requests to a function URL, and writes its signature into `Authorization`.
    /// let authenticate = BearerToken::new(verifier).with_header("x-upload-token".parse()?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_header(self, header: TokenHeader) -> Self {
        Self { header, ..self }
    }

    /// Also accepts a header that consists of the token, without `Bearer`, as some front ends for Cognito send it.
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
        let token = token(request.headers, &self.header, self.accept_raw)?;
        match self.verifier.verify(token, at).await {
            Ok(claims) => Ok(claims.identity()),
            Err(VerifyError::Rejected(rejection)) => Err(rejection.into()),
            Err(error) => Err(AuthenticateError::Unavailable { reason: error_chain(&error).to_string() }),
        }
    }

    /// Returns `Bearer` (RFC 6750 section 3), with the parameter `header` if the token is not in `Authorization`.
    fn challenge(&self) -> Option<HeaderValue> {
        Some(bearer_challenge(&self.header))
    }

    fn token_header(&self) -> Option<&TokenHeader> {
        Some(&self.header)
    }
}

/// Origin access control of CloudFront replaces the header of the caller by a signature of its own, if it is set to sign always
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html>).
const SIGNED_BY_PROXY: &str = "the authorization header is an AWS signature (SigV4) and no token: the client signs its \
     requests, or a proxy has replaced the header, as origin access control of CloudFront does; let clients send the token \
     in another header, and set auth.token_header to its name";

/// Returns the token of the only header with this name.
///
/// Two headers are rejected: servers and proxies disagree on which of them counts.
fn token<'a>(
    headers: &'a HeaderMap,
    header: &TokenHeader,
    accept_raw: bool,
) -> Result<&'a str, AuthenticateError> {
    let invalid = |reason: String| AuthenticateError::Rejected { code: "authorization-header", reason };
    let mut values = headers.get_all(header.as_str()).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => {
            value.to_str().map_err(|_| invalid(format!("the {header} header is not ASCII")))
        }
        (None, _) => Err(invalid(no_header(headers, header))),
        (Some(_), Some(_)) => Err(invalid(format!("the request has more than one {header} header"))),
    }?;
    if header.is_authorization() && is_aws_signature(value) {
        return Err(AuthenticateError::Rejected { code: "not-bearer", reason: SIGNED_BY_PROXY.into() });
    }
    bearer(value, accept_raw).map_err(|rejection| match rejection {
        // The text of the rejection names the default.
        Rejection::NotBearer => AuthenticateError::Rejected {
            code: "not-bearer",
            reason: format!(
                "the {header} header is not `Bearer <token>`{}",
                without_scheme(value, accept_raw)
            ),
        },
        other => other.into(),
    })
}

/// Returns the setting that accepts a token without a scheme, if the value is one. Every JWT begins with `eyJ`, the base64url of
/// `{"`.
fn without_scheme(value: &str, accept_raw: bool) -> &'static str {
    if accept_raw || !value.starts_with("eyJ") {
        return "";
    }
    ": it is a token without `Bearer`, which auth.accept_raw_authorization accepts"
}

/// Returns the reason for a request without the header, which also says if `Authorization` was ignored.
fn no_header(headers: &HeaderMap, header: &TokenHeader) -> String {
    let other = headers.get(AUTHORIZATION).filter(|_| !header.is_authorization());
    let ignored = match other.map(|value| value.to_str().is_ok_and(is_aws_signature)) {
        None => "",
        Some(true) => {
            "; the authorization header was ignored: it is an AWS signature (SigV4), as the client or origin access control \
             of CloudFront writes it"
        }
        Some(false) => "; the authorization header was ignored",
    };
    format!("the request has no {header} header{ignored}")
}

/// The algorithm of an AWS signature begins so: `AWS4-HMAC-SHA256`, or `AWS4-ECDSA-P256-SHA256` for several regions
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html>).
fn is_aws_signature(value: &str) -> bool {
    value.starts_with("AWS4-")
}

impl From<Rejection> for AuthenticateError {
    /// A caller without a required group or scope is [`Forbidden`](Self::Forbidden): these are checked last, after the token. A
    /// request without a bearer token, or of which the gateway has verified no caller, is [`Rejected`](Self::Rejected). Every
    /// other rejection is an [`InvalidToken`](Self::InvalidToken).
    fn from(rejection: Rejection) -> Self {
        let (code, mut reason) = (rejection.code(), rejection.to_string());
        if matches!(rejection, Rejection::TokenTooLong { max, .. } if max < *MAX_TOKEN_BYTES_RANGE.end()) {
            reason.push_str("; auth.max_token_size raises it");
        }
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
