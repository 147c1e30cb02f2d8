//! The id of a request, by which an operator finds its lines in the log.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use upsign::NoEntropy;

/// The id of a request, as it is in the log and in the hint `diagnose` of problem documents.
///
/// It has 1 to 128 ASCII letters, digits and characters of `-_.:=`, so it is safe in logs, headers and file names. Adapters put it
/// into the extensions of the request that [`Api::handle`](crate::Api::handle) answers, and into the span of its log lines:
///
/// ```
/// use upsign_http::RequestId;
///
/// let id: RequestId = "Root=1-67891233-abcdef012345678912345678".parse()?;
/// assert_eq!(id.as_str().len(), 40);
/// assert!("a b".parse::<RequestId>().is_err());
///
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(id);
/// # Ok::<(), upsign_http::InvalidRequestId>(())
/// ```
///
/// Take the id from a client only if it is a proxy that you trust: another client could otherwise send the id of another user's
/// request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(Arc<str>);

/// A text is not the id of a request: it is empty, has more than 128 characters, or has other characters than ASCII letters, digits
/// and `-_.:=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("expected a request id of 1 to 128 letters, digits and characters of -_.:=")]
pub struct InvalidRequestId;

impl RequestId {
    /// Returns a new id: 128 random bits in hexadecimal digits.
    ///
    /// # Errors
    /// Fails if the operating system provides no random bytes: an id that many requests share would be worse than none.
    pub fn generate() -> Result<Self, NoEntropy> {
        Self::generate_with(upsign::fill_random)
    }

    fn generate_with(fill: impl FnOnce(&mut [u8]) -> Result<(), NoEntropy>) -> Result<Self, NoEntropy> {
        let mut bytes = [0; 16];
        fill(&mut bytes)?;
        Ok(Self(format!("{:032x}", u128::from_be_bytes(bytes)).into()))
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl FromStr for RequestId {
    type Err = InvalidRequestId;

    fn from_str(id: &str) -> Result<Self, InvalidRequestId> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=".contains(&byte);
        match (1..=128).contains(&id.len()) && id.bytes().all(plain) {
            true => Ok(Self(id.into())),
            false => Err(InvalidRequestId),
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for RequestId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_without_entropy_has_no_id() {
        assert!(RequestId::generate_with(|_| Err(NoEntropy::new())).is_err());
        let id = RequestId::generate_with(|bytes| {
            bytes.fill(0xab);
            Ok(())
        });
        assert_eq!(id.unwrap().as_str(), "ab".repeat(16));
    }

    #[test]
    fn ids_are_short_and_plain() {
        let is_id = |id: &str| id.parse::<RequestId>().is_ok();
        assert!(is_id("Root=1-67891233-abcdef012345678912345678") && is_id(&"a".repeat(128)));
        for id in ["", "a b", "<b>", "a\n", "ä", "\u{202e}", &"a".repeat(129)] {
            assert!(!is_id(id), "{id:?}");
        }
    }
}
