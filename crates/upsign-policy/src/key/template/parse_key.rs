//! Parsing a key back into its parts.

use upsign_core::{CivilDateTime, IssuerName, ObjectKey, Timestamp};
use uuid::Uuid;

use super::extent::Extent;
use super::{KeyTemplate, Piece, Segment};
use crate::encoding::tilde::decode_claim;
use crate::key::id_name::IdName;
use crate::key::placeholder::Placeholder;
use crate::key::sealed::SealedId;
use crate::object::file_name::FileName;

/// The values that a key was made of. A value is absent if the template does not contain its placeholder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyParts {
    /// The value of `{id}`.
    pub id: Option<Uuid>,
    /// The value of `{id:sealed}`, which is not verified.
    pub sealed: Option<SealedId>,
    /// The values of the declared ids, in the order of the template.
    pub named: Vec<(IdName, Uuid)>,
    /// The value of `{issuer}`.
    pub issuer: Option<IssuerName>,
    /// The decoded value of `{sub}`.
    pub subject: Option<Box<str>>,
    /// The decoded value of `{group}`.
    pub group: Option<Box<str>>,
    /// The name and the decoded value of each `{claim:NAME}`, in the order of the template.
    pub claims: Vec<(Box<str>, Box<str>)>,
    /// The value of `{ext}`.
    pub extension: Option<Box<str>>,
    /// The value of `{filename}`.
    pub file_name: Option<Box<str>>,
    /// The value of `{date}`, as the start of that day in UTC.
    pub date: Option<Timestamp>,
    /// The value of `{sha256}`, in lower-case hex.
    pub sha256: Option<Box<str>>,
}

impl KeyParts {
    /// Returns a declared id by its wire name, for example `articleId`, or `None` if the template contains no such id. The
    /// field `id` is the value of `{id}`.
    ///
    /// ```
    /// use upsign_policy::KeyTemplate;
    /// let template: KeyTemplate = "articles/{article_id}/raw/{id}.{ext}".parse()?;
    /// let key = "articles/5b5d819a-b077-4419-af90-f3ad76700929/raw/0f9f1c5e-32b8-4c52-9c1e-3e8f7b8f6a55.jpg";
    /// let parts = template.parse_key(key)?;
    /// assert_eq!(parts.id("articleId").unwrap().to_string(), "5b5d819a-b077-4419-af90-f3ad76700929");
    /// assert_eq!(parts.extension.as_deref(), Some("jpg"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn id(&self, wire_name: &str) -> Option<Uuid> {
        self.named.iter().find(|(name, _)| name.wire_name() == wire_name).map(|(_, id)| *id)
    }
}

/// The key cannot have been made from the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key does not match the template")]
#[non_exhaustive]
pub struct KeyMismatch;

impl KeyTemplate {
    /// Parses a key back into the values it was made of.
    ///
    /// ```
    /// use upsign_policy::KeyTemplate;
    /// let template = KeyTemplate::parse("u/{sub}/{id}.{ext}", &[])?;
    /// let parts = template.parse_key("u/auth0~7C7/00000000-0000-4000-8000-00000000abcd.jpg")?;
    /// assert_eq!(parts.subject.as_deref(), Some("auth0|7"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`KeyMismatch`] if no values of the placeholders give this key.
    pub fn parse_key(&self, key: &str) -> Result<KeyParts, KeyMismatch> {
        if key.len() > ObjectKey::MAX_BYTES {
            return Err(KeyMismatch);
        }
        let mut parts = KeyParts::default();
        let mut texts = key.split('/');
        for segment in &self.segments {
            let text = texts.next().ok_or(KeyMismatch)?;
            parse_segment(segment, text, &mut parts).ok_or(KeyMismatch)?;
        }
        if texts.next().is_some() { Err(KeyMismatch) } else { Ok(parts) }
    }
}

fn parse_segment(segment: &Segment, mut text: &str, parts: &mut KeyParts) -> Option<()> {
    for (index, piece) in segment.iter().enumerate() {
        match piece {
            Piece::Literal(literal) => text = text.strip_prefix(&**literal)?,
            Piece::Placeholder(placeholder) => {
                let after = segment.get(index + 1..).unwrap_or_default();
                let end = Extent::of(placeholder, after)?.measure(placeholder, text)?;
                let (value, rest) = text.split_at_checked(end)?;
                store(placeholder, value, parts)?;
                text = rest;
            }
        }
    }
    text.is_empty().then_some(())
}

/// Parses one value and stores it. Returns `None` if it is not a possible value of the placeholder.
fn store(placeholder: &Placeholder, value: &str, parts: &mut KeyParts) -> Option<()> {
    match placeholder {
        Placeholder::Id => store_once(&mut parts.id, uuid(value)?),
        Placeholder::SealedId => store_once(&mut parts.sealed, SealedId::parse(value)?),
        Placeholder::DeclaredId(name) => {
            let value = uuid(value)?;
            match parts.named.iter().find(|(known, _)| known == name) {
                Some((_, known)) => (*known == value).then_some(()),
                None => {
                    parts.named.push((name.clone(), value));
                    Some(())
                }
            }
        }
        Placeholder::Issuer => store_once(&mut parts.issuer, value.parse().ok()?),
        Placeholder::Subject => store_once(&mut parts.subject, claim(value)?),
        Placeholder::Group => store_once(&mut parts.group, claim(value)?),
        Placeholder::Claim(name) => {
            let value = claim(value)?;
            match parts.claims.iter().find(|(known, _)| known == name) {
                Some((_, known)) => (*known == value).then_some(()),
                None => {
                    parts.claims.push((name.clone(), value));
                    Some(())
                }
            }
        }
        Placeholder::Extension => store_once(&mut parts.extension, extension(value)?),
        Placeholder::FileName => store_once(&mut parts.file_name, file_name(value)?),
        Placeholder::Date => store_once(&mut parts.date, date(value)?),
        Placeholder::Sha256 => store_once(&mut parts.sha256, sha256(value)?),
    }
}

/// Stores the value of a placeholder. A placeholder that occurs twice must have the same value both times.
fn store_once<T: PartialEq>(target: &mut Option<T>, value: T) -> Option<()> {
    match target {
        Some(known) => (*known == value).then_some(()),
        None => {
            *target = Some(value);
            Some(())
        }
    }
}

fn uuid(text: &str) -> Option<Uuid> {
    let value = Uuid::try_parse(text).ok()?;
    (value.hyphenated().to_string() == text).then_some(value)
}

fn claim(text: &str) -> Option<Box<str>> {
    decode_claim(text)
        .filter(|value| !value.is_empty() && !value.chars().any(char::is_control))
        .map(Into::into)
}

/// Parses a file name. The result must equal the text, because a template never inserts a name that parsing would change.
fn file_name(text: &str) -> Option<Box<str>> {
    let name = FileName::parse(text).ok()?;
    (name.as_str() == text).then(|| text.into())
}

fn extension(text: &str) -> Option<Box<str>> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    ((1..=16).contains(&text.len()) && text.bytes().all(allowed)).then(|| text.into())
}

fn sha256(text: &str) -> Option<Box<str>> {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).then(|| text.into())
}

fn date(text: &str) -> Option<Timestamp> {
    let start: Timestamp = format!("{text}T00:00:00Z").parse().ok()?;
    let CivilDateTime { hour: 0, minute: 0, second: 0, .. } = start.to_civil() else { return None };
    Some(start)
}
