//! What the user can do about a rejected token or event.

use std::path::Path;

use upsign_cognito::{Rejection, TokenKind, VerifierConfig};

use super::change;
use super::unverified::UnverifiedClaims;

/// Returns what to do about a rejection, if the usual cause is known. `config` says what is accepted.
pub(crate) fn for_rejection(rejection: &Rejection, config: Option<&VerifierConfig>) -> Option<String> {
    let help = match rejection {
        Rejection::ByIssuer { rejection, .. } => return for_rejection(rejection, config),
        Rejection::NoClaims => {
            "the configured source is not in the event: does the route have an authorizer? For a Lambda authorizer \
             pass --lambda-sub, for a load balancer --alb-signer"
        }
        Rejection::OtherEvent => {
            "the configured source does not occur in this kind of event; a load balancer needs --alb-signer"
        }
        Rejection::Issuer { .. } => "compare auth.user_pool or auth.issuer in upsign.toml, or --user-pool",
        Rejection::Client { found, .. } => {
            let value = change::value(found);
            return Some(format!(
                "if that client is yours: add {value} to client_ids in [auth] of upsign.toml, or pass --client-id {value}"
            ));
        }
        Rejection::Audience { found, .. } => return Some(change::for_audience(found, config)),
        Rejection::Algorithm { alg } => return change::for_algorithm(alg, config),
        Rejection::MissingClaim { claim } => return change::for_missing_claim(claim, config),
        Rejection::InvalidClaim { claim, .. } => return change::for_invalid_claim(claim, config),
        Rejection::Groups { found, .. } => {
            return Some(change::for_names("groups", found, config.map(VerifierConfig::groups_claim)));
        }
        Rejection::Scopes { found, .. } => {
            return Some(change::for_names("scopes", found, config.map(VerifierConfig::scopes_claim)));
        }
        Rejection::TokenUse { found: TokenKind::Id, .. } => {
            "send the access token, or accept id tokens with auth.token_use = \"id\" (or --token-use id)"
        }
        Rejection::TokenUse { found: TokenKind::Access, .. } => {
            "send the id token, or accept access tokens with auth.token_use = \"access\" (or --token-use access)"
        }
        Rejection::UnknownKid { .. } => {
            "the keys that the issuer publishes: upsign jwks. Does the token come from another pool?"
        }
        Rejection::Expired { .. } => {
            "sign in again, or check it as of another time: --at 2026-01-31T23:59:59Z"
        }
        Rejection::NotYetValid { .. } | Rejection::IssuedLater { .. } => {
            "is the clock of this machine right? To check the token as of another time: --at 2026-01-31T23:59:59Z"
        }
        _ => return None,
    };
    Some(help.to_owned())
}

/// Returns how to accept the issuer that a token names. The token is not verified, so its issuer is shown escaped.
pub(crate) fn for_other_issuer(claims: &UnverifiedClaims) -> String {
    match claims.user_pool() {
        Some(pool) => format!(
            "if its user pool is yours: write user_pool = \"{pool}\" in [auth] of upsign.toml, or pass --user-pool {pool}"
        ),
        None => "if that issuer is yours: write provider = \"oidc\", issuer and audiences in [auth] of upsign.toml (an \
                 emulator of Cognito: issuer and jwks_uri), or pass --issuer URL --jwks-uri URL"
            .to_owned(),
    }
}

/// Returns what is wrong with a text that was pasted in place of a token, if that is apparent.
pub(crate) fn for_pasted(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let lower = text.get(..14).unwrap_or(text).to_ascii_lowercase();
    let is_quote = |character: char| ['"', '\'', '`', '\u{201c}', '\u{201d}'].contains(&character);
    if lower.starts_with("authorization") {
        Some("paste the token alone, without \"Authorization: Bearer \"")
    } else if lower.starts_with("bearer") {
        Some("paste it without \"Bearer \"")
    } else if text.starts_with(is_quote) || text.ends_with(is_quote) {
        Some("paste it without quotes")
    } else if text.starts_with('{') {
        Some("this is JSON: paste the value of its member access_token or AccessToken")
    } else if text.is_empty() {
        Some("nothing was read: pass the token as an argument, or write it to standard input")
    } else if text.contains(char::is_whitespace) {
        Some("paste it as one line: it contains spaces or line breaks")
    } else if text.split('.').count() == 5 {
        Some("five parts are an encrypted token, such as Cognito's refresh token: paste the access token")
    } else if text.len() < 256 && Path::new(text).is_file() {
        Some("this is the name of a file; to verify the token in it: upsign verify - < FILE")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_texts_are_recognized() {
        for (text, part) in [
            ("Bearer eyJ.eyJ.abc", "without \"Bearer \""),
            ("authorization: Bearer eyJ.eyJ.abc", "without \"Authorization: Bearer \""),
            ("\"eyJ.eyJ.abc\"", "without quotes"),
            ("eyJ.eyJ.abc'", "without quotes"),
            ("{\"AccessToken\": \"eyJ.eyJ.abc\"}", "AccessToken"),
            ("eyJ.eyJ.\nabc", "one line"),
            ("eyJ..a.b.c", "refresh token"),
            ("", "standard input"),
            ("Cargo.toml", "name of a file"),
        ] {
            assert!(
                for_pasted(text).is_some_and(|help| help.contains(part)),
                "{text}: {:?}",
                for_pasted(text)
            );
        }
        assert_eq!(for_pasted("eyJ.eyJ.abc"), None);
        assert_eq!(for_pasted("äääääääääääääää"), None);
    }
}
