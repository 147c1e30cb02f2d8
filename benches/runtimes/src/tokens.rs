//! Tokens that have to be rejected.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Returns a token with the header and the claims of a valid one and a signature of other bytes.
#[must_use]
pub fn forged(token: &str) -> String {
    token.rsplit_once('.').map_or_else(String::new, |(signed, signature)| {
        format!("{signed}.{}", signature.chars().rev().collect::<String>())
    })
}

/// Returns a token with the claims and the signature of a valid one and a key id that does not exist.
#[must_use]
pub fn with_unknown_key(token: &str, number: u64) -> String {
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"RS256","kid":"unknown-{number}"}}"#));
    token.split_once('.').map_or_else(String::new, |(_, rest)| format!("{header}.{rest}"))
}

/// Returns a text that is as long as a token.
#[must_use]
pub fn no_token(token: &str) -> String {
    "x".repeat(token.len())
}
