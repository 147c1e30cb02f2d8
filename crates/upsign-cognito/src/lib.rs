//! Identifies callers with Amazon Cognito: verifies tokens, and reads the identity from AWS events whose gateway has already
//! verified the caller.
//!
//! `upsign-jwt` verifies tokens; this crate knows what is particular to Cognito and to the gateways of AWS. It re-exports what its
//! users need, so that an application depends on one of the two.
//!
//! A token is a text that the client sends in the `Authorization` header. The user pool signs it with a key and publishes the
//! public half as a *key set* (JWKS). A [`Verifier`] is configured with the pool, the app clients and the kind of token that an
//! API accepts. It fetches the key set, checks the signature and every claim that decides who may call, and returns
//! [`VerifiedClaims`], which contain the [`Identity`] for `upsign`.
//!
//! ```
//! use upsign_cognito::{Timestamp, TokenUse, UserPool, Verifier, bearer};
//! use upsign_testing::tokens::TestIssuer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let pool: UserPool = "us-east-1_AbCdEf".parse()?;
//! let config = pool.verifier_config(["my-client-id"], TokenUse::Access)?;
//!
//! // Stands in for the user pool: it signs tokens and publishes its keys. In production, with the feature `fetch`, write
//! // UserPool::verifier("us-east-1_AbCdEf", ["my-client-id"], TokenUse::Access)?
//! let pool = TestIssuer::user_pool("us-east-1_AbCdEf");
//! let verifier = Verifier::new(config, pool.clone());
//!
//! let now: Timestamp = "2026-01-31T12:00:00Z".parse()?;
//! let header = format!("Bearer {}", pool.access_token("alice", "my-client-id").sign(now));
//! let claims = verifier.verify(bearer(&header, false)?, now).await?;
//! assert_eq!(claims.identity().subject().as_str(), "alice");
//!
//! // A token of another app client is not accepted.
//! let token = pool.access_token("alice", "other-client").sign(now);
//! let error = verifier.verify(&token, now).await.unwrap_err();
//! assert_eq!((error.status(), error.code()), (401, "client"));
//! # Ok(())
//! # }
//! ```
//!
//! # Where to start
//!
//! | you have | entry point |
//! | --- | --- |
//! | the value of an `Authorization` header | [`bearer`] returns the token |
//! | a token of a user pool | [`UserPool::verifier_config`] and a [`Verifier`], which fetches keys with a [`FetchKeys`] and caches them |
//! | a token of another OpenID Connect issuer | [`VerifierConfig::oidc`] and a [`Verifier`] |
//! | tokens of several issuers, of both kinds | [`Verifiers`]; both implement [`VerifyToken`] |
//! | a token, and a key set that is in memory | [`TokenCheck`] and [`KeySet`] |
//! | a signed message that is not a token | [`verify_signature`] |
//! | an event of API Gateway, AppSync or a load balancer | [`authorizer`] |
//!
//! # Where the keys come from
//!
//! | keys | fetcher |
//! | --- | --- |
//! | over HTTPS, with `reqwest` | `HttpFetch` (feature `fetch`) |
//! | over HTTPS, with the application's own HTTP client | a closure in [`fetch_keys_fn`], or an implementation of [`FetchKeys`] |
//! | from a document, offline | [`Verifier::with_static_keys`], or [`StaticKeys`] |
//! | from a document at first, then over HTTPS | any fetcher, after [`JwksCache::preload`] |
//!
//! A verifier calls its fetcher at most once per 10 s, and usually once per hour. [`JwksCache`] describes when callers wait, and
//! what it reports about a key endpoint that fails.
//!
//! # Rejections
//!
//! A caller is identified, or there is a [`Rejection`] with a stable code. Its text says what was found and what was expected.
//! It is for the operator's log and must not be sent to the caller: every unauthenticated caller gets the same 401, so that a
//! forger learns nothing. [`VerifyError::KeysUnavailable`] means that nothing was decided: answer 503.
//!
//! # What this crate is not
//!
//! It does not sign users in, does not refresh tokens and does not check with Cognito whether a token was revoked: a token is
//! accepted until it expires. It reads no clock: time is the argument `at`. It does not use the process-global crypto provider
//! of `jsonwebtoken`. Without the feature `fetch` it performs no I/O. Its only timer is that of tokio, if it runs in a tokio
//! runtime: it ends a fetch that hangs.
//!
//! Neighbors: `upsign-jwt` verifies tokens without anything of AWS. `upsign-policy` decides what a verified caller may upload. `upsign-http` makes an authenticator of a verifier
//! (`BearerToken`), which `upsign-axum` and `upsign-lambda` use. `upsign-testing` signs tokens for tests, as above, and
//! `upsign-local` runs a user pool on this machine. The command `upsign verify` verifies one token, `upsign jwks` lists keys, and
//! `upsign identity` reads an event.

pub mod authorizer;
mod user_pool;

#[doc(no_inline)]
pub use upsign_core::{Identity, InvalidEndpoint, IssuerName, Region, Timestamp};
pub use upsign_json::InvalidJson;
#[cfg(feature = "fetch")]
pub use upsign_jwt::HttpFetch;
pub use upsign_jwt::claims::CallerClaims;
#[doc(hidden)]
pub use upsign_jwt::fuzzing;
pub use upsign_jwt::{
    Algorithm, Backend, CacheLimits, ClientIds, DEFAULT_MAX_TOKEN_BYTES, Excerpt, FetchError, FetchKeys,
    FetchKeysFn, FetchedKeys, IntoClientIds, InvalidAlgorithm, InvalidDiscovery, InvalidIssuer,
    InvalidKeySet, InvalidListForm, InvalidTokenUse, InvalidVerifierConfig, InvalidVerifiers, JwksCache,
    KeySet, KeySetStatus, ListClaim, ListForm, MAX_TOKEN_BYTES_RANGE, PastedText, Refresh, Rejection,
    RejectionKind, StaticKeys, TokenCheck, TokenKind, TokenUse, TrustedIssuer, VerifiedClaims, Verifier,
    VerifierConfig, Verifiers, VerifyError, VerifyToken, async_trait, bearer, fetch_key_set, fetch_keys_fn,
    verify_signature,
};
pub use user_pool::{InvalidUserPool, UserPool};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_types_are_send_and_sync() {
        fn check<T: Send + Sync>() {}
        check::<UserPool>();
        check::<authorizer::IdentitySource>();
        check::<authorizer::AlbVerifier<StaticKeys>>();
    }
}
