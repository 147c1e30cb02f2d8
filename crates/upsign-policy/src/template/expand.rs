//! Template and values to key.

use std::fmt::Write;

use unicode_normalization::is_nfc;
use upsign_core::{Civil, Identity, InvalidObjectKey, ObjectKey};

use super::{KeyTemplate, Piece, Placeholder};
use crate::claim::push_claim;
use crate::{IdName, Ids};

/// What the placeholders become. Every text is as it is meant; each placeholder encodes its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values<'a> {
    pub(crate) ids: &'a Ids,
    pub(crate) who: &'a Identity,
    pub(crate) group: Option<&'a str>,
    pub(crate) extension: Option<&'a str>,
    pub(crate) file_name: Option<&'a str>,
    pub(crate) sha256: Option<[u8; 32]>,
}

/// Why a template could not be filled.
#[derive(Debug)]
pub(crate) enum Unfilled {
    /// A declared id has no value.
    Id(IdName),
    /// Another placeholder has none.
    Slot(Placeholder),
    /// The file name joins the text around it, so that the key is not in normalisation form C.
    Joined,
    /// The text is no object key.
    Key(InvalidObjectKey),
}

impl KeyTemplate {
    pub(crate) fn expand(&self, values: Values<'_>) -> Result<ObjectKey, Unfilled> {
        let mut out = String::with_capacity(ObjectKey::MAX_BYTES.min(self.text.len() + 128));
        for (index, segment) in self.segments.iter().enumerate() {
            if index > 0 {
                out.push('/');
            }
            for piece in segment {
                match piece {
                    Piece::Literal(text) => out.push_str(text),
                    Piece::Slot(slot) => push_slot(&mut out, slot, values)?,
                }
                if out.len() > ObjectKey::MAX_BYTES {
                    return Err(Unfilled::Key(InvalidObjectKey::TooLong(out.len())));
                }
            }
        }
        // Marks and Hangul vowels join what stands before them. Of all that a key is made of, names alone bring such.
        if self.uses(&Placeholder::FileName) && !is_nfc(&out) {
            return Err(Unfilled::Joined);
        }
        ObjectKey::try_from(out).map_err(Unfilled::Key)
    }
}

fn push_slot(out: &mut String, slot: &Placeholder, values: Values<'_>) -> Result<(), Unfilled> {
    let missing = || Unfilled::Slot(slot.clone());
    match slot {
        Placeholder::Id => push(out, values.ids.id().hyphenated()),
        Placeholder::Named(name) => {
            let value = values.ids.named(name).ok_or_else(|| Unfilled::Id(name.clone()))?;
            push(out, value.hyphenated());
        }
        Placeholder::Subject => push_claim(out, values.who.subject().as_str()),
        Placeholder::Group => push_claim(out, values.group.ok_or_else(missing)?),
        Placeholder::Claim(name) => {
            let value = values.who.claim(name).filter(|value| !value.is_empty());
            push_claim(out, value.ok_or_else(missing)?);
        }
        Placeholder::Extension => out.push_str(values.extension.ok_or_else(missing)?),
        Placeholder::FileName => out.push_str(values.file_name.ok_or_else(missing)?),
        Placeholder::Date => {
            let Civil { year, month, day, .. } = values.ids.at().to_civil();
            push(out, format_args!("{year:04}-{month:02}-{day:02}"));
        }
        Placeholder::Sha256 => {
            for byte in values.sha256.ok_or_else(missing)? {
                push(out, format_args!("{byte:02x}"));
            }
        }
    }
    Ok(())
}

/// Writing into a `String` cannot fail.
fn push(out: &mut String, part: impl std::fmt::Display) {
    let _ = write!(out, "{part}");
}
