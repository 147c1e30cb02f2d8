//! Key back to its parts.

use upsign_core::{Civil, ObjectKey, Timestamp};
use uuid::Uuid;

use super::extent::Extent;
use super::{KeyTemplate, Piece, Placeholder, Segment};
use crate::claim::decode_claim;
use crate::{FileName, IdName};

/// What a key was made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyParts {
    /// `{id}`.
    pub id: Option<Uuid>,
    /// Declared ids, in order of appearance.
    pub named: Vec<(IdName, Uuid)>,
    /// `{sub}`, decoded.
    pub subject: Option<Box<str>>,
    /// `{group}`, decoded.
    pub group: Option<Box<str>>,
    /// `{claim:…}`, decoded, by the claim's name, in order of appearance.
    pub claims: Vec<(Box<str>, Box<str>)>,
    /// `{ext}`.
    pub extension: Option<Box<str>>,
    /// `{filename}`.
    pub file_name: Option<Box<str>>,
    /// `{date}`: the first instant of that day.
    pub date: Option<Timestamp>,
    /// `{sha256}`, lower-case hex.
    pub sha256: Option<Box<str>>,
}

/// The key is not one that the template makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key does not have the shape of the template")]
#[non_exhaustive]
pub struct ForeignKey;

impl KeyTemplate {
    /// Reads a key back into the parts it was made of.
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
    /// [`ForeignKey`] for a key that no expansion of this template gives.
    pub fn parse_key(&self, key: &str) -> Result<KeyParts, ForeignKey> {
        if key.len() > ObjectKey::MAX_BYTES {
            return Err(ForeignKey);
        }
        let mut parts = KeyParts::default();
        let mut texts = key.split('/');
        for segment in &self.segments {
            let text = texts.next().ok_or(ForeignKey)?;
            read_segment(segment, text, &mut parts).ok_or(ForeignKey)?;
        }
        if texts.next().is_some() { Err(ForeignKey) } else { Ok(parts) }
    }
}

fn read_segment(segment: &Segment, mut text: &str, parts: &mut KeyParts) -> Option<()> {
    for (index, piece) in segment.iter().enumerate() {
        match piece {
            Piece::Literal(literal) => text = text.strip_prefix(&**literal)?,
            Piece::Slot(slot) => {
                let after = segment.get(index + 1..).unwrap_or_default();
                let end = Extent::of(slot, after)?.measure(slot, text)?;
                let (value, rest) = text.split_at_checked(end)?;
                keep(slot, value, parts)?;
                text = rest;
            }
        }
    }
    text.is_empty().then_some(())
}

fn keep(slot: &Placeholder, value: &str, parts: &mut KeyParts) -> Option<()> {
    match slot {
        Placeholder::Id => once(&mut parts.id, uuid(value)?),
        Placeholder::Named(name) => {
            let value = uuid(value)?;
            match parts.named.iter().find(|(have, _)| have == name) {
                Some((_, have)) => (*have == value).then_some(()),
                None => {
                    parts.named.push((name.clone(), value));
                    Some(())
                }
            }
        }
        Placeholder::Subject => once(&mut parts.subject, claim(value)?),
        Placeholder::Group => once(&mut parts.group, claim(value)?),
        Placeholder::Claim(name) => {
            let value = claim(value)?;
            match parts.claims.iter().find(|(have, _)| have == name) {
                Some((_, have)) => (*have == value).then_some(()),
                None => {
                    parts.claims.push((name.clone(), value));
                    Some(())
                }
            }
        }
        Placeholder::Extension => once(&mut parts.extension, extension(value)?),
        Placeholder::FileName => once(&mut parts.file_name, file_name(value)?),
        Placeholder::Date => once(&mut parts.date, date(value)?),
        Placeholder::Sha256 => once(&mut parts.sha256, sha256(value)?),
    }
}

/// A placeholder that stands twice must have one value.
fn once<T: PartialEq>(place: &mut Option<T>, value: T) -> Option<()> {
    match place {
        Some(have) => (*have == value).then_some(()),
        None => {
            *place = Some(value);
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

/// The name must stand in the key as it was read: what is mended or normalised never comes out of a template.
fn file_name(text: &str) -> Option<Box<str>> {
    let name = FileName::parse(text).ok()?;
    (name.as_str() == text).then(|| text.into())
}

fn extension(text: &str) -> Option<Box<str>> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    ((1..=16).contains(&text.len()) && text.bytes().all(fits)).then(|| text.into())
}

fn sha256(text: &str) -> Option<Box<str>> {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).then(|| text.into())
}

fn date(text: &str) -> Option<Timestamp> {
    let start: Timestamp = format!("{text}T00:00:00Z").parse().ok()?;
    let Civil { hour: 0, minute: 0, second: 0, .. } = start.to_civil() else { return None };
    Some(start)
}
