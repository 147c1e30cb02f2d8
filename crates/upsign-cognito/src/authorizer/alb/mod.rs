//! Application Load Balancers: the signed header `x-amzn-oidc-data`, and the keys that verify it.

mod cached_keys;
mod candidates;
pub(crate) mod config;
mod key;
mod sketch;
pub(crate) mod status;
mod token;
pub(crate) mod verifier;
