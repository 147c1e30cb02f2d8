//! Sign-in and the tokens that it returns.
//!
//! Sources of the claims:
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>
//! and <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html>.

use std::fmt;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use upsign_core::Timestamp;
use zeroize::Zeroizing;

use super::Pool;
use super::users::{RegisteredUser, derived_uuid};

/// The tokens of one sign-in. `Debug` redacts them.
#[derive(Clone)]
pub struct UserTokens {
    access: Zeroizing<String>,
    id: Zeroizing<String>,
    expires_at: Timestamp,
    expires_in: u32,
}

/// The reason a sign-in failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The user does not exist or the password is wrong. As at Cognito, the error does not reveal which.
    #[error("incorrect username or password")]
    NotAuthorized,
    /// The pool has no client with that id.
    #[error("the user pool has no such client")]
    UnknownClient,
    /// The cryptography library failed to sign.
    #[error("the token could not be signed")]
    Signing,
}

impl UserTokens {
    /// Returns the access token: `token_use` is `access`, and `client_id` names the client.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.access
    }

    /// Returns the ID token: `token_use` is `id`, and `aud` names the client.
    #[must_use]
    pub fn id_token(&self) -> &str {
        &self.id
    }

    /// Returns the `exp` claim of both tokens.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Returns the lifetime in seconds, from the sign-in to [`UserTokens::expires_at`].
    #[must_use]
    pub fn expires_in(&self) -> u32 {
        self.expires_in
    }
}

impl Pool {
    /// Checks the password and signs the tokens.
    pub(super) fn sign_in(
        &self,
        username: &str,
        password: &str,
        client_id: &str,
        at: Timestamp,
    ) -> Result<UserTokens, SignInError> {
        if !self.client_ids.iter().any(|known| known == client_id) {
            return Err(SignInError::UnknownClient);
        }
        let user = self.users.find(username, password).ok_or(SignInError::NotAuthorized)?;
        let key = self.keys.current();
        let expires_at = at.saturating_add(self.token_lifetime_seconds.into());
        let number = self.sign_in_count.fetch_add(1, Ordering::Relaxed);
        // Unique for each sign-in and name, across pools: the key id differs between pools, the number within one.
        let unique_id = |name: &str| derived_uuid(&format!("{name} {} {number}", self.keys.first_kid()));
        let shared = json!({
            "sub": user.subject,
            "iss": self.issuer(),
            "origin_jti": unique_id("origin"),
            "event_id": unique_id("event"),
            "auth_time": at.as_unix(),
            "iat": at.as_unix(),
            "exp": expires_at.as_unix(),
        });
        let access = access_claims(&user, client_id, &unique_id("access"));
        let id = id_claims(&user, client_id, &unique_id("id"));
        let own = json!(user.profile.claims);
        let sign = |specific: Value| {
            let claims = merge_claims(&merge_claims(&own, shared.clone()), specific);
            key.sign(&claims).ok_or(SignInError::Signing)
        };
        Ok(UserTokens {
            access: Zeroizing::new(sign(access)?),
            id: Zeroizing::new(sign(id)?),
            expires_at,
            expires_in: self.token_lifetime_seconds,
        })
    }
}

/// The scope of a token that a user received by a user name and a password.
const DEFAULT_SCOPE: &str = "aws.cognito.signin.user.admin";

fn access_claims(user: &RegisteredUser, client_id: &str, jti: &str) -> Value {
    let scopes = std::iter::once(DEFAULT_SCOPE).chain(user.profile.scopes.iter().map(String::as_str));
    let mut claims = json!({
        "token_use": "access",
        "client_id": client_id,
        "scope": scopes.collect::<Vec<_>>().join(" "),
        "username": user.profile.username,
        "jti": jti,
    });
    add_groups(&mut claims, user);
    claims
}

fn id_claims(user: &RegisteredUser, client_id: &str, jti: &str) -> Value {
    let mut claims = json!({
        "token_use": "id",
        "aud": client_id,
        "cognito:username": user.profile.username,
        "jti": jti,
    });
    if let (Some(email), Value::Object(claims)) = (&user.profile.email, &mut claims) {
        claims.insert("email".to_owned(), email.as_str().into());
        claims.insert("email_verified".to_owned(), true.into());
    }
    add_groups(&mut claims, user);
    claims
}

/// Adds `cognito:groups`. Cognito omits the claim for a user without groups.
fn add_groups(claims: &mut Value, user: &RegisteredUser) {
    if let (false, Value::Object(claims)) = (user.profile.groups.is_empty(), claims) {
        claims.insert("cognito:groups".to_owned(), json!(user.profile.groups));
    }
}

/// Returns the claims of both objects.
fn merge_claims(shared: &Value, specific: Value) -> Value {
    match (shared.clone(), specific) {
        (Value::Object(mut all), Value::Object(specific)) => {
            all.extend(specific);
            Value::Object(all)
        }
        (_, specific) => specific,
    }
}

impl fmt::Debug for UserTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserTokens")
            .field("access", &"[redacted]")
            .field("id", &"[redacted]")
            .field("expires_at", &self.expires_at)
            .finish()
    }
}
