//! Corpora of attacks, faults of the key endpoint, and limits, with both signature backends.
//!
//! The same tests run again in a host that enables other features of the dependencies: `tests/feature-host`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic in a test reports the failure"
)]

mod alb;
mod alb_keys;
mod claims;
pub(crate) mod corpus;
mod doors;
pub(crate) mod endpoint;
pub(crate) mod events;
mod faults;
mod fetch_fn;
mod gateways;
#[cfg(feature = "fetch")]
mod http;
mod jwks_documents;
pub(crate) mod jwt_attack;
mod key_status;
mod keys;
mod mutations;
mod no_fetch;
pub(crate) mod pool;
mod properties;
mod several;
mod static_keys;
mod token_cache;
mod wycheproof;
