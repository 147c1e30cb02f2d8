//! Key templates: the layout of object keys.

mod coverage;
mod error;
mod expand;
mod extent;
mod issuer;
mod parse;
mod parse_key;
mod parts;

use std::str::FromStr;

use crate::key::id_name::IdName;
use crate::key::placeholder::Placeholder;

pub use error::InvalidKeyTemplate;
pub use parse_key::{KeyMismatch, KeyParts};

pub(crate) use expand::{ExpandError, Values};

/// The layout of keys: literal text and placeholders, for example `articles/{article_id}/raw/{id}.{ext}`.
///
/// | placeholder | value |
/// | --- | --- |
/// | `{id}`, `{uuid}` | the generated id of this upload, an unguessable lower-case UUID |
/// | `{id:sealed}` | the generated id of this upload, which also proves that the service issued the key ([`SealedId`](crate::SealedId)) |
/// | `{article_id}` (declared) | the UUID of a declared id, generated or supplied by the client |
/// | `{issuer}` | the name that the deployment gives to the issuer of the caller ([`IssuerName`](upsign_core::IssuerName)) |
/// | `{sub}` | the caller's subject in tilde encoding ([`encode_claim`](crate::encode_claim)) |
/// | `{group}` | the one eligible group of the caller, in tilde encoding |
/// | `{claim:custom:tenant}` | the claim `custom:tenant` of the caller, in tilde encoding |
/// | `{ext}` | the file extension of the content type |
/// | `{filename}` | the client's file name ([`FileName`](crate::FileName)) |
/// | `{date}` | the date of the request in UTC, for example `2026-01-31` |
/// | `{sha256}` | the SHA-256 checksum that the client sends, in lower-case hex |
///
/// Expansion is a single pass: the value of a placeholder is never expanded again.
///
/// Different values give different keys: two placeholders of variable length in one segment must be separated so that a key
/// can be split in only one way. A key can therefore also be parsed back into its parts
/// ([`parse_key`](KeyTemplate::parse_key)). A template with a generated id or `{sha256}` gives every upload its own key
/// ([`is_unique`](KeyTemplate::is_unique)); a policy accepts another one only if it
/// [allows to replace objects](crate::Replace).
///
/// ```
/// use upsign_policy::KeyTemplate;
/// let template: KeyTemplate = "articles/{article_id}/raw/{id}.{ext}".parse()?;
/// assert_eq!(template.id_names()[0].wire_name(), "articleId");
/// assert_eq!(template.literal_prefix(), "articles/");
/// assert_eq!(template.arn_pattern(), "articles/*/raw/*.*");
/// # Ok::<(), upsign_policy::InvalidKeyTemplate>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTemplate {
    text: Box<str>,
    segments: Box<[Segment]>,
    ids: Box<[IdName]>,
}

/// The part of a template between two `/`. Invariant: never empty.
pub(crate) type Segment = Box<[Piece]>;

/// A part of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Literal(Box<str>),
    Placeholder(Placeholder),
}

impl KeyTemplate {
    /// Parses a template. `ids` are the declared ids; each can be used as `{name}`.
    ///
    /// Parsing with [`FromStr`] declares the ids by their use. This function is for ids that are listed elsewhere, as in
    /// `upsign.toml`: a misspelled placeholder is then an error, a name need not end in `_id`, and an id can be declared
    /// that the key does not contain.
    ///
    /// # Errors
    /// Returns [`InvalidKeyTemplate`] if the text is malformed, names an unknown placeholder, or could give two different sets of
    /// values the same key.
    pub fn parse(text: &str, ids: &[IdName]) -> Result<Self, InvalidKeyTemplate> {
        parse::parse(text, ids)
    }

    /// Returns the text of the template.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the declared ids, including those that the template does not use.
    #[must_use]
    pub fn id_names(&self) -> &[IdName] {
        &self.ids
    }

    /// Returns the placeholders in the order of the text.
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.segments.iter().flat_map(|segment| segment.iter()).filter_map(|piece| match piece {
            Piece::Placeholder(placeholder) => Some(placeholder),
            Piece::Literal(_) => None,
        })
    }

    /// Returns whether every upload gets a key of its own, because the template contains an id or the checksum of the content.
    ///
    /// ```
    /// use upsign_policy::KeyTemplate;
    /// assert!("avatars/{sub}/{id}".parse::<KeyTemplate>()?.is_unique());
    /// assert!(!"avatars/{sub}".parse::<KeyTemplate>()?.is_unique());
    /// # Ok::<(), upsign_policy::InvalidKeyTemplate>(())
    /// ```
    #[must_use]
    pub fn is_unique(&self) -> bool {
        self.placeholders().any(|placeholder| {
            matches!(
                placeholder,
                Placeholder::Id | Placeholder::SealedId | Placeholder::DeclaredId(_) | Placeholder::Sha256
            )
        })
    }

    /// Returns whether the template contains an id that is generated for every upload: `{id}` or `{id:sealed}`. No two uploads then
    /// have the same key.
    #[must_use]
    pub fn has_upload_id(&self) -> bool {
        self.uses(&Placeholder::Id) || self.is_sealed()
    }

    /// Returns whether the template contains `{id:sealed}`, so that its keys can be verified. Issuing them needs the secrets of
    /// upload tokens.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.uses(&Placeholder::SealedId)
    }

    /// Returns whether the template contains a value of the caller: `{sub}`, `{group}` or a claim.
    pub(crate) fn contains_caller(&self) -> bool {
        self.placeholders().any(|placeholder| {
            matches!(placeholder, Placeholder::Subject | Placeholder::Group | Placeholder::Claim(_))
        })
    }

    /// Returns whether the template contains a placeholder.
    #[must_use]
    pub fn uses(&self, placeholder: &Placeholder) -> bool {
        self.placeholders().any(|used| used == placeholder)
    }
}

impl FromStr for KeyTemplate {
    type Err = InvalidKeyTemplate;

    /// Parses a template that declares its own ids: every placeholder that ends in `_id` declares one. The ids are declared
    /// in the order of their first use.
    ///
    /// Any other unknown placeholder is an error. See [`parse`](KeyTemplate::parse) for ids that are listed separately.
    ///
    /// ```
    /// use upsign_policy::KeyTemplate;
    /// let template: KeyTemplate = "{tenant_id}/{article_id}/{id}".parse()?;
    /// let names: Vec<&str> = template.id_names().iter().map(|id| id.wire_name()).collect();
    /// assert_eq!(names, ["tenantId", "articleId"]);
    /// assert!("{article}/{id}".parse::<KeyTemplate>().is_err());
    /// # Ok::<(), upsign_policy::InvalidKeyTemplate>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, InvalidKeyTemplate> {
        parse::parse(text, &parse::ids_used(text)?)
    }
}

upsign_core::text_type!(KeyTemplate);

impl Piece {
    /// Returns the length in bytes if it is the same in every key.
    pub(crate) fn fixed_len(&self) -> Option<usize> {
        match self {
            Self::Literal(text) => Some(text.len()),
            Self::Placeholder(placeholder) => placeholder.fixed_len(),
        }
    }
}
