//! Tokens with the claims of Amazon Cognito, corpora of attacks, and the events of gateways, with both signature backends.
//!
//! The tests of key sets, of their cache and of fetches are in `upsign-jwt`. The tests here run again in a host that enables
//! other features of the dependencies: `tests/feature-host`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic in a test reports the failure"
)]

mod alb;
mod alb_keys;
mod alb_size;
mod claims;
#[path = "../../../upsign-jwt/tests/it/corpus.rs"]
pub(crate) mod corpus;
mod doors;
pub(crate) mod events;
pub(crate) mod gateways;
pub(crate) mod jwt_attack;
mod mutations;
#[path = "../../../upsign-jwt/tests/it/pool.rs"]
pub(crate) mod pool;
mod properties;
mod sources;
mod spellings;
