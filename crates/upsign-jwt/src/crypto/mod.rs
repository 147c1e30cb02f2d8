//! Signature algorithms and public keys.

pub(crate) mod algorithm;
pub(crate) mod public_key;
