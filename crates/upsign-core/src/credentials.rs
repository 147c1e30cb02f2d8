//! The keys a request is signed with.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::time::Timestamp;

/// One set of AWS credentials: id, secret, session token and expiry, never mixed between two sets.
///
/// Cloning shares the one copy of the secret, which is wiped when the last clone goes. `Debug` shows the access key id
/// and the expiry alone.
///
/// ```
/// use upsign_core::Credentials;
/// let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// assert!(!format!("{credentials:?}").contains("wJalr"));
/// # Ok::<(), upsign_core::InvalidCredentials>(())
/// ```
#[derive(Clone)]
pub struct Credentials {
    keys: Arc<Keys>,
    expiry: Expiry,
}

#[derive(PartialEq, Eq)]
struct Keys {
    access_key_id: Box<str>,
    secret_access_key: Zeroizing<Box<str>>,
    session_token: Option<Zeroizing<Box<str>>>,
}

/// When credentials stop working.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expiry {
    /// A long-term key.
    Never,
    /// Temporary credentials whose end is known: nothing signed with them works from this instant on.
    At(Timestamp),
    /// Temporary credentials whose end is not known and that are assumed to work until then at the longest. What is
    /// signed with them may end earlier, and says so.
    AtMost(Timestamp),
    /// Temporary credentials that came without an end, as in a Lambda function's environment. Never taken for
    /// [`Expiry::Never`].
    Unknown,
}

/// Why texts are not credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCredentials {
    /// The access key id is empty, over 256 bytes, or holds something other than visible ASCII without `/`.
    #[error("an access key id is 1 to 256 visible ASCII characters without `/`")]
    AccessKeyId,
    /// The secret access key is empty.
    #[error("the secret access key is empty")]
    SecretAccessKey,
    /// The session token is empty or holds something other than visible ASCII.
    #[error("a session token is visible ASCII and not empty")]
    SessionToken,
}

impl Credentials {
    /// A long-term key, which has no session token and no end.
    ///
    /// # Errors
    /// [`InvalidCredentials`] names the part that cannot be one.
    pub fn long_term(access_key_id: &str, secret_access_key: &str) -> Result<Self, InvalidCredentials> {
        Self::checked(access_key_id, secret_access_key, None, Expiry::Never)
    }

    /// Temporary credentials. Give [`Expiry::Unknown`] when nobody said when they end.
    ///
    /// # Errors
    /// [`InvalidCredentials`] names the part that cannot be one.
    pub fn temporary(
        access_key_id: &str,
        secret_access_key: &str,
        session_token: &str,
        expiry: Expiry,
    ) -> Result<Self, InvalidCredentials> {
        Self::checked(access_key_id, secret_access_key, Some(session_token), expiry)
    }

    fn checked(
        access_key_id: &str,
        secret_access_key: &str,
        session_token: Option<&str>,
        expiry: Expiry,
    ) -> Result<Self, InvalidCredentials> {
        let visible = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !visible(access_key_id) || access_key_id.len() > 256 || access_key_id.contains('/') {
            return Err(InvalidCredentials::AccessKeyId);
        }
        if secret_access_key.is_empty() {
            return Err(InvalidCredentials::SecretAccessKey);
        }
        if !session_token.is_none_or(visible) {
            return Err(InvalidCredentials::SessionToken);
        }
        let keys = Arc::new(Keys {
            access_key_id: access_key_id.into(),
            secret_access_key: Zeroizing::new(secret_access_key.into()),
            session_token: session_token.map(|token| Zeroizing::new(token.into())),
        });
        Ok(Self { keys, expiry })
    }

    /// The same keys with another end.
    #[must_use]
    pub fn with_expiry(&self, expiry: Expiry) -> Self {
        Self { keys: Arc::clone(&self.keys), expiry }
    }

    /// Whether id, secret and token are the same, whatever is known of their end.
    #[must_use]
    pub fn same_keys(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.keys, &other.keys) || self.keys == other.keys
    }

    /// The access key id: public, it stands in every URL.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.keys.access_key_id
    }

    /// The secret. Never log or store it.
    #[must_use]
    pub fn secret_access_key(&self) -> &str {
        &self.keys.secret_access_key
    }

    /// The session token of temporary credentials. It stands in every URL signed with them.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.keys.session_token.as_ref().map(|token| &***token)
    }

    /// When they stop working.
    #[must_use]
    pub const fn expiry(&self) -> Expiry {
        self.expiry
    }
}

impl PartialEq for Credentials {
    /// Whether every part is the same. Caches compare with this, so that nothing derived from one secret outlives it.
    fn eq(&self, other: &Self) -> bool {
        self.expiry == other.expiry && self.same_keys(other)
    }
}

impl Eq for Credentials {}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id())
            .field("secret_access_key", &"[redacted]")
            .field("session_token", &self.session_token().map(|_| "[redacted]"))
            .field("expiry", &self.expiry())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let credentials = Credentials::temporary("ASIAEXAMPLE", "s3cret", "t0ken", Expiry::At(at)).unwrap();
        assert_eq!(
            format!("{credentials:?}"),
            "Credentials { access_key_id: \"ASIAEXAMPLE\", secret_access_key: \"[redacted]\", \
             session_token: Some(\"[redacted]\"), expiry: At(Timestamp(1767225600)) }"
        );
    }

    #[test]
    fn equal_only_in_every_part() {
        let make = |id, secret, token| Credentials::temporary(id, secret, token, Expiry::Unknown).unwrap();
        let one = make("A", "b", "c");
        assert_eq!(one, one.clone());
        assert_eq!(one, make("A", "b", "c"));
        assert_ne!(one, make("A", "B", "c"));
        assert_ne!(one, make("A", "b", "C"));
        assert_ne!(Credentials::long_term("A", "b").unwrap(), one);
    }

    #[test]
    fn what_cannot_be_credentials() {
        for id in ["", "a b", "a/b", "é", "a\n"] {
            assert_eq!(Credentials::long_term(id, "s"), Err(InvalidCredentials::AccessKeyId), "{id:?}");
        }
        assert_eq!(Credentials::long_term("A", ""), Err(InvalidCredentials::SecretAccessKey));
        for token in ["", "a b", "a\r\n"] {
            let made = Credentials::temporary("A", "s", token, Expiry::Unknown);
            assert_eq!(made, Err(InvalidCredentials::SessionToken), "{token:?}");
        }
    }
}
