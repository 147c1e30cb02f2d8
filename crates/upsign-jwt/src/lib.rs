//! Verifies JSON Web Tokens of any OpenID Connect issuer.
//!
//! A token is a text that the client sends in the `Authorization` header. The issuer signs it with a key and publishes the
//! public half as a *key set* (JWKS). A [`Verifier`] is configured with the issuer and with what a token must say. It fetches
//! the key set, checks the signature and every claim that decides who may call, and returns [`VerifiedClaims`], which contain
//! the [`Identity`] of the caller.
//!
//! ```
//! use upsign_jwt::{Timestamp, TokenUse, TrustedIssuer, Verifier, VerifierConfig, bearer};
//! use upsign_testing::tokens::TestIssuer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let trusted = TrustedIssuer::discover("https://id.example.com")?;
//! let config = VerifierConfig::oidc(trusted, ["upload-api"], TokenUse::Access)?;
//!
//! // Stands in for the issuer: it signs tokens and publishes its keys. In production, with the feature `fetch`, write
//! // Verifier::https(config)
//! let issuer = TestIssuer::custom("https://id.example.com");
//! let verifier = Verifier::new(config, issuer.clone());
//!
//! let now: Timestamp = "2026-01-31T12:00:00Z".parse()?;
//! let token = issuer.access_token("alice", "web").claim("aud", "upload-api").sign(now);
//! let header = format!("Bearer {token}");
//! let claims = verifier.verify(bearer(&header, false)?, now).await?;
//! assert_eq!(claims.identity().subject().as_str(), "alice");
//!
//! // A token for another API is not accepted.
//! let token = issuer.access_token("alice", "web").claim("aud", "billing-api").sign(now);
//! let error = verifier.verify(&token, now).await.unwrap_err();
//! assert_eq!((error.status(), error.code()), (401, "audience"));
//! # Ok(())
//! # }
//! ```
//!
//! # Where to start
//!
//! | you have | entry point |
//! | --- | --- |
//! | the value of an `Authorization` header | [`bearer`] returns the token |
//! | a token, and an issuer that publishes keys | [`Verifier`], which fetches keys with a [`FetchKeys`] and caches them |
//! | tokens of several issuers | [`Verifiers`]; both implement [`VerifyToken`] |
//! | a token, and a key set that is in memory | [`TokenCheck`] and [`KeySet`] |
//! | a signed message that is not a token | [`verify_signature`] |
//! | claims that something else has verified | [`claims`] |
//! | a user pool of Amazon Cognito, or the event of a gateway of AWS | the crate `upsign-cognito` |
//!
//! # Where the keys come from
//!
//! | keys | |
//! | --- | --- |
//! | at the URL that the issuer's discovery document names | [`TrustedIssuer::discover`] |
//! | at a URL that is known | [`TrustedIssuer::custom`] |
//! | from a document, offline | [`TrustedIssuer::offline`], with [`Verifier::with_static_keys`] or [`StaticKeys`] |
//! | at an address without TLS, of an emulator | [`TrustedIssuer::danger_http_keys`], [`TrustedIssuer::danger_http_discovery`] |
//! | from a document at first, then over HTTPS | any fetcher, after [`JwksCache::preload`] |
//!
//! | fetched | |
//! | --- | --- |
//! | with `reqwest` | `HttpFetch` (feature `fetch`), with a time limit, and over the proxy of the environment if that is wanted |
//! | with the application's own HTTP client | a closure in [`fetch_keys_fn`], or an implementation of [`FetchKeys`] |
//!
//! A verifier calls its fetcher at most once per 10 s, and usually once per hour. [`JwksCache`] describes when callers wait, and
//! what it reports about a key endpoint that fails.
//!
//! # Algorithms
//!
//! RS256 is allowed by default; [`VerifierConfig::with_algorithms`] allows others of [`Algorithm`]. A key of the key set is used
//! only for algorithms of its type and curve, and only for the one that its `alg` names, if it names one. All cryptography is
//! that of AWS-LC, through `aws-lc-rs` or `jsonwebtoken` ([`Backend`]).
//!
//! # Rejections
//!
//! A caller is identified, or there is a [`Rejection`] with a stable code. Its text says what was found and what was expected.
//! It is for the operator's log and must not be sent to the caller: every unauthenticated caller gets the same 401, so that a
//! forger learns nothing. [`VerifyError::KeysUnavailable`] means that nothing was decided: answer 503.
//!
//! # What this crate is not
//!
//! It does not sign users in, does not refresh tokens and does not check whether a token was revoked: a token is accepted until
//! it expires. It decrypts nothing (JWE), and has no symmetric algorithms. It reads no clock: time is the argument `at`. It does
//! not use the process-global crypto provider of `jsonwebtoken`. Without the feature `fetch` it performs no I/O. Its only timer
//! is that of tokio, if it runs in a tokio runtime: it ends a fetch that hangs.

mod age;
pub mod claims;
mod config;
mod crypto;
mod excerpt;
mod explanation;
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
pub use config::client_ids::{ClientIds, IntoClientIds};
pub use config::invalid::InvalidVerifierConfig;
pub use config::issuer::{InvalidIssuer, TrustedIssuer};
pub use config::list_claim::{InvalidListForm, ListClaim, ListForm};
pub use config::token_use::{InvalidTokenUse, TokenKind, TokenUse};
pub use config::verifier::VerifierConfig;
pub use crypto::algorithm::{Algorithm, Backend, InvalidAlgorithm};
pub use crypto::public_key::VerifyingKey;
pub use excerpt::Excerpt;
pub use keys::cache::JwksCache;
pub use keys::discovery::InvalidDiscovery;
pub use keys::fetch::{FetchError, FetchKeys, FetchedKeys, Refresh};
pub use keys::fetch_fn::{FetchKeysFn, fetch_keys_fn};
#[cfg(feature = "fetch")]
pub use keys::http::HttpFetch;
pub use keys::key_set::{InvalidKeySet, KeySet};
pub use keys::limited::{fetch_key_set, fetch_limited};
pub use keys::static_keys::StaticKeys;
pub use keys::status::KeySetStatus;
pub use rejection::{Rejection, RejectionKind};
pub use token::bearer::{DEFAULT_MAX_TOKEN_BYTES, MAX_TOKEN_BYTES_RANGE, bearer};
pub use token::check::TokenCheck;
pub use token::jws::verify_signature;
pub use token::pasted::PastedText;
pub use token::verified_claims::VerifiedClaims;
#[doc(no_inline)]
pub use upsign_core::{Identity, InvalidEndpoint, IssuerName, Region, Timestamp};
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
        check::<TrustedIssuer>();
        check::<VerifierConfig>();
        check::<KeySet>();
        check::<TokenCheck>();
        check::<VerifiedClaims>();
        check::<Verifier<StaticKeys>>();
        check::<Verifier<Box<dyn FetchKeys>>>();
        check::<Verifier<std::sync::Arc<dyn FetchKeys>>>();
        check::<Rejection>();
        check::<VerifyError>();
    }
}
