//! Entity tags.

use std::str::FromStr;

/// The entity tag of an object or a part, without quotes.
///
/// Headers and XML contain entity tags in quotes, some clients send them without. Both forms are read, and
/// [`quoted`](Self::quoted) returns the form that a request needs. An entity tag is opaque: it is the MD5 of the content
/// only for some objects (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>).
///
/// ```
/// use upsign_objects::ETag;
/// let etag: ETag = "\"9b2cf535f27731c974343645a3985328-3\"".parse()?;
/// assert_eq!(etag.as_str(), "9b2cf535f27731c974343645a3985328-3");
/// assert_eq!(etag, "9b2cf535f27731c974343645a3985328-3".parse::<ETag>()?);
/// assert_eq!(etag.quoted(), "\"9b2cf535f27731c974343645a3985328-3\"");
/// # Ok::<(), upsign_objects::InvalidETag>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ETag(Box<str>);

/// The text is not an entity tag: 1 to 128 characters of visible ASCII without quotes, and optionally a pair of quotes
/// around them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an entity tag must be 1 to 128 characters of visible ASCII, with or without a pair of quotes around them"
)]
#[non_exhaustive]
pub struct InvalidETag;

/// Entity tags of S3 have 32 hexadecimal digits and, after a multipart upload, a hyphen and the number of parts. Other
/// stores have longer ones.
const MAX_LEN: usize = 128;

impl ETag {
    /// Returns the entity tag without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the entity tag in quotes, as in the headers `ETag` and `If-Match`.
    #[must_use]
    pub fn quoted(&self) -> String {
        format!("\"{}\"", self.0)
    }
}

impl FromStr for ETag {
    type Err = InvalidETag;

    fn from_str(text: &str) -> Result<Self, InvalidETag> {
        let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let fits = (1..=MAX_LEN).contains(&inner.len())
            && inner.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
        if fits { Ok(Self(inner.into())) } else { Err(InvalidETag) }
    }
}

upsign_core::text_type!(ETag);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entity_tags_are_read_with_and_without_quotes() {
        for text in ["\"abc\"", "abc"] {
            assert_eq!(text.parse::<ETag>().unwrap().as_str(), "abc");
        }
    }

    #[test]
    fn malformed_entity_tags_are_rejected() {
        let long = "a".repeat(MAX_LEN + 1);
        for text in ["", "\"\"", "\"", "\"abc", "abc\"", "a\"b", "a b", "a\r\nb", "é", long.as_str()] {
            assert_eq!(text.parse::<ETag>(), Err(InvalidETag), "{text:?}");
        }
        assert!("a".repeat(MAX_LEN).parse::<ETag>().is_ok());
    }
}
