//! Which kind of token this is, by what it shows.

use crate::claims::reader::{Claim, ClaimSource, Claims};
use crate::config::token_use::TokenKind;
use crate::config::verifier::VerifierConfig;
use crate::excerpt::Excerpt;
use crate::rejection::Rejection;

/// The `typ` of a token's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenType {
    /// `at+jwt`: an access token by RFC 9068.
    AccessToken,
    /// `JWT`, or absent.
    Unspecified,
}

/// Requires that `token_use` is a kind of token that the configuration accepts.
pub(crate) fn by_token_use(token_use: &str, config: &VerifierConfig) -> Result<TokenKind, Rejection> {
    let unknown = || Rejection::UnknownTokenUse { found: Excerpt::new(token_use) };
    let found = TokenKind::from_claim(token_use).ok_or_else(unknown)?;
    accepted(found, config)
}

/// Requires that a token of an OpenID Connect issuer does not show a kind that the configuration does not accept. Returns the
/// kind, if the token shows it.
pub(crate) fn by_openid<M: ClaimSource>(
    claims: Claims<'_, M>,
    token_type: TokenType,
    requires_type: bool,
    config: &VerifierConfig,
) -> Result<Option<TokenKind>, Rejection> {
    let found = match token_type {
        TokenType::AccessToken => Some(TokenKind::Access),
        // RFC 9068, section 4: the type is what distinguishes an access token from an id token.
        TokenType::Unspecified if requires_type => Some(TokenKind::Id),
        TokenType::Unspecified => by_claims(claims)?,
    };
    found.map(|found| accepted(found, config)).transpose()
}

/// OpenID Connect Core 1.0, section 2 and 3.1.3.6, defines `nonce`, `at_hash` and `c_hash` for id tokens. RFC 9068, section
/// 2.2, defines `client_id` and `scope` for access tokens; Microsoft Entra and Okta call the latter `scp`.
fn by_claims<M: ClaimSource>(claims: Claims<'_, M>) -> Result<Option<TokenKind>, Rejection> {
    if let Some(Claim::String(keycloak)) = claims.0.claim("typ") {
        match keycloak {
            "Bearer" => return Ok(Some(TokenKind::Access)),
            "ID" => return Ok(Some(TokenKind::Id)),
            "Refresh" | "Offline" | "Logout" => {
                return Err(Rejection::UnknownTokenUse { found: Excerpt::new(keycloak) });
            }
            _ => {}
        }
    }
    let has_any = |names: &[&str]| names.iter().any(|name| claims.0.claim(name).is_some());
    Ok(if has_any(&["nonce", "at_hash", "c_hash"]) {
        Some(TokenKind::Id)
    } else if has_any(&["scope", "scp", "client_id"]) {
        Some(TokenKind::Access)
    } else {
        None
    })
}

fn accepted(found: TokenKind, config: &VerifierConfig) -> Result<TokenKind, Rejection> {
    let expected = config.token_use;
    if expected.allows(found) { Ok(found) } else { Err(Rejection::TokenUse { found, expected }) }
}
