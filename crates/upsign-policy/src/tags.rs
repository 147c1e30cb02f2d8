//! Object tags: `x-amz-tagging`.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::percent::{is_unreserved, push_percent};

/// Tags of an object, at most 10.
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

/// Why a key and value cannot be a tag. None of these shows the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTag {
    /// The key is not 1 to 128 characters.
    #[error("the key of a tag has 1 to 128 characters")]
    Key,
    /// The value is over 256 characters.
    #[error("the value of a tag has at most 256 characters")]
    Value,
    /// A character other than letters, digits, spaces and `+ - = . _ : / @ & %`.
    #[error("a tag holds letters, digits, spaces and + - = . _ : / @ & % only")]
    Character,
    /// The key starts with `aws:`.
    #[error("tags that start with aws: belong to AWS")]
    Reserved,
    /// The key is there already.
    #[error("the key of a tag is given twice")]
    Repeated,
    /// There are 10 already.
    #[error("an object has at most 10 tags")]
    TooMany,
}

impl Tags {
    /// The most tags an object has.
    pub const MAX: usize = 10;

    const MAX_KEY: usize = 128;
    const MAX_VALUE: usize = 256;

    /// No tags.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a tag.
    ///
    /// # Errors
    /// [`InvalidTag`]; nothing is added then.
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
        if self.0.iter().any(|(have, _)| **have == *key) {
            return Err(InvalidTag::Repeated);
        }
        if self.0.len() >= Self::MAX {
            return Err(InvalidTag::TooMany);
        }
        self.0.push((key.into(), value.into()));
        Ok(())
    }

    /// Keys and values as they were meant, in the order given.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))
    }

    /// The header's value: `key=value` joined by `&`, all else percent-encoded.
    #[must_use]
    pub fn header(&self) -> String {
        let mut out = String::new();
        for (key, value) in self.iter() {
            if !out.is_empty() {
                out.push('&');
            }
            push_percent(&mut out, key, is_unreserved);
            out.push('=');
            push_percent(&mut out, value, is_unreserved);
        }
        out
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether there are more characters than that, without counting a megabyte of them.
fn is_longer(text: &str, most: usize) -> bool {
    text.chars().nth(most).is_some()
}

/// AWS names letters, digits, spaces and `+ - = . _ : / @`. Combining marks belong to letters in most scripts; `&` and `%`
/// are unmistakable once encoded, and whether a store takes them is the store's to say.
fn is_tag_char(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || " +-=._:/@&%".contains(c);
    }
    matches!(
        c.general_category_group(),
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark | GeneralCategoryGroup::Number
    ) || c.is_whitespace() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_tag_stays_one_tag() {
        let mut tags = Tags::new();
        for (key, value) in [("a", "b&admin=true"), ("a=b", "c"), ("é", "日"), ("empty", "")] {
            tags.insert(key, value).unwrap();
        }
        assert_eq!(tags.header(), "a=b%26admin%3Dtrue&a%3Db=c&%C3%A9=%E6%97%A5&empty=");
    }

    #[test]
    fn refused() {
        let mut tags = Tags::new();
        tags.insert("k", "v").unwrap();
        for (key, value, why) in [
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
            assert_eq!(tags.insert(key, value), Err(why), "{value:?}");
        }
        for number in 1..10 {
            tags.insert(&format!("k{number}"), "v").unwrap();
        }
        assert_eq!(tags.insert("k10", "v"), Err(InvalidTag::TooMany));
        Tags::new().insert(&"é".repeat(128), &"日".repeat(256)).unwrap();
    }

    proptest! {
        #[test]
        fn always_visible_ascii(key in any::<String>(), value in "[ -~é日]{0,20}") {
            let mut tags = Tags::new();
            if tags.insert(&key, &value).is_ok() {
                let header = tags.header();
                prop_assert!(header.bytes().all(|byte| matches!(byte, b'!'..=b'~')));
                prop_assert_eq!(header.matches('=').count(), 1);
            }
        }
    }
}
