//! User-defined metadata: the headers `x-amz-meta-…`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use upsign_core::Pairs;

use crate::encoding::token::is_token;

/// User-defined metadata of an object. Names are lower case; a value is any text without control characters.
///
/// A value of visible ASCII is sent unchanged, unless signing or S3 would change it: a value with leading, trailing or
/// repeated spaces, or with `=?`, is encoded. Such a value and any other value are sent as encoded words of RFC 2047, which
/// S3 decodes and also uses when it returns them.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>.
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

/// The reason why a name and a value are not valid metadata. The messages never contain them, because they may come from
/// the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMetadata {
    /// The name is not an RFC 9110 token of at most 128 bytes.
    #[error("a metadata name must be 1 to 128 letters, digits and !#$%&'*+-.^_`|~")]
    Name,
    /// The name exists already. Upper and lower case are not distinguished.
    #[error("a metadata name occurs twice (upper and lower case are not distinguished)")]
    Repeated,
    /// The value contains a control character.
    #[error("a metadata value must not contain control characters")]
    Value,
    /// All names and values together are larger than S3 allows.
    #[error("all metadata names and values together must have at most 2048 bytes")]
    TooLarge,
    /// All names and values together leave no room for the claim of
    /// [`ConfirmationOptions::with_claim`](crate::ConfirmationOptions::with_claim).
    #[error("all metadata names and values together must have at most 1472 bytes")]
    TooLargeWithClaim,
}

impl Metadata {
    /// The limit of S3 for all names and values together, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 2_048;

    pub(crate) const MAX_NAME: usize = 128;

    /// Returns an empty set of metadata.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds an entry. `name` is given without `x-amz-meta-` and is converted to lower case.
    ///
    /// # Errors
    /// Returns [`InvalidMetadata`] if the name is malformed or exists already, if the value contains control characters, or
    /// if the metadata would exceed [`MAX_BYTES`](Self::MAX_BYTES). Nothing is added in that case.
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

    /// Returns the value of a name, which is given in lower case and without `x-amz-meta-`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| **known == *name).map(|(_, value)| value.as_ref())
    }

    /// Returns the names and the decoded values in the order of insertion.
    pub fn iter(&self) -> Pairs<'_> {
        Pairs::from(self.0.as_slice())
    }

    /// Returns the headers: the full name, and the value encoded as visible ASCII.
    pub fn headers(&self) -> impl Iterator<Item = (String, String)> {
        self.iter().map(|(name, value)| (format!("x-amz-meta-{name}"), header_value(value)))
    }

    /// Returns whether there are no entries.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.iter().map(|(name, value)| name.len() + value.len()).sum()
    }
}

fn header_value(value: &str) -> String {
    let visible = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    // The canonical request of SigV4 trims values and folds runs of spaces, so such a value would not arrive unchanged. A
    // value that contains `=?` must be encoded because S3 would decode it.
    let changed_by_signing = value.starts_with(' ') || value.ends_with(' ') || value.contains("  ");
    if visible && !changed_by_signing && !value.contains("=?") {
        value.to_owned()
    } else {
        encoded_words(value)
    }
}

/// Returns the value as encoded words (RFC 2047 sections 2 and 5), separated by spaces. A word has at most 75 characters, and
/// no character is split between two words.
fn encoded_words(value: &str) -> String {
    // 45 bytes are 60 characters of base64; with `=?UTF-8?B?` and `?=`, a word has 72 characters.
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

impl<'a> IntoIterator for &'a Metadata {
    type Item = (&'a str, &'a str);
    type IntoIter = Pairs<'a>;

    fn into_iter(self) -> Pairs<'a> {
        self.iter()
    }
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
    fn invalid_metadata_is_rejected() {
        let mut metadata = Metadata::new();
        metadata.insert("Ab", "1").unwrap();
        for (name, value, error) in [
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
            assert_eq!(metadata.insert(name, value), Err(error), "{name:?}");
        }
        assert_eq!(metadata.iter().collect::<Vec<_>>(), [("ab", "1")]);
        metadata.insert("a-b", "1").unwrap();
        metadata.insert("a_b", "2").unwrap();
    }

    #[test]
    fn total_size_is_limited() {
        let mut metadata = Metadata::new();
        metadata.insert("a", &"x".repeat(2_047)).unwrap();
        assert_eq!(metadata.insert("b", ""), Err(InvalidMetadata::TooLarge));
    }

    proptest! {
        #[test]
        fn header_values_are_visible_ascii(value in any::<String>()) {
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
