//! What is trusted and required of a token.

mod accessors;
pub(crate) mod client_ids;
pub(crate) mod invalid;
pub(crate) mod issuer;
pub(crate) mod list_claim;
pub(crate) mod token_use;
pub(crate) mod verifier;
