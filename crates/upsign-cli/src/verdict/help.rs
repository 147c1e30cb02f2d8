//! What the user can do about a rejected token or event.

use std::path::Path;

use upsign_cognito::{Rejection, VerifierConfig};

use super::change;
use super::unverified::UnverifiedClaims;
use crate::auth::place::AuthPlace;

/// Returns what to do about a rejection, if the usual cause is known. `config` says what is accepted, and `place` where.
pub(crate) fn for_rejection(
    rejection: &Rejection,
    claims: Option<&UnverifiedClaims>,
    config: Option<&VerifierConfig>,
    place: &AuthPlace,
) -> Option<String> {
    if let Some(change) = change::for_rejection(rejection, claims, config, place) {
        return Some(change.text);
    }
    let help = match rejection {
        Rejection::ByIssuer { rejection, .. } => return for_rejection(rejection, claims, config, place),
        Rejection::NoClaims => {
            "the configured source is not in the event: does the route have an authorizer? For a Lambda authorizer \
             pass --lambda-sub, for a load balancer --alb-signer"
        }
        Rejection::OtherEvent => {
            "the configured source does not occur in this kind of event; a load balancer needs --alb-signer"
        }
        Rejection::Issuer { .. } | Rejection::UnknownIssuer { .. } => {
            return Some(claims.map_or_else(
                || "compare auth.user_pool or auth.issuer in upsign.toml, or --user-pool".to_owned(),
                |claims| change::for_other_issuer(claims, place),
            ));
        }
        Rejection::UnknownKid { .. } => {
            "the keys that the issuer publishes: upsign jwks. Does the token come from another issuer?"
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

/// Returns what is wrong with a text that was pasted in place of a token, if that is apparent.
pub(crate) fn for_pasted(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let lower = text.get(..14).unwrap_or(text).to_ascii_lowercase();
    let is_quote = |character: char| ['"', '\'', '`', '\u{201c}', '\u{201d}'].contains(&character);
    let is_header = text.split_once(':').is_some_and(|(name, rest)| {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !name.is_empty() && name.bytes().all(is_name) && rest.trim_start().contains("eyJ")
    });
    if lower.starts_with("authorization") {
        Some("paste the token alone, without \"Authorization: Bearer \"")
    } else if is_header && !lower.starts_with('{') {
        Some("paste the token alone, without the name of the header")
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
            ("X-Auth-Token: eyJ.eyJ.abc", "without the name of the header"),
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
