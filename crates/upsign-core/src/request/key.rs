//! Object keys.

use std::str::FromStr;

/// The key of an S3 object that every browser and every S3-compatible store can address.
///
/// A key has 1 to 1,024 bytes of UTF-8. These are rejected although S3 accepts them:
///
/// - ASCII control characters, such as line breaks.
/// - The segments `.` and `..`, for example in `a/../b`. URL parsers remove them, even if they are percent-encoded, so
///   a browser cannot send the path that was signed.
/// - Empty segments, for example in `/a` or `a//b`. Many S3-compatible stores merge consecutive slashes.
///
/// A trailing `/` is allowed, because S3 consoles create such keys to represent folders.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>,
/// <https://url.spec.whatwg.org/#path-state>.
///
/// ```
/// use upsign_core::{InvalidObjectKey, ObjectKey};
/// assert!("articles/1/raw/2.jpg".parse::<ObjectKey>().is_ok());
/// assert_eq!("a/../b".parse::<ObjectKey>(), Err(InvalidObjectKey::DotSegment));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(Box<str>);

/// The reason why a text is not an [`ObjectKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidObjectKey {
    /// The text is empty.
    #[error("the object key must not be empty")]
    Empty,
    /// The text has more than 1,024 bytes of UTF-8; the field is the number it has.
    #[error("the object key must have at most 1024 bytes, but it has {0}")]
    TooLong(usize),
    /// The text contains an ASCII control character: U+0000 to U+001F or U+007F.
    #[error("the object key must not contain control characters")]
    Control,
    /// The text contains a segment `.` or `..`.
    #[error("the object key must not contain a segment `.` or `..`: URL parsers remove them")]
    DotSegment,
    /// The text starts with `/` or contains `//`.
    #[error("the object key must not start with `/` or contain `//`: some servers merge slashes")]
    EmptySegment,
}

impl ObjectKey {
    /// The maximum length of a key in bytes.
    pub const MAX_BYTES: usize = 1_024;

    /// Returns the key as text.
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
        // A single trailing slash does not count as an empty segment.
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

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.0.into_string()
    }
}

crate::text_type!(@borrowed ObjectKey);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn rejects(text: &str, error: InvalidObjectKey) {
        assert_eq!(text.parse::<ObjectKey>(), Err(error), "{text:?}");
        assert_eq!(ObjectKey::try_from(text.to_owned()), Err(error), "{text:?}");
    }

    #[test]
    fn keys_that_browsers_can_address_are_accepted() {
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
    fn keys_that_browsers_cannot_address_are_rejected() {
        rejects("", InvalidObjectKey::Empty);
        rejects(&"k".repeat(1025), InvalidObjectKey::TooLong(1025));
        rejects(&"é".repeat(513), InvalidObjectKey::TooLong(1026));
        rejects("a\nb", InvalidObjectKey::Control);
        rejects("a\u{7f}", InvalidObjectKey::Control);
        rejects("\0", InvalidObjectKey::Control);
        for key in [".", "..", "a/./b", "a/..", "../a", "./"] {
            rejects(key, InvalidObjectKey::DotSegment);
        }
        for key in ["/", "/a", "a//b", "a//", "//"] {
            rejects(key, InvalidObjectKey::EmptySegment);
        }
    }
}
