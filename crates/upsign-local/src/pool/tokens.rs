//! Sign-in and the tokens that it returns.

use std::fmt;
use std::sync::atomic::Ordering;

use upsign_core::Timestamp;
use zeroize::Zeroizing;

use super::Pool;
use super::claims::{Claimant, Claims};
use super::shape::ShapeKind;
use super::users::derived_uuid;

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
    /// Returns the access token. `client_id` names the client; Cognito's `token_use` is `access`.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.access
    }

    /// Returns the ID token. `aud` names the client; Cognito's `token_use` is `id`.
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
        let user = Claimant { user: &user, shape: &self.shape, client_id };
        let shared = Claims::from_iter([
            ("sub".to_owned(), user.user.subject.as_str().into()),
            ("iss".to_owned(), self.issuer().into()),
            ("auth_time".to_owned(), at.as_unix().into()),
            ("iat".to_owned(), at.as_unix().into()),
            ("exp".to_owned(), expires_at.as_unix().into()),
        ]);
        let sign = |specific: Claims, token_type: Option<&str>| {
            let mut claims = user.own_claims();
            claims.extend(shared.clone());
            if self.shape.kind == ShapeKind::Cognito {
                claims.insert("origin_jti".to_owned(), unique_id("origin").into());
                claims.insert("event_id".to_owned(), unique_id("event").into());
            }
            claims.extend(specific);
            user.add_groups(&mut claims);
            key.sign(&claims.into(), token_type).ok_or(SignInError::Signing)
        };
        let (access, id) = match self.shape.kind {
            ShapeKind::Cognito => (
                sign(user.cognito_access_claims(&unique_id("access")), None)?,
                sign(user.cognito_id_claims(&unique_id("id")), None)?,
            ),
            ShapeKind::OpenId => {
                // RFC 9068 section 2.1: the type tells access tokens from id tokens.
                let access = sign(user.openid_access_claims(&unique_id("access")), Some("at+jwt"))?;
                let id =
                    sign(user.openid_id_claims(&key.token_hash(&access), &unique_id("id")), Some("JWT"))?;
                (access, id)
            }
        };
        Ok(UserTokens {
            access: Zeroizing::new(access),
            id: Zeroizing::new(id),
            expires_at,
            expires_in: self.token_lifetime_seconds,
        })
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
