//! Tokens: the `Authorization` header, the signature, the claims.

pub(crate) mod bearer;
pub(crate) mod check;
pub(crate) mod jws;
pub(crate) mod pasted;
pub(crate) mod verified_claims;
