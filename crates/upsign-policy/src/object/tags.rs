//! Object tags: the header `x-amz-tagging`.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
use upsign_core::Pairs;

use crate::encoding::percent::{is_unreserved, push_percent};

/// The tags of an object, at most 10.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>.
///
/// ```
/// use upsign_policy::Tags;
/// let mut tags = Tags::new();
/// tags.insert("team", "a & b")?;
/// assert_eq!(tags.header(), "team=a%20%26%20b");
/// # Ok::<(), upsign_policy::InvalidTag>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(Vec<(Box<str>, Box<str>)>);

/// The reason why a key and a value are not a valid tag. The messages never contain them, because they may come from the
/// client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTag {
    /// The key is empty or has more than 128 characters.
    #[error("the key of a tag must have 1 to 128 characters")]
    Key,
    /// The value has more than 256 characters.
    #[error("the value of a tag must have at most 256 characters")]
    Value,
    /// The key or the value contains a character other than letters, digits, spaces and `+ - = . _ : / @ & %`.
    #[error("a tag must consist of letters, digits, spaces and + - = . _ : / @ & %")]
    Character,
    /// The key starts with `aws:`.
    #[error("tags that start with aws: are reserved for AWS")]
    Reserved,
    /// The key exists already.
    #[error("the key of a tag occurs twice")]
    Repeated,
    /// There are 10 tags already.
    #[error("an object can have at most 10 tags")]
    TooMany,
}

impl Tags {
    /// The limit of S3 for the tags of one object.
    pub const MAX: usize = 10;

    const MAX_KEY: usize = 128;
    const MAX_VALUE: usize = 256;

    /// Returns an empty set of tags.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a tag.
    ///
    /// # Errors
    /// Returns [`InvalidTag`] if the key or the value is malformed or too long, if the key exists already or is reserved,
    /// or if there are [`MAX`](Self::MAX) tags already. Nothing is added in that case.
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), InvalidTag> {
        if key.is_empty() || is_longer(key, Self::MAX_KEY) {
            return Err(InvalidTag::Key);
        }
        if is_longer(value, Self::MAX_VALUE) {
            return Err(InvalidTag::Value);
        }
        if !key.chars().chain(value.chars()).all(is_tag_char) {
            return Err(InvalidTag::Character);
        }
        if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            return Err(InvalidTag::Reserved);
        }
        if self.0.iter().any(|(known, _)| **known == *key) {
            return Err(InvalidTag::Repeated);
        }
        if self.0.len() >= Self::MAX {
            return Err(InvalidTag::TooMany);
        }
        self.0.push((key.into(), value.into()));
        Ok(())
    }

    /// Returns the keys and the decoded values in the order of insertion.
    pub fn iter(&self) -> Pairs<'_> {
        Pairs::from(self.0.as_slice())
    }

    /// Returns the value of the header: `key=value` pairs joined by `&`, with keys and values percent-encoded.
    #[must_use]
    pub fn header(&self) -> String {
        let mut out = String::new();
        for (key, value) in self {
            if !out.is_empty() {
                out.push('&');
            }
            push_percent(&mut out, key, is_unreserved);
            out.push('=');
            push_percent(&mut out, value, is_unreserved);
        }
        out
    }

    /// Returns whether there are no tags.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Returns whether `text` has more than `max` characters. It stops after `max` characters, because the text may be long.
fn is_longer(text: &str, max: usize) -> bool {
    text.chars().nth(max).is_some()
}

/// Returns whether a tag may contain this character.
///
/// AWS documents letters, digits, spaces and `+ - = . _ : / @`. Combining marks are allowed too, because they are part of
/// letters in most scripts. `&` and `%` are allowed because they are unambiguous once encoded; a store may still refuse them.
fn is_tag_char(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || " +-=._:/@&%".contains(c);
    }
    matches!(
        c.general_category_group(),
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark | GeneralCategoryGroup::Number
    ) || c.is_whitespace() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}')
}

impl<'a> IntoIterator for &'a Tags {
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

    #[test]
    fn separators_in_a_tag_are_encoded() {
        let mut tags = Tags::new();
        for (key, value) in [("a", "b&admin=true"), ("a=b", "c"), ("é", "日"), ("empty", "")] {
            tags.insert(key, value).unwrap();
        }
        assert_eq!(tags.header(), "a=b%26admin%3Dtrue&a%3Db=c&%C3%A9=%E6%97%A5&empty=");
    }

    #[test]
    fn invalid_tags_are_rejected() {
        let mut tags = Tags::new();
        tags.insert("k", "v").unwrap();
        for (key, value, error) in [
            ("", "v", InvalidTag::Key),
            (&*"k".repeat(129), "v", InvalidTag::Key),
            (&"k".repeat(1 << 20), "v", InvalidTag::Key),
            ("a", &"v".repeat(257), InvalidTag::Value),
            ("a<b>", "v", InvalidTag::Character),
            ("a", "{}", InvalidTag::Character),
            ("a", "b\r\nc", InvalidTag::Character),
            ("a", "\u{200b}", InvalidTag::Character),
            ("aws:x", "v", InvalidTag::Reserved),
            ("AWS:x", "v", InvalidTag::Reserved),
            ("k", "w", InvalidTag::Repeated),
        ] {
            assert_eq!(tags.insert(key, value), Err(error), "{value:?}");
        }
        for number in 1..10 {
            tags.insert(&format!("k{number}"), "v").unwrap();
        }
        assert_eq!(tags.insert("k10", "v"), Err(InvalidTag::TooMany));
        Tags::new().insert(&"é".repeat(128), &"日".repeat(256)).unwrap();
    }

    proptest! {
        #[test]
        fn header_is_visible_ascii(key in any::<String>(), value in "[ -~é日]{0,20}") {
            let mut tags = Tags::new();
            if tags.insert(&key, &value).is_ok() {
                let header = tags.header();
                prop_assert!(header.bytes().all(|byte| matches!(byte, b'!'..=b'~')));
                prop_assert_eq!(header.matches('=').count(), 1);
            }
        }
    }
}
