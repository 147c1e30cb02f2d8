//! The AWS credentials that sign a request.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::time::Timestamp;

/// A set of AWS credentials: access key id, secret access key, optional session token, and expiry.
///
/// The parts are stored together and cannot be exchanged one by one, so a refresh never mixes two sets. Clones share
/// one copy of the secret and of the session token; it is overwritten with zeros when the last clone is dropped.
/// `Debug` shows only the access key id and the expiry.
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

/// The time at which credentials stop working.
///
/// ```
/// use upsign_core::{Credentials, Expiry, Timestamp};
/// let ends: Timestamp = "2026-01-01T01:00:00Z".parse()?;
/// let role = Credentials::temporary("ASIAEXAMPLE", "secret", "session-token", Expiry::At(ends))?;
/// assert_eq!(role.expiry(), Expiry::At(ends));
/// assert_eq!(Credentials::long_term("AKIDEXAMPLE", "secret")?.expiry(), Expiry::Never);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expiry {
    /// The credentials do not expire: an access key of an IAM user.
    Never,
    /// The credentials expire at this instant. From then on AWS rejects everything that was signed with them.
    At(Timestamp),
    /// The credentials are assumed to expire no later than this instant, but may expire earlier. Their source did not
    /// state an expiry. Presigned requests made with them report [`ExpiryPrecision::UpperBound`].
    ///
    /// [`ExpiryPrecision::UpperBound`]: crate::ExpiryPrecision::UpperBound
    AtMost(Timestamp),
    /// The credentials are temporary, but their source did not state when they expire. The environment variables of a
    /// Lambda function are such a source. Signing with them fails with [`PresignError::UnknownExpiry`], because the URL
    /// could stop working long before its stated expiry.
    ///
    /// [`PresignError::UnknownExpiry`]: crate::PresignError::UnknownExpiry
    Unknown,
}

/// The reason why texts do not form [`Credentials`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCredentials {
    /// The access key id is empty, is longer than 256 bytes, or contains `/` or a character other than visible ASCII.
    #[error("the access key id must be 1 to 256 visible ASCII characters without `/`")]
    AccessKeyId,
    /// The secret access key is empty.
    #[error("the secret access key is empty")]
    SecretAccessKey,
    /// The session token is empty or contains a character other than visible ASCII.
    #[error("the session token must be visible ASCII and must not be empty")]
    SessionToken,
}

impl Credentials {
    /// Creates long-term credentials, which have no session token and do not expire.
    ///
    /// # Errors
    /// Returns an error if the access key id or the secret access key is malformed. The error names the part but does
    /// not contain its value.
    pub fn long_term(access_key_id: &str, secret_access_key: &str) -> Result<Self, InvalidCredentials> {
        Self::checked(access_key_id, secret_access_key, None, Expiry::Never)
    }

    /// Creates temporary credentials, as issued by AWS STS.
    ///
    /// Pass [`Expiry::Unknown`] if their source does not state when they expire, never [`Expiry::Never`].
    ///
    /// # Errors
    /// Returns an error if the access key id, the secret access key or the session token is malformed. The error names
    /// the part but does not contain its value.
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

    /// Returns the same keys with a different expiry.
    #[must_use]
    pub fn with_expiry(&self, expiry: Expiry) -> Self {
        Self { keys: Arc::clone(&self.keys), expiry }
    }

    /// Returns `true` if the access key id, the secret and the session token are equal; the expiry is ignored.
    #[must_use]
    pub fn same_keys(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.keys, &other.keys) || self.keys == other.keys
    }

    /// Returns the access key id. It is not secret: every presigned URL contains it.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.keys.access_key_id
    }

    /// Returns the secret access key. Do not log or store it.
    #[must_use]
    pub fn secret_access_key(&self) -> &str {
        &self.keys.secret_access_key
    }

    /// Returns the session token of temporary credentials. Every URL signed with them contains it.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.keys.session_token.as_ref().map(|token| &***token)
    }

    /// Returns the time at which the credentials stop working.
    #[must_use]
    pub const fn expiry(&self) -> Expiry {
        self.expiry
    }
}

impl PartialEq for Credentials {
    /// Compares every part, including the secret and the expiry.
    ///
    /// Caches of signing keys rely on this: a key derived from one secret is never used for another.
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
    fn credentials_differ_if_any_part_differs() {
        let make = |id, secret, token| Credentials::temporary(id, secret, token, Expiry::Unknown).unwrap();
        let one = make("A", "b", "c");
        assert_eq!(one, one.clone());
        assert_eq!(one, make("A", "b", "c"));
        assert_ne!(one, make("A", "B", "c"));
        assert_ne!(one, make("A", "b", "C"));
        assert_ne!(Credentials::long_term("A", "b").unwrap(), one);
    }

    #[test]
    fn malformed_credentials_are_rejected() {
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
