//! What a token claims, before anything is verified. Only messages and defaults depend on it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use upsign_cognito::TokenUse;

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

    /// Returns the audiences: one text, or a list of texts.
    pub(crate) fn audiences(&self) -> Vec<&str> {
        match self.0.get("aud") {
            Some(Value::String(only)) => vec![only],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Returns the text of a claim, unless it is empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }
}
