//! Tokens with Cognito's claims.

use std::fmt;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use upsign_core::Timestamp;
use zeroize::Zeroizing;

use super::Pool;
use super::users::{Member, uuid};

/// What a sign-in yields. `Debug` leaves the tokens out.
#[derive(Clone)]
pub struct Tokens {
    access: Zeroizing<String>,
    id: Zeroizing<String>,
    expires_at: Timestamp,
    expires_in: u32,
}

/// Why nobody was signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// No user of that name, or another password: which of the two is not told.
    #[error("incorrect username or password")]
    NotAuthorized,
    /// The pool has no client of that id.
    #[error("the user pool has no such client")]
    UnknownClient,
    /// The crypto library made no signature.
    #[error("the token could not be signed")]
    Signing,
}

impl Tokens {
    /// The access token: `token_use` is `access`, the client stands in `client_id`.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.access
    }

    /// The id token: `token_use` is `id`, the client stands in `aud`.
    #[must_use]
    pub fn id_token(&self) -> &str {
        &self.id
    }

    /// The `exp` of both.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Seconds from the sign-in to [`Tokens::expires_at`].
    #[must_use]
    pub fn expires_in(&self) -> u32 {
        self.expires_in
    }
}

impl Pool {
    pub(super) fn sign_in(
        &self,
        username: &str,
        password: &str,
        client_id: &str,
        at: Timestamp,
    ) -> Result<Tokens, SignInError> {
        if !self.client_ids.iter().any(|known| known == client_id) {
            return Err(SignInError::UnknownClient);
        }
        let member = self.users.find(username, password).ok_or(SignInError::NotAuthorized)?;
        let key = self.keys.current();
        let expires_at = at.saturating_add(self.token_seconds.into());
        let number = self.signed.fetch_add(1, Ordering::Relaxed);
        let unique = |what: &str| uuid(&format!("{what} {} {number}", self.keys.first_kid()));
        let shared = json!({
            "sub": member.subject,
            "iss": self.issuer(),
            "origin_jti": unique("origin"),
            "event_id": unique("event"),
            "auth_time": at.as_unix(),
            "iat": at.as_unix(),
            "exp": expires_at.as_unix(),
        });
        let access = access_claims(&member, client_id, &unique("access"));
        let id = id_claims(&member, client_id, &unique("id"));
        let sign = |own: Value| key.sign(&merged(&shared, own)).ok_or(SignInError::Signing);
        Ok(Tokens {
            access: Zeroizing::new(sign(access)?),
            id: Zeroizing::new(sign(id)?),
            expires_at,
            expires_in: self.token_seconds,
        })
    }
}

fn access_claims(member: &Member, client_id: &str, jti: &str) -> Value {
    let mut claims = json!({
        "token_use": "access",
        "client_id": client_id,
        "scope": "aws.cognito.signin.user.admin",
        "username": member.user.username,
        "jti": jti,
    });
    add_groups(&mut claims, member);
    claims
}

fn id_claims(member: &Member, client_id: &str, jti: &str) -> Value {
    let mut claims = json!({
        "token_use": "id",
        "aud": client_id,
        "cognito:username": member.user.username,
        "jti": jti,
    });
    if let (Some(email), Value::Object(claims)) = (&member.user.email, &mut claims) {
        claims.insert("email".to_owned(), email.as_str().into());
        claims.insert("email_verified".to_owned(), true.into());
    }
    add_groups(&mut claims, member);
    claims
}

/// Cognito leaves the claim out for a user without groups.
fn add_groups(claims: &mut Value, member: &Member) {
    if let (false, Value::Object(claims)) = (member.user.groups.is_empty(), claims) {
        claims.insert("cognito:groups".to_owned(), json!(member.user.groups));
    }
}

fn merged(shared: &Value, own: Value) -> Value {
    match (shared.clone(), own) {
        (Value::Object(mut all), Value::Object(own)) => {
            all.extend(own);
            Value::Object(all)
        }
        (_, own) => own,
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("access", &"[redacted]")
            .field("id", &"[redacted]")
            .field("expires_at", &self.expires_at)
            .finish()
    }
}
