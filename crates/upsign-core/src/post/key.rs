//! Keys of form uploads.

use std::fmt;
use std::str::FromStr;

use crate::request::key::{InvalidObjectKey, ObjectKey};

/// The `key` field of a form: an object key, or a prefix to which S3 appends the name of the uploaded file.
///
/// A prefix is written with the variable `${filename}` at its end. S3 replaces the variable by the file's name before
/// it checks the policy, so the policy contains a `starts-with` condition for the prefix. With the variable at any
/// other position, S3 would reject every form, so such a key is an error.
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
    /// The key, or the prefix before the file's name.
    text: Box<str>,
    is_prefix: bool,
}

/// The variable that S3 replaces by the name of the uploaded file.
pub(crate) const FILE_NAME: &str = "${filename}";

/// The reason why a text is not a [`PostKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPostKey {
    /// The key, or any key with this prefix, is not an [`ObjectKey`].
    #[error(transparent)]
    Key(#[from] InvalidObjectKey),
    /// The text contains `${filename}` at another position than its end.
    #[error(
        "`${{filename}}` is allowed only at the end of a key: S3 replaces it before it checks the policy"
    )]
    FileName,
}

impl PostKey {
    /// Allows exactly this key.
    ///
    /// The key must not contain `${filename}`, because S3 would replace it and then reject the form. Parsing a text
    /// checks this; this function does not.
    #[must_use]
    pub fn exact(key: &ObjectKey) -> Self {
        Self { text: key.as_str().into(), is_prefix: false }
    }

    /// Allows all keys that start with `prefix`. S3 appends the name of the uploaded file.
    ///
    /// The prefix may be empty.
    ///
    /// # Errors
    /// Returns an error if no [`ObjectKey`] can start with the prefix, or if the prefix contains `${filename}`.
    pub fn starting_with(prefix: &str) -> Result<Self, InvalidPostKey> {
        if prefix.contains(FILE_NAME) {
            return Err(InvalidPostKey::FileName);
        }
        // The prefix is valid if it forms a key together with a file name.
        format!("{prefix}x").parse::<ObjectKey>()?;
        Ok(Self { text: prefix.into(), is_prefix: true })
    }

    /// Returns the key, or the prefix without `${filename}`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns `true` if this is a prefix to which S3 appends the name of the uploaded file.
    #[must_use]
    pub const fn is_prefix(&self) -> bool {
        self.is_prefix
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
    /// Writes the value of the form's `key` field.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.text, if self.is_prefix { FILE_NAME } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_prefixes_parse() {
        for (text, before, is_prefix) in [
            ("a/b.jpg", "a/b.jpg", false),
            ("a/${filename}", "a/", true),
            ("a-${filename}", "a-", true),
            ("${filename}", "", true),
            ("folder/", "folder/", false),
        ] {
            let key: PostKey = text.parse().unwrap();
            assert_eq!((key.as_str(), key.is_prefix(), key.to_string().as_str()), (before, is_prefix, text));
        }
    }

    #[test]
    fn invalid_keys_and_variables_are_rejected() {
        let misplaced = ["${filename}.jpg", "a/${filename}/b", "${filename}${filename}"];
        for text in misplaced {
            assert_eq!(text.parse::<PostKey>(), Err(InvalidPostKey::FileName), "{text}");
        }
        for (text, error) in [
            ("", InvalidObjectKey::Empty),
            ("../x", InvalidObjectKey::DotSegment),
            ("../${filename}", InvalidObjectKey::DotSegment),
            ("/${filename}", InvalidObjectKey::EmptySegment),
            ("a//${filename}", InvalidObjectKey::EmptySegment),
            ("a\r\nb", InvalidObjectKey::Control),
        ] {
            assert_eq!(text.parse::<PostKey>(), Err(InvalidPostKey::Key(error)), "{text}");
        }
    }
}
