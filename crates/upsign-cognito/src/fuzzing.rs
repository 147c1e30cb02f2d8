//! Doors to the inner parsers for fuzz targets. They yield verdicts and nothing that could be mistaken for an identity.

use upsign_core::Timestamp;

use crate::{Algorithm, Rejection, VerifiedClaims, VerifierConfig, token};

/// The verdict on the JSON of a token's header.
///
/// # Errors
/// As [`TokenVerifier::verify`](crate::TokenVerifier::verify).
pub fn header(json: &[u8]) -> Result<(), Rejection> {
    token::read_header(json, &[Algorithm::Rs256]).map(|_| ())
}

/// The verdict on the JSON of a token's payload, as if its signature held.
///
/// # Errors
/// As [`TokenVerifier::verify`](crate::TokenVerifier::verify).
pub fn claims(json: &[u8], config: &VerifierConfig, at: Timestamp) -> Result<(), Rejection> {
    let claims = VerifiedClaims::read(json.to_vec(), config, at)?;
    // What was accepted once is read again when somebody asks for all of it.
    debug_assert!(claims.claims().contains_key("sub"));
    Ok(())
}
