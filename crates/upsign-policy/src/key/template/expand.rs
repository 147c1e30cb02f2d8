//! Expanding a template to a key.

use std::fmt::Write;

use unicode_normalization::is_nfc;
use upsign_core::{CivilDateTime, Identity, InvalidObjectKey, ObjectKey};

use super::{KeyTemplate, Piece};
use crate::encoding::tilde::push_claim;
use crate::key::id_name::IdName;
use crate::key::ids::Ids;
use crate::key::placeholder::Placeholder;
use crate::key::sealed::SealedId;

/// The values of the placeholders, not encoded: each placeholder encodes its own value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values<'a> {
    pub(crate) ids: &'a Ids,
    pub(crate) caller: &'a Identity,
    pub(crate) group: Option<&'a str>,
    pub(crate) extension: Option<&'a str>,
    pub(crate) file_name: Option<&'a str>,
    pub(crate) sha256: Option<[u8; 32]>,
    pub(crate) sealed: Option<SealedId>,
}

/// The reason why a template could not be expanded.
#[derive(Debug)]
pub(crate) enum ExpandError {
    /// A declared id has no value.
    MissingId(IdName),
    /// Another placeholder has no value.
    MissingValue(Placeholder),
    /// The file name combines with the text next to it, so that the key is not in Unicode normalization form C.
    NotNormalized,
    /// The result is not a valid object key.
    Key(InvalidObjectKey),
}

impl KeyTemplate {
    pub(crate) fn expand(&self, values: Values<'_>) -> Result<ObjectKey, ExpandError> {
        self.render(|out, placeholder| push_value(out, placeholder, values))
    }

    /// Returns the key in which `push_value` appends the value of each placeholder.
    pub(super) fn render(
        &self,
        mut push_value: impl FnMut(&mut String, &Placeholder) -> Result<(), ExpandError>,
    ) -> Result<ObjectKey, ExpandError> {
        let mut out = String::with_capacity(ObjectKey::MAX_BYTES.min(self.text.len() + 128));
        for (index, segment) in self.segments.iter().enumerate() {
            if index > 0 {
                out.push('/');
            }
            for piece in segment {
                match piece {
                    Piece::Literal(text) => out.push_str(text),
                    Piece::Placeholder(placeholder) => push_value(&mut out, placeholder)?,
                }
                if out.len() > ObjectKey::MAX_BYTES {
                    return Err(ExpandError::Key(InvalidObjectKey::TooLong(out.len())));
                }
            }
        }
        // Combining marks and Hangul vowels combine with the character before them. Only a file name can contain them: the
        // literal text is checked when the template is parsed, and every other value is ASCII.
        if self.uses(&Placeholder::FileName) && !is_nfc(&out) {
            return Err(ExpandError::NotNormalized);
        }
        ObjectKey::try_from(out).map_err(ExpandError::Key)
    }
}

fn push_value(out: &mut String, placeholder: &Placeholder, values: Values<'_>) -> Result<(), ExpandError> {
    let missing = || ExpandError::MissingValue(placeholder.clone());
    match placeholder {
        Placeholder::Id => push(out, values.ids.id().hyphenated()),
        Placeholder::SealedId => push(out, values.sealed.ok_or_else(missing)?),
        Placeholder::DeclaredId(name) => {
            let value = values.ids.named(name).ok_or_else(|| ExpandError::MissingId(name.clone()))?;
            push(out, value.hyphenated());
        }
        Placeholder::Issuer => out.push_str(values.caller.issuer_name().ok_or_else(missing)?.as_str()),
        Placeholder::Subject => push_claim(out, values.caller.subject().as_str()),
        Placeholder::Group => push_claim(out, values.group.ok_or_else(missing)?),
        Placeholder::Claim(name) => {
            let value = values.caller.claim(name).filter(|value| !value.is_empty());
            push_claim(out, value.ok_or_else(missing)?);
        }
        Placeholder::Extension => out.push_str(values.extension.ok_or_else(missing)?),
        Placeholder::FileName => out.push_str(values.file_name.ok_or_else(missing)?),
        Placeholder::Date => {
            let CivilDateTime { year, month, day, .. } = values.ids.at().to_civil();
            push_date(out, year.into(), month.into(), day.into());
        }
        Placeholder::Sha256 => {
            for byte in values.sha256.ok_or_else(missing)? {
                push(out, format_args!("{byte:02x}"));
            }
        }
    }
    Ok(())
}

pub(super) fn push_date(out: &mut String, year: u32, month: u32, day: u32) {
    push(out, format_args!("{year:04}-{month:02}-{day:02}"));
}

/// Appends a formatted value. Writing to a `String` cannot fail.
pub(super) fn push(out: &mut String, part: impl std::fmt::Display) {
    let _ = write!(out, "{part}");
}
