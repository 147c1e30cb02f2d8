//! The name of an object.

use std::fmt;
use std::str::FromStr;

/// The key of an S3 object that a browser can reach: 1 to 1,024 bytes of UTF-8.
///
/// Refused, though S3 itself would store them: ASCII's control characters, a `.` or `..` segment (a WHATWG URL parser removes
/// them, even percent-encoded, so no browser could ever send the signed path) and empty segments except a last one
/// (many S3-compatible servers fold `//`). A trailing `/` is allowed: S3 has such objects.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>, <https://url.spec.whatwg.org/#path-state>.
///
/// ```
/// use upsign_core::{InvalidObjectKey, ObjectKey};
/// assert!("articles/1/raw/2.jpg".parse::<ObjectKey>().is_ok());
/// assert_eq!("a/../b".parse::<ObjectKey>(), Err(InvalidObjectKey::DotSegment));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(Box<str>);

/// Why a text is not an [`ObjectKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidObjectKey {
    /// No bytes at all.
    #[error("an object key needs at least one byte")]
    Empty,
    /// More than 1,024 bytes of UTF-8.
    #[error("an object key has at most 1024 bytes, this one has {0}")]
    TooLong(usize),
    /// A control character of ASCII: U+0000 to U+001F or U+007F.
    #[error("an object key for a browser holds no control characters")]
    Control,
    /// A segment `.` or `..`.
    #[error("an object key for a browser has no `.` or `..` segment: URL parsers remove them")]
    DotSegment,
    /// A leading `/` or a `//`.
    #[error("an object key starts with no `/` and holds no `//`: servers fold them")]
    EmptySegment,
}

impl ObjectKey {
    /// The longest key S3 accepts, in bytes.
    pub const MAX_BYTES: usize = 1_024;

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn check(text: &str) -> Result<(), InvalidObjectKey> {
        if text.is_empty() {
            return Err(InvalidObjectKey::Empty);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(InvalidObjectKey::TooLong(text.len()));
        }
        if text.bytes().any(|byte| byte.is_ascii_control()) {
            return Err(InvalidObjectKey::Control);
        }
        let inner = text.strip_suffix('/').unwrap_or(text);
        for segment in inner.split('/') {
            match segment {
                "" => return Err(InvalidObjectKey::EmptySegment),
                "." | ".." => return Err(InvalidObjectKey::DotSegment),
                _ => {}
            }
        }
        Ok(())
    }
}

impl FromStr for ObjectKey {
    type Err = InvalidObjectKey;

    fn from_str(text: &str) -> Result<Self, InvalidObjectKey> {
        Self::check(text)?;
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for ObjectKey {
    type Error = InvalidObjectKey;

    fn try_from(text: String) -> Result<Self, InvalidObjectKey> {
        Self::check(&text)?;
        Ok(Self(text.into_boxed_str()))
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for ObjectKey {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, why: InvalidObjectKey) {
        assert_eq!(text.parse::<ObjectKey>(), Err(why), "{text:?}");
        assert_eq!(ObjectKey::try_from(text.to_owned()), Err(why), "{text:?}");
    }

    #[test]
    fn what_a_browser_can_reach() {
        for text in [
            "a",
            "a/b.jpg",
            "folder/",
            "...",
            "a/..b/.c",
            "é/日本",
            "a b+c&d=e",
            "a\u{85}b",
            "a\\b",
            "%2e%2e/x",
            &"k".repeat(1024),
        ] {
            assert_eq!(text.parse::<ObjectKey>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_it_cannot() {
        refused("", InvalidObjectKey::Empty);
        refused(&"k".repeat(1025), InvalidObjectKey::TooLong(1025));
        refused(&"é".repeat(513), InvalidObjectKey::TooLong(1026));
        refused("a\nb", InvalidObjectKey::Control);
        refused("a\u{7f}", InvalidObjectKey::Control);
        refused("\0", InvalidObjectKey::Control);
        for key in [".", "..", "a/./b", "a/..", "../a", "./"] {
            refused(key, InvalidObjectKey::DotSegment);
        }
        for key in ["/", "/a", "a//b", "a//", "//"] {
            refused(key, InvalidObjectKey::EmptySegment);
        }
    }
}
