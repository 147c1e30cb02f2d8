//! Identities of callers that a gateway has authenticated without the claims of a token.

use upsign_core::Identity;
use upsign_jwt::Rejection;
use upsign_jwt::claims::is_subject;

/// Returns the identity of a caller. Blank subjects and control characters are rejected.
pub(super) fn identity(issuer: &str, subject: &str, claim: &str) -> Result<Identity, Rejection> {
    if !is_subject(subject) {
        return Err(Rejection::invalid_claim(claim, "blank, or has control characters"));
    }
    // The issuer comes from the configuration, so only the subject can be invalid, for example too long.
    Identity::from_verified(issuer, subject).map_err(|_| Rejection::invalid_claim(claim, "too long"))
}
