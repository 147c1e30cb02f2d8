//! Application Load Balancers: the signed header `x-amzn-oidc-data`, and the keys that verify it.

pub(crate) mod config;
mod key;
mod token;
pub(crate) mod verifier;
