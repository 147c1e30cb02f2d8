//! Fonts. Sources: WOFF 1.0 and 2.0 (W3C), and the OpenType specification.

use crate::bytes::{be16, be32, le16, le32};
use crate::rejection::Rejection;
use crate::sample::View;

/// WOFF of either version: both state the length of the file at the same place.
pub(crate) fn check_woff(signature: &[u8], view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    if !bytes.starts_with(signature) || !has_flavor(bytes.get(4..).unwrap_or_default()) {
        return Err(Rejection::mismatch("the bytes are no font of the signed type"));
    }
    match be32(bytes, 8).map(u64::from) {
        Some(len) if len == view.size => Ok(()),
        Some(len) if len < view.size => Err(Rejection::mismatch("other bytes follow the font")),
        _ => Err(Rejection::truncated("the font is shorter than its header states")),
    }
}

fn has_flavor(bytes: &[u8]) -> bool {
    [b"\0\x01\0\0", b"OTTO", b"true", b"typ1", b"ttcf"].iter().any(|flavor| bytes.starts_with(*flavor))
}

/// A table directory: every table must lie inside the file.
pub(crate) fn check_open_type(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    if !has_flavor(bytes) {
        return Err(Rejection::mismatch("the bytes are no OpenType font"));
    }
    let first = if bytes.starts_with(b"ttcf") { be32(bytes, 12).map_or(0, |at| at as usize) } else { 0 };
    let font = bytes.get(first..).unwrap_or_default();
    let tables = be16(font, 4).filter(|count| (1..=256).contains(count)).map_or(0, usize::from);
    if tables == 0 {
        return Err(Rejection::mismatch("the font has no tables"));
    }
    for index in 0..tables {
        let entry = 12 + 16 * index;
        let (Some(at), Some(len)) = (be32(font, entry + 8), be32(font, entry + 12)) else {
            return Err(Rejection::truncated("the font ends inside its directory"));
        };
        if u64::from(at) + u64::from(len) > view.size {
            return Err(Rejection::truncated("the font ends inside a table"));
        }
    }
    Ok(())
}

pub(crate) fn check_embedded(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    if le16(bytes, 34) != Some(0x504c) {
        return Err(Rejection::mismatch("the bytes are no embedded OpenType font"));
    }
    if le32(bytes, 0).map(u64::from) == Some(view.size) {
        return Ok(());
    }
    Err(Rejection::truncated("the length of the font is not that of its header"))
}
