//! Who may sign in.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

use crate::StartError;

/// A user of a [`LocalPool`](crate::LocalPool). `Debug` leaves the password out.
#[derive(Clone)]
#[must_use]
pub struct LocalUser {
    pub(super) username: String,
    password: Zeroizing<String>,
    pub(super) email: Option<String>,
    pub(super) groups: Vec<String>,
    subject: Option<String>,
}

/// A user with a `sub`.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) user: LocalUser,
    pub(super) subject: String,
}

#[derive(Debug, Default)]
pub(super) struct Users(RwLock<BTreeMap<String, Arc<Member>>>);

impl LocalUser {
    /// A user without an e-mail address or groups.
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            password: Zeroizing::new(password.into()),
            email: None,
            groups: Vec::new(),
            subject: None,
        }
    }

    /// The `email` of the id token.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// A group: an entry of `cognito:groups`.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }

    /// The `sub`. Without one it is a UUID derived from the pool's first key and the name, another one at each start.
    pub fn subject(mut self, sub: impl Into<String>) -> Self {
        self.subject = Some(sub.into());
        self
    }
}

impl Users {
    /// `pool` tells this pool from others.
    pub(super) fn add(&self, user: LocalUser, pool: &str) -> Result<(), StartError> {
        let mut users = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if user.username.is_empty() || users.contains_key(&user.username) {
            return Err(StartError::User(user.username));
        }
        let subject = user.subject.clone().unwrap_or_else(|| uuid(&format!("sub {pool} {}", user.username)));
        users.insert(user.username.clone(), Arc::new(Member { user, subject }));
        Ok(())
    }

    /// The user with that name and password.
    pub(super) fn find(&self, username: &str, password: &str) -> Option<Arc<Member>> {
        let users = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let member = users.get(username)?;
        let hash = |text: &str| digest(&SHA256, text.as_bytes());
        let same = verify_slices_are_equal(hash(&member.user.password).as_ref(), hash(password).as_ref());
        same.is_ok().then(|| Arc::clone(member))
    }
}

/// A UUID of version 8 (RFC 9562 section 5.8) out of the SHA-256 of `seed`.
pub(super) fn uuid(seed: &str) -> String {
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
    fn debug_shows_no_password() {
        let user = LocalUser::new("ada", "secret").email("ada@example.com").group("authors");
        assert_eq!(
            format!("{user:?}"),
            "LocalUser { username: \"ada\", password: \"[redacted]\", email: Some(\"ada@example.com\"), \
             groups: [\"authors\"], .. }"
        );
    }

    #[test]
    fn uuids_have_the_form() {
        // The SHA-256 of nothing starts e3b0c442 98fc 1c14 9afb f4c8996fb924.
        assert_eq!(uuid(""), "e3b0c442-98fc-8c14-9afb-f4c8996fb924");
        assert_ne!(uuid("a"), uuid("b"));
    }
}
