//! What a verifier accepts: issuers, app clients and kinds of token.

pub(crate) mod issuer;
pub(crate) mod token_use;
pub(crate) mod user_pool;
pub(crate) mod verifier;
