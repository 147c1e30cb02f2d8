//! Authenticates callers with Amazon Cognito: verifies tokens, and reads the identity from AWS events whose gateway has
//! already verified the caller.
//!
//! Both ways end in an [`Identity`] or in a [`Rejection`]. The reason of a rejection is for the
//! operator's log and must not be sent to the caller. No function here reads the clock: time is the argument `at`. None uses
//! the process-global crypto provider of `jsonwebtoken`. Without the feature `fetch` the crate does no I/O.
//!
//! ```
//! use upsign_cognito::{TokenUse, Verifier, VerifierConfig};
//!
//! let config = VerifierConfig::user_pool("us-east-1_AbCdEf", ["my-client-id"], TokenUse::Access)?;
//! // Keys that are deployed with the service. `Verifier::user_pool` (feature `fetch`) fetches them instead.
//! let verifier = Verifier::with_static_keys(config, std::fs::read("tests/jwks.json")?)?;
//! assert_eq!(verifier.config().leeway(), 60);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | input | entry point |
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
//! A verifier calls its fetcher at most once per 10 s, and usually once per hour. [`JwksCache`] describes when callers wait.
//!
//! This crate does not sign users in, does not refresh tokens and does not check with Cognito whether a token was revoked: a
//! token is accepted until it expires. `upsign-policy` decides what a verified caller may upload.

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
