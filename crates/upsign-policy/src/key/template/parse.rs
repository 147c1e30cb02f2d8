//! Parsing a template.

use unicode_normalization::is_nfc;
use upsign_core::ObjectKey;

use super::error::InvalidKeyTemplate;
use super::extent::Extent;
use super::{KeyTemplate, Piece, Segment};
use crate::encoding::characters::{disallowed, is_mark};
use crate::key::id_name::{BUILT_IN_PLACEHOLDERS, IdName};
use crate::key::placeholder::Placeholder;
use crate::spelling::nearest;

pub(super) fn parse(text: &str, ids: &[IdName]) -> Result<KeyTemplate, InvalidKeyTemplate> {
    if text.is_empty() {
        return Err(InvalidKeyTemplate::Empty);
    }
    check_ids(ids)?;
    check_characters(text)?;
    let segments = text.split('/').map(|segment| parse_segment(segment, ids));
    let segments: Box<[Segment]> = segments.collect::<Result<_, _>>()?;
    let template = KeyTemplate { text: text.into(), segments, ids: ids.into() };
    template.segments.iter().try_for_each(|segment| check_unambiguous(segment))?;
    let shortest = template.min_len();
    if shortest > ObjectKey::MAX_BYTES {
        return Err(InvalidKeyTemplate::TooLong(shortest));
    }
    Ok(template)
}

/// Returns the ids that a template declares by using them: its placeholders that end in `_id`, in the order of their first
/// use. Malformed placeholders are left to [`parse`].
pub(super) fn ids_used(text: &str) -> Result<Vec<IdName>, InvalidKeyTemplate> {
    let mut ids: Vec<IdName> = Vec::new();
    for after in text.split('{').skip(1) {
        let Some((name, _)) = after.split_once('}') else { continue };
        if !name.ends_with("_id") || name.starts_with("claim:") || name.contains('/') {
            continue;
        }
        let id: IdName =
            name.parse().map_err(|source| InvalidKeyTemplate::Id { name: escaped(name), source })?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn check_ids(ids: &[IdName]) -> Result<(), InvalidKeyTemplate> {
    for (index, id) in ids.iter().enumerate() {
        if let Some(other) = ids.iter().skip(index + 1).find(|other| other.wire_name() == id.wire_name()) {
            return Err(InvalidKeyTemplate::Duplicate(id.clone(), other.clone()));
        }
    }
    Ok(())
}

fn check_characters(text: &str) -> Result<(), InvalidKeyTemplate> {
    if text.contains("${") {
        return Err(InvalidKeyTemplate::PolicyVariable);
    }
    if let Some(wildcard) = text.chars().find(|c| matches!(c, '*' | '?')) {
        return Err(InvalidKeyTemplate::Wildcard(wildcard));
    }
    if let Some(bad) = text.chars().find(|c| *c != '/' && disallowed(*c).is_some()) {
        return Err(InvalidKeyTemplate::Character(bad));
    }
    if is_nfc(text) { Ok(()) } else { Err(InvalidKeyTemplate::NotNormalized) }
}

fn parse_segment(text: &str, ids: &[IdName]) -> Result<Segment, InvalidKeyTemplate> {
    match text {
        "" => return Err(InvalidKeyTemplate::EmptySegment),
        "." | ".." => return Err(InvalidKeyTemplate::DotSegment),
        _ => {}
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (literal, after) = rest.split_once('{').map_or((rest, None), |(l, after)| (l, Some(after)));
        if literal.contains('}') {
            return Err(InvalidKeyTemplate::Unbalanced('}'));
        }
        // A combining mark at the start of a literal would combine with the value before it, and the key would not be in
        // normalization form C.
        if let Some(mark) = literal.chars().next().filter(|c| is_mark(*c)) {
            return Err(InvalidKeyTemplate::Character(mark));
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal.into()));
        }
        let Some(after) = after else { break };
        let (name, after) = after.split_once('}').ok_or(InvalidKeyTemplate::Unbalanced('{'))?;
        pieces.push(Piece::Placeholder(placeholder(name, ids)?));
        rest = after;
    }
    Ok(pieces.into_boxed_slice())
}

pub(super) fn placeholder(name: &str, ids: &[IdName]) -> Result<Placeholder, InvalidKeyTemplate> {
    Ok(match name {
        "id" | "uuid" => Placeholder::Id,
        "id:sealed" => Placeholder::SealedId,
        "issuer" => Placeholder::Issuer,
        "sub" => Placeholder::Subject,
        "group" => Placeholder::Group,
        "ext" => Placeholder::Extension,
        "filename" => Placeholder::FileName,
        "date" => Placeholder::Date,
        "sha256" => Placeholder::Sha256,
        "claim" => return Err(InvalidKeyTemplate::Claim),
        _ if name.starts_with("claim:") => claim(name)?,
        _ => match ids.iter().find(|id| id.as_str() == name) {
            Some(id) => Placeholder::DeclaredId(id.clone()),
            None => return Err(unknown(name, ids)),
        },
    })
}

/// Parses `claim:NAME`. The allowed characters cover the claim names of Cognito: `email`, `custom:tenant`,
/// `cognito:username`.
fn claim(name: &str) -> Result<Placeholder, InvalidKeyTemplate> {
    let claim = name.strip_prefix("claim:").unwrap_or_default();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte);
    if (1..=64).contains(&claim.len()) && claim.bytes().all(allowed) {
        Ok(Placeholder::Claim(claim.into()))
    } else {
        Err(InvalidKeyTemplate::Claim)
    }
}

fn unknown(name: &str, ids: &[IdName]) -> InvalidKeyTemplate {
    let built_in = BUILT_IN_PLACEHOLDERS.into_iter().filter(|known| *known != "claim");
    let known = ids.iter().map(IdName::as_str).chain(built_in);
    InvalidKeyTemplate::Unknown { nearest: nearest(name, known).map(Into::into), name: escaped(name) }
}

fn escaped(name: &str) -> Box<str> {
    name.chars().take(64).flat_map(char::escape_debug).collect()
}

/// Checks that a key can be split in only one way, so that no two sets of values give the same key.
fn check_unambiguous(segment: &[Piece]) -> Result<(), InvalidKeyTemplate> {
    for (index, piece) in segment.iter().enumerate() {
        let Piece::Placeholder(placeholder) = piece else { continue };
        let after = segment.get(index + 1..).unwrap_or_default();
        if Extent::of(placeholder, after).is_none() {
            let next = after.iter().find_map(|piece| match piece {
                Piece::Placeholder(next) if next.fixed_len().is_none() => Some(next.to_string()),
                _ => None,
            });
            let second = next.unwrap_or_default().into();
            return Err(InvalidKeyTemplate::Ambiguous { first: placeholder.to_string().into(), second });
        }
    }
    Ok(())
}
