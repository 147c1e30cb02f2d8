//! Key sets and their cache, faults of the key endpoint, every algorithm with both signature backends, discovery, tokens of
//! OpenID Connect issuers, and the reasons of rejections.
//!
//! Tokens with the claims of Amazon Cognito are tested in `upsign-cognito`. The tests here run again in a host that enables
//! other features of the dependencies: `upsign-cognito/tests/feature-host`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic in a test reports the failure"
)]

mod algorithms;
mod attacks;
pub(crate) mod corpus;
mod discovery;
pub(crate) mod endpoint;
mod faults;
mod fetch_fn;
#[cfg(feature = "fetch")]
mod http;
mod jwks_documents;
mod key_status;
mod keys;
mod no_fetch;
mod openid;
pub(crate) mod pool;
mod providers;
#[cfg(feature = "fetch")]
mod proxy;
mod reasons;
mod several;
mod several_attacks;
mod several_keys;
pub(crate) mod signer;
mod static_keys;
mod time_limits;
mod token_cache;
mod token_size;
#[cfg(feature = "fetch")]
mod tunnel;
mod wycheproof;
