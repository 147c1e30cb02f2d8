//! Key templates: where an upload goes.

mod expand;
mod extent;
mod nearest;
mod parse;
mod project;
mod read;

use std::fmt;

use crate::IdName;

pub use read::{ForeignKey, KeyParts};

pub(crate) use expand::{Unfilled, Values};

/// The names no declared id may take.
pub(crate) const BUILT_IN: [&str; 9] =
    ["claim", "date", "ext", "filename", "group", "id", "sha256", "sub", "uuid"];

/// The layout of keys: literal text and placeholders, as in `articles/{article_id}/raw/{id}.{ext}`.
///
/// | placeholder | becomes |
/// | --- | --- |
/// | `{id}`, `{uuid}` | the fresh, unguessable id of this upload, a lower-case UUID |
/// | `{article_id}` (declared) | the fresh UUID of a declared id |
/// | `{sub}` | the caller's subject in tilde encoding ([`encode_claim`](crate::encode_claim)) |
/// | `{group}` | the caller's one group that counts, in tilde encoding |
/// | `{claim:custom:tenant}` | that claim of the caller, in tilde encoding |
/// | `{ext}` | the extension of the content type, from the policy's table |
/// | `{filename}` | the client's file name, checked |
/// | `{date}` | the UTC day of the request, `2026-01-31` |
/// | `{sha256}` | the checksum the client states, in lower-case hex |
///
/// Expansion is one pass: what a placeholder becomes is never read again. A template is refused unless two different
/// uploads are sure to get different keys: it must hold a generated id or `{sha256}`, and parts of variable length that
/// share a segment must be told apart by what stands between them. For the same reason a key can be read back
/// ([`parse_key`](KeyTemplate::parse_key)).
///
/// ```
/// use upsign_policy::{IdName, KeyTemplate};
/// let ids: Vec<IdName> = vec!["article_id".parse()?];
/// let template = KeyTemplate::parse("articles/{article_id}/raw/{id}.{ext}", &ids)?;
/// assert_eq!(template.literal_prefix(), "articles/");
/// assert_eq!(template.arn_pattern(), "articles/*/raw/*.*");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTemplate {
    text: Box<str>,
    segments: Box<[Segment]>,
    ids: Box<[IdName]>,
}

/// What stands between two `/` of a template. Never empty.
pub(crate) type Segment = Box<[Piece]>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Literal(Box<str>),
    Slot(Placeholder),
}

/// One placeholder of a template.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Placeholder {
    /// `{id}` or `{uuid}`.
    Id,
    /// A declared id.
    Named(IdName),
    /// `{sub}`.
    Subject,
    /// `{group}`.
    Group,
    /// `{claim:NAME}`.
    Claim(Box<str>),
    /// `{ext}`.
    Extension,
    /// `{filename}`.
    FileName,
    /// `{date}`.
    Date,
    /// `{sha256}`.
    Sha256,
}

/// Why a text is not a [`KeyTemplate`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTemplate {
    /// No text.
    #[error("a key template needs text, as in `articles/{{article_id}}/raw/{{id}}.{{ext}}`")]
    Empty,
    /// The shortest key it can make is over S3's limit.
    #[error("the shortest key of this template has {0} bytes, S3 allows 1024")]
    TooLong(usize),
    /// A literal `*` or `?`.
    #[error("a template holds no `{0}`: in an IAM resource it is a wildcard")]
    Wildcard(char),
    /// A literal `${`.
    #[error(
        "a template holds no `${{`: it begins an IAM policy variable; a placeholder is written `{{name}}`"
    )]
    PolicyVariable,
    /// A `{` without its `}`, or the reverse.
    #[error("a `{0}` in the template has no partner")]
    Unbalanced(char),
    /// A placeholder of no known name.
    #[error("unknown placeholder `{{{name}}}`{}", Nearest(.nearest))]
    Unknown {
        /// The name, with odd characters escaped.
        name: Box<str>,
        /// The known name that is spelled most alike.
        nearest: Option<Box<str>>,
    },
    /// `{claim:…}` without the name of a claim.
    #[error(
        "`{{claim:…}}` names a claim of 1 to 64 letters, digits, `_`, `-`, `.` and `:`, as in `{{claim:custom:tenant}}`"
    )]
    Claim,
    /// A control, invisible or path-like character in the literal text.
    #[error("the template's literal text holds {0:?}, which is invisible, a control or path-like")]
    Character(char),
    /// Literal text that is not in Unicode normalisation form C.
    #[error("the template's literal text must be in Unicode normalisation form C")]
    NotNormalised,
    /// A leading, trailing or doubled `/`.
    #[error("a template starts and ends with no `/` and holds no `//`")]
    EmptySegment,
    /// A segment `.` or `..`.
    #[error("a template has no segment `.` or `..`: browsers remove them")]
    DotSegment,
    /// Nothing in it makes two uploads differ.
    #[error("two uploads could get one key: add `{{id}}` (or a declared id, or `{{sha256}}`)")]
    NoId,
    /// Two parts of variable length that cannot be told apart in a key.
    #[error(
        "`{first}` and `{second}` run into each other: put a `/` between them, or a character that `{first}` never becomes"
    )]
    Ambiguous {
        /// The first of the two, in braces.
        first: Box<str>,
        /// What follows it, in braces.
        second: Box<str>,
    },
    /// One id is declared twice, or two have one wire name.
    #[error("the ids `{0}` and `{1}` have one name in the response")]
    Duplicate(IdName, IdName),
}

