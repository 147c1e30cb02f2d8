//! Identifies callers with Amazon Cognito: verifies tokens, and reads the identity from AWS events whose gateway has already
//! verified the caller.
//!
//! A token is a text that the client sends in the `Authorization` header. The user pool signs it with a key and publishes the
//! public half as a *key set* (JWKS). A [`Verifier`] is configured with the pool, the app clients and the kind of token that an
//! API accepts. It fetches the key set, checks the signature and every claim that decides who may call, and returns
//! [`VerifiedClaims`], which contain the [`Identity`] for `upsign`.
//!
//! ```
//! use upsign_cognito::{Timestamp, TokenUse, Verifier, VerifierConfig, bearer};
//! use upsign_testing::tokens::TestIssuer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Stands in for the user pool: it signs tokens and publishes its keys. In production, with the feature `fetch`, write
//! // Verifier::user_pool("us-east-1_AbCdEf", ["my-client-id"], TokenUse::Access)?
//! let pool = TestIssuer::user_pool("us-east-1_AbCdEf");
//! let config = VerifierConfig::user_pool("us-east-1_AbCdEf", ["my-client-id"], TokenUse::Access)?;
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
//! | a token of a user pool, or of another issuer with the same claims | [`Verifier`], which fetches keys with a [`FetchKeys`] and caches them |
//! | tokens of several issuers | [`Verifiers`]; both implement [`VerifyToken`] |
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
//! Neighbors: `upsign-policy` decides what a verified caller may upload. `upsign-http` makes an authenticator of a verifier
//! (`BearerToken`), which `upsign-axum` and `upsign-lambda` use. `upsign-testing` signs tokens for tests, as above, and
//! `upsign-local` runs a user pool on this machine. The command `upsign verify` verifies one token, `upsign jwks` lists keys, and
//! `upsign identity` reads an event.

mod age;
pub mod authorizer;
mod claims;
mod config;
mod crypto;
mod excerpt;
#[doc(hidden)]
pub mod fuzzing;
mod keys;
mod rejection;
#[cfg(all(test, shuttle))]
mod schedules;
mod sync;
mod token;
mod verifier;

pub use async_trait::async_trait;
pub use config::issuer::{InvalidIssuer, TrustedIssuer};
pub use config::token_use::{InvalidTokenUse, TokenKind, TokenUse};
pub use config::user_pool::{InvalidUserPool, UserPool};
pub use config::verifier::{InvalidVerifierConfig, VerifierConfig};
pub use crypto::algorithm::{Algorithm, Backend};
pub use excerpt::Excerpt;
pub use keys::cache::JwksCache;
pub use keys::fetch::{FetchError, FetchKeys, FetchedKeys, Refresh};
pub use keys::fetch_fn::{FetchKeysFn, fetch_keys_fn};
#[cfg(feature = "fetch")]
pub use keys::http::HttpFetch;
pub use keys::key_set::{InvalidKeySet, KeySet};
pub use keys::static_keys::StaticKeys;
pub use keys::status::KeySetStatus;
pub use rejection::{Rejection, RejectionKind};
pub use token::bearer::{MAX_TOKEN_BYTES, bearer};
pub use token::check::TokenCheck;
pub use token::jws::verify_signature;
pub use token::verified_claims::VerifiedClaims;
#[doc(no_inline)]
pub use upsign_core::{Identity, InvalidEndpoint, Region, Timestamp};
pub use upsign_json::InvalidJson;
pub use verifier::several::{InvalidVerifiers, Verifiers};
pub use verifier::token_cache::CacheLimits;
pub use verifier::verify_token::VerifyToken;
pub use verifier::{Verifier, VerifyError};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_types_are_send_and_sync() {
        fn check<T: Send + Sync>() {}
        check::<UserPool>();
        check::<TrustedIssuer>();
        check::<VerifierConfig>();
        check::<KeySet>();
        check::<TokenCheck>();
        check::<VerifiedClaims>();
        check::<Verifier<StaticKeys>>();
        check::<Verifier<Box<dyn FetchKeys>>>();
        check::<Verifier<std::sync::Arc<dyn FetchKeys>>>();
        check::<authorizer::IdentitySource>();
        check::<authorizer::AlbVerifier<StaticKeys>>();
        check::<Rejection>();
        check::<VerifyError>();
    }
}
