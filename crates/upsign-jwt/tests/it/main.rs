//! Tokens of OpenID Connect issuers, every algorithm with both signature backends, discovery, and the reasons of rejections.
//!
//! The tests of the key cache and of tokens of Amazon Cognito are in `upsign-cognito`, which re-exports this crate.

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
mod openid;
mod providers;
mod reasons;
pub(crate) mod signer;
mod wycheproof;