struct Nearest<'a>(&'a Option<Box<str>>);

impl fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => write!(f, ": did you mean `{{{name}}}`?"),
            None => f.write_str(
                ": declare it as an id, or use {id}, {sub}, {group}, {claim:NAME}, {ext}, {filename}, {date} or {sha256}",
            ),
        }
    }
}

impl KeyTemplate {
    /// Reads a template. `ids` are the declared ids; each may stand in the template as `{name}`.
    ///
    /// # Errors
    /// [`InvalidTemplate`].
    pub fn parse(text: &str, ids: &[IdName]) -> Result<Self, InvalidTemplate> {
        parse::parse(text, ids)
    }

    /// The template as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The declared ids, whether they stand in the template or not.
    #[must_use]
    pub fn ids(&self) -> &[IdName] {
        &self.ids
    }

    /// The placeholders, in order of appearance.
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.segments.iter().flat_map(|segment| segment.iter()).filter_map(|piece| match piece {
            Piece::Slot(slot) => Some(slot),
            Piece::Literal(_) => None,
        })
    }

    /// Whether a placeholder stands in the template.
    #[must_use]
    pub fn uses(&self, placeholder: &Placeholder) -> bool {
        self.placeholders().any(|have| have == placeholder)
    }
}

impl fmt::Display for KeyTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Placeholder {
    /// The name between the braces; of a claim, what follows `claim:`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Claim(name) => name,
            Self::Id => "id",
            Self::Named(name) => name.as_str(),
            Self::Subject => "sub",
            Self::Group => "group",
            Self::Extension => "ext",
            Self::FileName => "filename",
            Self::Date => "date",
            Self::Sha256 => "sha256",
        }
    }

    /// The length of its expansion in bytes, if it is always the same.
    pub(crate) const fn fixed_len(&self) -> Option<usize> {
        match self {
            Self::Id | Self::Named(_) => Some(36),
            Self::Date => Some(10),
            Self::Sha256 => Some(64),
            Self::Subject | Self::Group | Self::Claim(_) | Self::Extension | Self::FileName => None,
        }
    }

    /// Whether its expansion can hold every character of a UUID, a date and a hash.
    pub(crate) const fn can_hold_any_id(&self) -> bool {
        matches!(self, Self::Subject | Self::Group | Self::Claim(_))
    }

    /// Whether its expansion can hold this character. Of interest where the length varies.
    pub(crate) fn can_hold(&self, c: char) -> bool {
        match self {
            Self::Subject | Self::Group | Self::Claim(_) => crate::claim::is_claim_char(c),
            Self::Extension => c.is_ascii_lowercase() || c.is_ascii_digit(),
            Self::FileName => c != '/',
            Self::Id | Self::Named(_) | Self::Date | Self::Sha256 => c.is_ascii_hexdigit() || c == '-',
        }
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claim(name) => write!(f, "{{claim:{name}}}"),
            _ => write!(f, "{{{}}}", self.name()),
        }
    }
}

impl Piece {
    pub(crate) fn fixed_len(&self) -> Option<usize> {
        match self {
            Self::Literal(text) => Some(text.len()),
            Self::Slot(slot) => slot.fixed_len(),
        }
    }
}
