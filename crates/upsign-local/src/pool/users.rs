//! The users of the pool and their passwords.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::error::LocalServerError;

/// A user of a [`LocalPool`](crate::LocalPool). `Debug` redacts the password.
#[derive(Clone)]
#[must_use]
pub struct LocalUser {
    pub(super) username: String,
    password: Zeroizing<String>,
    pub(super) email: Option<String>,
    pub(super) groups: Vec<String>,
    pub(super) scopes: Vec<String>,
    /// Additional claims, as Cognito's pre-token-generation trigger adds them.
    pub(super) claims: BTreeMap<String, Value>,
    subject: Option<String>,
}

/// A user that was added to the pool and therefore has a `sub`.
#[derive(Debug)]
pub(super) struct RegisteredUser {
    pub(super) profile: LocalUser,
    pub(super) subject: String,
}

/// The users of a pool, by name.
#[derive(Debug, Default)]
pub(super) struct Users(RwLock<BTreeMap<String, Arc<RegisteredUser>>>);

impl LocalUser {
    /// Returns a user without an email address and without groups.
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            password: Zeroizing::new(password.into()),
            email: None,
            groups: Vec::new(),
            scopes: Vec::new(),
            claims: BTreeMap::new(),
            subject: None,
        }
    }

    /// Sets the email address: the `email` claim of the ID token. The pool treats it as verified.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Adds the user to a group: an element of the `cognito:groups` claim, or of the one that
    /// [`LocalPoolBuilder::groups_claim`](crate::LocalPoolBuilder::groups_claim) names.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }

    /// Adds a scope to the `scope` claim of the access token, or to the one that
    /// [`LocalPoolBuilder::scopes_claim`](crate::LocalPoolBuilder::scopes_claim) names. The claim always contains
    /// `aws.cognito.signin.user.admin`, or `openid` with [`LocalPoolBuilder::openid`](crate::LocalPoolBuilder::openid).
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Adds a claim, such as `custom:tenant`, to the access token and the ID token. It does not replace the claims that the
    /// pool itself sets.
    ///
    /// The value is a text, a number, a boolean or any other JSON value:
    ///
    /// ```
    /// use upsign_local::LocalUser;
    /// let address = serde_json::json!({"country": "de"});
    /// let user = LocalUser::new("ada", "pw").claim("custom:tenant", "acme").claim("level", 3).claim("address", address);
    /// ```
    ///
    /// Cognito puts the attributes of a user into ID tokens, and into access tokens only by a pre-token-generation trigger.
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Sets the `sub` claim.
    ///
    /// The default is a UUID that is derived from the pool's first key and the user name. It changes whenever the pool
    /// starts, as the key does.
    pub fn subject(mut self, sub: impl Into<String>) -> Self {
        self.subject = Some(sub.into());
        self
    }
}

impl Users {
    /// Adds a user. The default `sub` is derived from `pool_seed`, which must differ between pools, and the name.
    ///
    /// # Errors
    /// The name is empty or taken.
    pub(super) fn add(&self, user: LocalUser, pool_seed: &str) -> Result<(), LocalServerError> {
        self.insert(user, pool_seed, false)
    }

    /// Adds a user, or replaces the one with this name.
    ///
    /// # Errors
    /// The name is empty.
    pub(super) fn put(&self, user: LocalUser, pool_seed: &str) -> Result<(), LocalServerError> {
        self.insert(user, pool_seed, true)
    }

    fn insert(&self, user: LocalUser, pool_seed: &str, may_replace: bool) -> Result<(), LocalServerError> {
        let mut users = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if user.username.is_empty() || !may_replace && users.contains_key(&user.username) {
            return Err(LocalServerError::InvalidUserName(user.username));
        }
        let subject = user
            .subject
            .clone()
            .unwrap_or_else(|| derived_uuid(&format!("sub {pool_seed} {}", user.username)));
        users.insert(user.username.clone(), Arc::new(RegisteredUser { profile: user, subject }));
        Ok(())
    }

    /// Returns the user with that name, if the password is right.
    pub(super) fn find(&self, username: &str, password: &str) -> Option<Arc<RegisteredUser>> {
        let users = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let user = users.get(username)?;
        // Hashes have equal lengths, so the comparison reveals neither content nor length of the password by its
        // duration.
        let hash = |text: &str| digest(&SHA256, text.as_bytes());
        let equal = verify_slices_are_equal(hash(&user.profile.password).as_ref(), hash(password).as_ref());
        equal.is_ok().then(|| Arc::clone(user))
    }
}

/// Returns a UUID of version 8 (RFC 9562 section 5.8) that consists of the SHA-256 of `seed`.
pub(super) fn derived_uuid(seed: &str) -> String {
    let hash = digest(&SHA256, seed.as_bytes());
    let mut bytes = hash.as_ref().iter().copied();
    let mut field = |octets: usize| -> u64 {
        bytes.by_ref().take(octets).fold(0, |sum, byte| sum << 8 | u64::from(byte))
    };
    let (low, mid, high, clock, node) = (field(4), field(2), field(2), field(2), field(6));
    let (high, clock) = (high & 0x0fff | 0x8000, clock & 0x3fff | 0x8000);
    format!("{low:08x}-{mid:04x}-{high:04x}-{clock:04x}-{node:012x}")
}

impl fmt::Debug for LocalUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalUser")
            .field("username", &self.username)
            .field("password", &"[redacted]")
            .field("email", &self.email)
            .field("groups", &self.groups)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_redacts_the_password() {
        let user = LocalUser::new("ada", "secret").email("ada@example.com").group("authors");
        assert_eq!(
            format!("{user:?}"),
            "LocalUser { username: \"ada\", password: \"[redacted]\", email: Some(\"ada@example.com\"), \
             groups: [\"authors\"], .. }"
        );
    }

    #[test]
    fn derived_uuids_have_version_8() {
        // The SHA-256 of the empty string starts with e3b0c442 98fc 1c14 9afb f4c8996fb924.
        assert_eq!(derived_uuid(""), "e3b0c442-98fc-8c14-9afb-f4c8996fb924");
        assert_ne!(derived_uuid("a"), derived_uuid("b"));
    }
}
