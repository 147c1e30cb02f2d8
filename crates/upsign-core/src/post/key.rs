//! The key of a form upload.

use std::fmt;
use std::str::FromStr;

use crate::request::key::{InvalidObjectKey, ObjectKey};

/// What a form's `key` field may hold: one key, or a prefix followed by the name of the file that the browser sends.
///
/// S3 puts the file's name in place of `${filename}` after it has read the field, so a policy can hold for such a key
/// only when the variable stands at its end, as `starts-with`. Anywhere else the form could never be accepted, and is
/// refused here.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html>.
///
/// ```
/// use upsign_core::{InvalidPostKey, PostKey};
/// assert!("uploads/7.jpg".parse::<PostKey>().is_ok());
/// assert!("uploads/${filename}".parse::<PostKey>().is_ok());
/// assert_eq!("uploads/${filename}.jpg".parse::<PostKey>(), Err(InvalidPostKey::FileName));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PostKey {
    /// The key, or what stands before the file's name.
    text: Box<str>,
    file_name: bool,
}

pub(crate) const FILE_NAME: &str = "${filename}";

/// Why a text is not a [`PostKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPostKey {
    /// No object can have such a key.
    #[error(transparent)]
    Key(#[from] InvalidObjectKey),
    /// `${filename}` stands elsewhere than at the end.
    #[error(
        "`${{filename}}` can only end a key: S3 puts the file's name there before it looks at the policy"
    )]
    FileName,
}

impl PostKey {
    /// Exactly this key. S3 replaces `${filename}` wherever it stands, so it accepts no form for a key that holds it:
    /// parsing a text refuses such a key.
    #[must_use]
    pub fn exact(key: &ObjectKey) -> Self {
        Self { text: key.as_str().into(), file_name: false }
    }

    /// Any key that starts with `prefix`: the file's name follows it.
    ///
    /// # Errors
    /// [`InvalidPostKey`] for a prefix that no key can start with. It may be empty.
    pub fn starting_with(prefix: &str) -> Result<Self, InvalidPostKey> {
        if prefix.contains(FILE_NAME) {
            return Err(InvalidPostKey::FileName);
        }
        // With any file name behind it, it must be a key.
        format!("{prefix}x").parse::<ObjectKey>()?;
        Ok(Self { text: prefix.into(), file_name: true })
    }

    /// The key, or the prefix that all keys start with.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the file's name follows.
    #[must_use]
    pub const fn is_prefix(&self) -> bool {
        self.file_name
    }
}

impl FromStr for PostKey {
    type Err = InvalidPostKey;

    fn from_str(text: &str) -> Result<Self, InvalidPostKey> {
        match text.strip_suffix(FILE_NAME) {
            Some(prefix) => Self::starting_with(prefix),
            None if text.contains(FILE_NAME) => Err(InvalidPostKey::FileName),
            None => Ok(Self::exact(&text.parse()?)),
        }
    }
}

impl fmt::Display for PostKey {
    /// The value of the form's `key` field.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.text, if self.file_name { FILE_NAME } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_prefixes() {
        for (text, before, file_name) in [
            ("a/b.jpg", "a/b.jpg", false),
            ("a/${filename}", "a/", true),
            ("a-${filename}", "a-", true),
            ("${filename}", "", true),
            ("folder/", "folder/", false),
        ] {
            let key: PostKey = text.parse().unwrap();
            assert_eq!((key.as_str(), key.is_prefix(), key.to_string().as_str()), (before, file_name, text));
        }
    }

    #[test]
    fn what_no_object_can_be_called() {
        let file_name = ["${filename}.jpg", "a/${filename}/b", "${filename}${filename}"];
        for text in file_name {
            assert_eq!(text.parse::<PostKey>(), Err(InvalidPostKey::FileName), "{text}");
        }
        for (text, why) in [
            ("", InvalidObjectKey::Empty),
            ("../x", InvalidObjectKey::DotSegment),
            ("../${filename}", InvalidObjectKey::DotSegment),
            ("/${filename}", InvalidObjectKey::EmptySegment),
            ("a//${filename}", InvalidObjectKey::EmptySegment),
            ("a\r\nb", InvalidObjectKey::Control),
        ] {
            assert_eq!(text.parse::<PostKey>(), Err(InvalidPostKey::Key(why)), "{text}");
        }
    }
}
