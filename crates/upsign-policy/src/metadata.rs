//! User-defined metadata: `x-amz-meta-…`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::content_type::is_token;

/// User-defined metadata of an object: lower-case names, any text without control characters as value.
///
/// A value that is visible ASCII goes into its header as it is; any other as RFC 2047 encoded words, which S3 reads
/// back and which it writes itself when it returns such values
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>).
///
/// ```
/// use upsign_policy::Metadata;
/// let mut metadata = Metadata::new();
/// metadata.insert("Title", "Café")?;
/// assert_eq!(metadata.headers().collect::<Vec<_>>(), [("x-amz-meta-title".into(), "=?UTF-8?B?Q2Fmw6k=?=".into())]);
/// # Ok::<(), upsign_policy::InvalidMetadata>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata(Vec<(Box<str>, Box<str>)>);

/// Why a name and value cannot be metadata. None of these shows the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMetadata {
    /// The name is not an RFC 9110 token of at most 128 bytes.
    #[error("a metadata name is 1 to 128 letters, digits and !#$%&'*+-.^_`|~")]
    Name,
    /// The name is there already, in whatever letter case.
    #[error("a metadata name is given twice: letter case makes no difference")]
    Repeated,
    /// The value holds a control character.
    #[error("a metadata value holds no control characters")]
    Value,
    /// Names and values together are more than S3 keeps.
    #[error("names and values of metadata have at most 2048 bytes together")]
    TooLarge,
}

impl Metadata {
    /// What S3 keeps: the bytes of all names and values in UTF-8.
    pub const MAX_BYTES: usize = 2_048;

    const MAX_NAME: usize = 128;

    /// No metadata.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a name (without `x-amz-meta-`) and its value.
    ///
    /// # Errors
    /// [`InvalidMetadata`]; nothing is added then.
    pub fn insert(&mut self, name: &str, value: &str) -> Result<(), InvalidMetadata> {
        if name.len() > Self::MAX_NAME || !is_token(name) {
            return Err(InvalidMetadata::Name);
        }
        let name = name.to_ascii_lowercase();
        if self.get(&name).is_some() {
            return Err(InvalidMetadata::Repeated);
        }
        if self.bytes() + name.len() + value.len() > Self::MAX_BYTES {
            return Err(InvalidMetadata::TooLarge);
        }
        if value.chars().any(char::is_control) {
            return Err(InvalidMetadata::Value);
        }
        self.0.push((name.into(), value.into()));
        Ok(())
    }

    /// The value of a name, lower-case and without `x-amz-meta-`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(have, _)| **have == *name).map(|(_, value)| value.as_ref())
    }

    /// Names and values as they were meant, in the order given.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The headers: full name, and value in visible ASCII.
    pub fn headers(&self) -> impl Iterator<Item = (String, String)> {
        self.iter().map(|(name, value)| (format!("x-amz-meta-{name}"), header_value(value)))
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn bytes(&self) -> usize {
        self.iter().map(|(name, value)| name.len() + value.len()).sum()
    }
}

fn header_value(value: &str) -> String {
    let visible = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    // Signing folds and trims spaces, and S3 reads what looks like an encoded word.
    let folded = value.starts_with(' ') || value.ends_with(' ') || value.contains("  ");
    if visible && !folded && !value.contains("=?") { value.to_owned() } else { encoded_words(value) }
}

/// RFC 2047 sections 2 and 5: words of at most 75 characters, none of which splits a character, a space between them.
fn encoded_words(value: &str) -> String {
    const BYTES_IN_WORD: usize = 45;
    let mut out = String::with_capacity(value.len() * 2);
    let mut rest = value;
    while !rest.is_empty() {
        let (word, after) =
            rest.split_at_checked(rest.floor_char_boundary(BYTES_IN_WORD)).unwrap_or((rest, ""));
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str("=?UTF-8?B?");
        STANDARD.encode_string(word, &mut out);
        out.push_str("?=");
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(value: &str, header: &str) {
        assert_eq!(header_value(value), header);
    }

    #[test]
    fn header_values() {
        check("hello", "hello");
        check("x, y", "x, y");
        check("", "");
        check("café", "=?UTF-8?B?Y2Fmw6k=?=");
        check(" a", "=?UTF-8?B?IGE=?=");
        check("a  b", "=?UTF-8?B?YSAgYg==?=");
        check("=?UTF-8?Q?x?=", "=?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?=");
        let long = header_value(&"é".repeat(30));
        assert_eq!(long.split(' ').map(str::len).collect::<Vec<_>>(), [72, 36]);
    }

    #[test]
    fn refused() {
        let mut metadata = Metadata::new();
        metadata.insert("Ab", "1").unwrap();
        for (name, value, why) in [
            ("", "x", InvalidMetadata::Name),
            (":", "x", InvalidMetadata::Name),
            ("a b", "x", InvalidMetadata::Name),
            ("a: b\nx", "x", InvalidMetadata::Name),
            ("café", "x", InvalidMetadata::Name),
            (&"n".repeat(129), "x", InvalidMetadata::Name),
            ("aB", "2", InvalidMetadata::Repeated),
            ("b", "c\nd", InvalidMetadata::Value),
            ("b", "x\u{7f}y", InvalidMetadata::Value),
            ("b", "\u{85}", InvalidMetadata::Value),
            ("b", "x\0", InvalidMetadata::Value),
            ("b", &"x".repeat(1 << 20), InvalidMetadata::TooLarge),
        ] {
            assert_eq!(metadata.insert(name, value), Err(why), "{name:?}");
        }
        assert_eq!(metadata.iter().collect::<Vec<_>>(), [("ab", "1")]);
        metadata.insert("a-b", "1").unwrap();
        metadata.insert("a_b", "2").unwrap();
    }

    #[test]
    fn two_kilobytes_and_no_byte_more() {
        let mut metadata = Metadata::new();
        metadata.insert("a", &"x".repeat(2_047)).unwrap();
        assert_eq!(metadata.insert("b", ""), Err(InvalidMetadata::TooLarge));
    }

    proptest! {
        #[test]
        fn always_visible_ascii(value in any::<String>()) {
            let mut metadata = Metadata::new();
            if metadata.insert("a", &value).is_ok() {
                for (_, value) in metadata.headers() {
                    prop_assert!(value.bytes().all(|byte| matches!(byte, b' '..=b'~')));
                    prop_assert!(!value.contains("  ") && value.trim() == value);
                }
            }
        }
    }
}
