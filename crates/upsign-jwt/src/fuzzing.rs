//! Entry points for fuzz targets into parsers that are otherwise reached only with a valid signature. They return no
//! identity, so nothing can use them to bypass the signature check.

use upsign_core::Timestamp;
use upsign_json::{Limits, read_object};

use crate::claims::kind::TokenType;
use crate::config::issuer::TrustedIssuer;
use crate::config::verifier::VerifierConfig;
use crate::crypto::algorithm::Algorithm;
use crate::keys::discovery;
use crate::keys::key_set::KeySet;
use crate::rejection::Rejection;
use crate::token::jws;
use crate::token::verified_claims::VerifiedClaims;

/// Parses the JSON of a token's header.
///
/// # Errors
/// Returns the reason for which [`TokenCheck::check`](crate::TokenCheck::check) rejects a token with this header.
pub fn header(json: &[u8]) -> Result<(), Rejection> {
    jws::read_header(json, &Algorithm::ALL).map(|_| ())
}

/// Returns the address of the key set in a discovery document of any issuer that the document names.
#[must_use]
pub fn jwks_uri(document: &[u8]) -> Option<Box<str>> {
    let object = read_object(document, Limits::new(KeySet::MAX_BYTES, 16)).ok()?;
    let issuer = TrustedIssuer::discover(object.get("issuer")?.as_str()?).ok()?;
    discovery::jwks_uri(document, &issuer).ok()
}

/// Parses and checks the JSON of a token's payload as if its signature were valid.
///
/// # Errors
/// Returns the reason for which [`TokenCheck::check`](crate::TokenCheck::check) rejects a token with this payload.
pub fn claims(json: &[u8], config: &VerifierConfig, at: Timestamp) -> Result<(), Rejection> {
    let claims = VerifiedClaims::read(json.to_vec(), TokenType::Unspecified, config, at)?;
    // `claims()` parses an accepted payload again. That must not fail.
    debug_assert!(claims.claims().contains_key("iss"));
    Ok(())
}
