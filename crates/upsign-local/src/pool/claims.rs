//! The claims of a token of one user.
//!
//! Sources:
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>,
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html>,
//! OpenID Connect Core 1.0 section 2 (id tokens) and RFC 9068 section 2.2 (access tokens).

use serde_json::{Map, Value};

use super::shape::{TokenShape, add_list};
use super::users::RegisteredUser;

pub(super) type Claims = Map<String, Value>;

/// A user who signs in to a client.
#[derive(Clone, Copy)]
pub(super) struct Claimant<'a> {
    pub(super) user: &'a RegisteredUser,
    pub(super) shape: &'a TokenShape,
    pub(super) client_id: &'a str,
}

/// The scope of a token that a user of Cognito received by a user name and a password.
const COGNITO_SCOPE: &str = "aws.cognito.signin.user.admin";
/// The scope of every token of OpenID Connect.
const OPENID_SCOPE: &str = "openid";

impl Claimant<'_> {
    /// Returns the claims that the user was added with, and the subject under the configured name, if it is not `sub`.
    pub(super) fn own_claims(self) -> Claims {
        let mut claims = Claims::new();
        if self.shape.subject_claim != "sub" {
            claims.insert(self.shape.subject_claim.clone(), self.user.subject.as_str().into());
        }
        claims.extend(self.user.profile.claims.clone());
        claims
    }

    pub(super) fn add_groups(self, claims: &mut Claims) {
        let groups: Vec<&str> = self.user.profile.groups.iter().map(String::as_str).collect();
        add_list(claims, &self.shape.groups, &groups);
    }

    fn add_scopes(self, claims: &mut Claims, default: &str) {
        let scopes = std::iter::once(default).chain(self.user.profile.scopes.iter().map(String::as_str));
        add_list(claims, &self.shape.scopes, &scopes.collect::<Vec<_>>());
    }

    pub(super) fn cognito_access_claims(self, jti: &str) -> Claims {
        let mut claims = texts([
            ("token_use", "access"),
            ("client_id", self.client_id),
            ("username", &self.user.profile.username),
            ("jti", jti),
        ]);
        if let Some(audience) = self.shape.access_token_audience(self.client_id) {
            claims.insert("aud".to_owned(), audience);
        }
        self.add_scopes(&mut claims, COGNITO_SCOPE);
        claims
    }

    pub(super) fn cognito_id_claims(self, jti: &str) -> Claims {
        let mut claims = texts([
            ("token_use", "id"),
            ("aud", self.client_id),
            ("cognito:username", &self.user.profile.username),
            ("jti", jti),
        ]);
        self.add_email(&mut claims);
        claims
    }

    pub(super) fn openid_access_claims(self, jti: &str) -> Claims {
        let mut claims = texts([
            ("client_id", self.client_id),
            ("preferred_username", &self.user.profile.username),
            ("jti", jti),
        ]);
        if let Some(audience) = self.shape.access_token_audience(self.client_id) {
            claims.insert("aud".to_owned(), audience);
        }
        self.add_scopes(&mut claims, OPENID_SCOPE);
        claims
    }

    /// Returns the claims of the id token that is issued together with the access token of this hash.
    pub(super) fn openid_id_claims(self, access_token_hash: &str, jti: &str) -> Claims {
        let mut claims = texts([
            ("azp", self.client_id),
            ("preferred_username", &self.user.profile.username),
            ("at_hash", access_token_hash),
            ("jti", jti),
        ]);
        claims.insert("aud".to_owned(), self.shape.id_token_audience(self.client_id));
        self.add_email(&mut claims);
        claims
    }

    fn add_email(self, claims: &mut Claims) {
        if let Some(email) = &self.user.profile.email {
            claims.insert("email".to_owned(), email.as_str().into());
            claims.insert("email_verified".to_owned(), true.into());
        }
    }
}

fn texts<const N: usize>(pairs: [(&str, &str); N]) -> Claims {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}
