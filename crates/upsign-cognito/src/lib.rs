//! Who is calling: Cognito tokens, and the claims of every AWS event that carries them.
//!
//! The answer is an [`Identity`](upsign_core::Identity) or a [`Rejection`]: a reason that is named to the operator and
//! never to the caller. Nothing here reads a clock (time is `at`) or a process-global crypto provider, and without the
//! feature `fetch` nothing does I/O.
//!
//! | what is at hand | what to use |
//! | --- | --- |
//! | the value of an `Authorization` header | [`bearer`] → the token |
//! | a token, keys published over HTTP | [`Verifier`] = [`TokenVerifier`] + [`Jwks`] + something that can [`FetchKeys`] |
//! | a token and a key set | [`TokenVerifier`] + [`KeySet`] |
//! | a signed message that is no token | [`verify_signature`] |
//! | an event whose gateway has checked the caller | [`authorizer`] |

mod absent;
mod algorithm;
pub mod authorizer;
mod bearer;
mod cache;
mod claims;
mod config;
mod excerpt;
mod fetch;
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "fetch")]
mod http;
mod issuer;
mod json;
mod jwks;
mod keys;
mod pool;
mod rejection;
mod signature;
mod token;
mod verifier;
mod verify;

pub use algorithm::{Algorithm, Backend};
pub use bearer::{MAX_TOKEN_BYTES, bearer};
pub use cache::CacheLimits;
pub use claims::VerifiedClaims;
pub use config::{InvalidTokenUse, InvalidVerifierConfig, TokenKind, TokenUse, VerifierConfig};
pub use excerpt::Excerpt;
pub use fetch::{FetchError, FetchKeys, FetchedKeys, Refresh, StaticKeys};
#[cfg(feature = "fetch")]
pub use http::HttpFetch;
pub use issuer::{InvalidIssuer, TrustedIssuer};
pub use json::InvalidJson;
pub use jwks::Jwks;
pub use keys::{InvalidKeySet, KeySet};
pub use pool::{InvalidUserPool, UserPool};
pub use rejection::{Rejection, RejectionKind};
pub use token::verify_signature;
pub use verifier::{Verifier, VerifyError};
pub use verify::TokenVerifier;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_may_be_shared_between_threads() {
        fn check<T: Send + Sync>() {}
        check::<UserPool>();
        check::<TrustedIssuer>();
        check::<VerifierConfig>();
        check::<KeySet>();
        check::<TokenVerifier>();
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
