//! Reasons why a text is not a key template.

use std::fmt;

use crate::key::id_name::{IdName, InvalidIdName};

/// The reason why a text is not a [`KeyTemplate`](crate::KeyTemplate).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKeyTemplate {
    /// The text is empty.
    #[error(
        "a key template must not be empty; for example, write `articles/{{article_id}}/raw/{{id}}.{{ext}}`"
    )]
    Empty,
    /// Even the shortest key is longer than S3 allows.
    #[error("the shortest key of this template has {0} bytes, but S3 allows at most 1024")]
    TooLong(usize),
    /// The literal text contains `*` or `?`.
    #[error("a template must not contain `{0}`, which is a wildcard in IAM resources")]
    Wildcard(char),
    /// The literal text contains `${`.
    #[error(
        "a template must not contain `${{`, which starts an IAM policy variable; write a placeholder as `{{name}}`"
    )]
    PolicyVariable,
    /// A `{` has no matching `}`, or the reverse.
    #[error("a `{0}` in the template has no matching brace")]
    Unbalanced(char),
    /// A placeholder has an unknown name.
    #[error("unknown placeholder `{{{name}}}`{}", Suggestion(.nearest))]
    Unknown {
        /// The first 64 characters of the name, escaped.
        name: Box<str>,
        /// The known name with the most similar spelling, if one is similar enough.
        nearest: Option<Box<str>>,
    },
    /// A placeholder that ends in `_id` cannot declare an id. Only parsing with `FromStr` returns this.
    #[error("the placeholder `{{{name}}}` cannot declare an id")]
    Id {
        /// The first 64 characters of the name, escaped.
        name: Box<str>,
        /// The reason.
        source: InvalidIdName,
    },
    /// `{claim:…}` does not contain the name of a claim.
    #[error(
        "`{{claim:NAME}}` needs a claim name of 1 to 64 letters, digits, `_`, `-`, `.` and `:`, for example `{{claim:custom:tenant}}`"
    )]
    Claim,
    /// The literal text contains a control character, an invisible character, or one that looks like a slash.
    #[error(
        "the literal text of a template must not contain {0:?}, which is a control character, invisible, or similar to a slash"
    )]
    Character(char),
    /// The literal text is not in Unicode normalization form C.
    #[error("the literal text of a template must be in Unicode normalization form C")]
    NotNormalized,
    /// The template starts or ends with `/`, or contains `//`.
    #[error("a template must not start or end with `/`, and must not contain `//`")]
    EmptySegment,
    /// A segment is `.` or `..`.
    #[error("a template must not contain a segment `.` or `..`: browsers remove such segments from URLs")]
    DotSegment,
    /// Two placeholders of variable length cannot be separated in a key.
    #[error(
        "`{first}` and `{second}` cannot be separated in a key: put `/` or a character that `{first}` cannot contain between them"
    )]
    Ambiguous {
        /// The first placeholder, in braces.
        first: Box<str>,
        /// The second placeholder, in braces.
        second: Box<str>,
    },
    /// An id is declared twice, or two ids have the same wire name.
    #[error("the ids `{0}` and `{1}` have the same name in the response")]
    Duplicate(IdName, IdName),
}

/// The end of the message for an unknown placeholder: a similar name, or every built-in one.
struct Suggestion<'a>(&'a Option<Box<str>>);

impl fmt::Display for Suggestion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => write!(f, ": did you mean `{{{name}}}`?"),
            None => f.write_str(
                ": declare it as an id, or use {id}, {id:sealed}, {issuer}, {sub}, {group}, {claim:NAME}, {ext}, {filename}, {date} or {sha256}",
            ),
        }
    }
}
