//! The rules that the claims of tokens and of events must satisfy.

use upsign_core::Identity;

use crate::claims::reader::{Claim, ClaimSource, Claims};
use crate::config::token_use::TokenKind;
use crate::config::verifier::VerifierConfig;
use crate::excerpt::Excerpt;
use crate::rejection::Rejection;

/// Requires that `iss` is the configured issuer.
pub(crate) fn issuer<'a>(iss: &'a str, config: &VerifierConfig) -> Result<&'a str, Rejection> {
    if config.issuer.is_issuer(iss) {
        Ok(iss)
    } else {
        Err(Rejection::Issuer { found: Excerpt::new(iss), expected: config.issuer.preferred_name().into() })
    }
}

/// Requires that `token_use` is a kind of token that the configuration accepts.
pub(crate) fn kind(token_use: &str, config: &VerifierConfig) -> Result<TokenKind, Rejection> {
    let unknown = || Rejection::UnknownTokenUse { found: Excerpt::new(token_use) };
    let found = TokenKind::from_claim(token_use).ok_or_else(unknown)?;
    let expected = config.token_use;
    if expected.allows(found) { Ok(found) } else { Err(Rejection::TokenUse { found, expected }) }
}

/// Returns the name of the claim with the app client. Access tokens have no `aud`.
pub(crate) const fn client_claim(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Access => "client_id",
        TokenKind::Id => "aud",
    }
}

/// Requires that the app client is a configured one.
pub(crate) fn client(found: &str, config: &VerifierConfig) -> Result<Box<str>, Rejection> {
    if config.client_ids.iter().any(|id| id.as_ref() == found) {
        Ok(found.into())
    } else {
        Err(Rejection::Client { found: Excerpt::new(found) })
    }
}

/// Requires that `sub` is not blank and has no control characters.
pub(crate) fn subject(sub: &str) -> Result<&str, Rejection> {
    let is_valid = !sub.trim().is_empty() && !sub.contains(char::is_control);
    if is_valid { Ok(sub) } else { Err(Rejection::InvalidClaim { claim: "sub" }) }
}

/// Returns the identity of a verified caller.
pub(crate) fn identity(issuer: &str, subject: &str) -> Result<Identity, Rejection> {
    // The issuer comes from the configuration, so only the subject can be invalid, for example too long.
    Identity::from_verified(issuer, subject).map_err(|_| Rejection::InvalidClaim { claim: "sub" })
}

/// Copies the configured claims into the identity, where they are strings.
pub(crate) fn with_identity_claims<M: ClaimSource>(
    identity: Identity,
    claims: Claims<'_, M>,
    config: &VerifierConfig,
) -> Identity {
    config.identity_claims.iter().fold(identity, |identity, name| match claims.0.claim(name) {
        Some(Claim::String(text)) => identity.with_claim(name, text),
        _ => identity,
    })
}

/// Returns the user name, whose claim depends on the kind of token.
pub(crate) fn username<M: ClaimSource>(
    claims: Claims<'_, M>,
    kind: TokenKind,
) -> Result<Option<Box<str>>, Rejection> {
    let claim = match kind {
        TokenKind::Access => "username",
        TokenKind::Id => "cognito:username",
    };
    Ok(claims.optional(claim)?.map(Into::into))
}

/// Splits a `scope`. RFC 6749, section 3.3: scopes are separated by spaces.
pub(crate) fn scopes(scope: &str) -> Vec<&str> {
    scope.split(' ').filter(|scope| !scope.is_empty()).collect()
}

/// Returns `rejection` if names are required and none of them was found. One match is enough.
pub(crate) fn require_any(
    found: &[&str],
    required: Option<&[Box<str>]>,
    rejection: Rejection,
) -> Result<(), Rejection> {
    let matches = |required: &[Box<str>]| required.iter().any(|name| found.contains(&name.as_ref()));
    if required.is_none_or(matches) { Ok(()) } else { Err(rejection) }
}
