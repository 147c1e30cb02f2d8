//! What a token claims, before anything is verified. Only messages and defaults depend on it.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use upsign_cognito::{TokenUse, VerifierConfig};

/// The claims of a token that was not verified.
#[derive(Debug)]
pub(crate) struct UnverifiedClaims(Map<String, Value>);

impl UnverifiedClaims {
    /// Reads the claims of a token, or returns `None` if the text is not a token.
    pub(crate) fn of_token(token: &str) -> Option<Self> {
        let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        serde_json::from_slice(&payload).ok().map(Self)
    }

    /// Reads the claims that a gateway has put into an event.
    pub(crate) fn of_event(event: &Value) -> Option<Self> {
        let pointers = [
            "/requestContext/authorizer/claims",
            "/requestContext/authorizer/jwt/claims",
            "/identity/claims",
        ];
        let claims = pointers.into_iter().find_map(|pointer| event.pointer(pointer)?.as_object());
        claims.cloned().map(Self)
    }

    /// Returns the app client: `client_id` of an access token, `aud` of an id token.
    pub(crate) fn client_id(&self) -> Option<&str> {
        ["client_id", "aud"].into_iter().find_map(|name| self.text(name))
    }

    /// Returns the kind of token: access or id.
    pub(crate) fn token_use(&self) -> Option<TokenUse> {
        self.text("token_use")?.parse().ok().filter(|kind| *kind != TokenUse::Any)
    }

    /// Returns the id of the user pool that the issuer names.
    pub(crate) fn user_pool(&self) -> Option<&str> {
        let (host, pool) = self.text("iss")?.strip_prefix("https://")?.split_once('/')?;
        (host.contains("cognito-idp.") && pool.parse::<upsign_cognito::UserPool>().is_ok()).then_some(pool)
    }

    /// Returns the issuer, if the token names one.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.text("iss")
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }
}

/// An issuer that a token names and whose tokens are not accepted, found before the signature is verified.
///
/// `Display` writes the message of [`Rejection::Issuer`](upsign_cognito::Rejection::Issuer).
#[derive(Debug)]
pub(crate) struct IssuerMismatch {
    found: String,
    expected: String,
}

impl IssuerMismatch {
    /// The code of [`Rejection::Issuer`](upsign_cognito::Rejection::Issuer).
    pub(crate) const CODE: &'static str = "issuer";

    /// Returns the mismatch, or `None` if the issuer is accepted or missing.
    pub(crate) fn find(claims: &UnverifiedClaims, config: &VerifierConfig) -> Option<Self> {
        let found = claims.issuer()?;
        let mut accepted = config.issuer().names();
        if accepted.clone().any(|name| name == found) {
            return None;
        }
        let found = found.chars().take(128).flat_map(char::escape_default).collect();
        Some(Self { found, expected: accepted.next().unwrap_or_default().to_owned() })
    }
}

impl fmt::Display for IssuerMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, expected } = self;
        write!(f, "issuer mismatch: the token was issued by `{found}`, expected {expected}")
    }
}
