//! The caller of an upload, without its name.

use std::fmt;

/// Identifies the caller that began an upload without naming it: 16 bytes of an HMAC over its issuer and subject.
///
/// Receipts and announcements contain it in place of the issuer and the subject, because they end up in databases, logs and
/// queues. Only the service can compute it: [`TokenKeys::owner_of`](crate::session::TokenKeys::owner_of). Compare with
/// [`TokenKeys::is_owner`](crate::session::TokenKeys::is_owner), which also knows the secrets before a rotation.
///
/// `Display` writes 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner([u8; Self::LEN]);

impl Owner {
    /// The length in bytes.
    pub const LEN: usize = 16;

    pub(crate) const fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
