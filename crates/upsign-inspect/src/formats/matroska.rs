//! Matroska and WebM: EBML elements. Source: RFC 8794 and RFC 9559.

use crate::rejection::Rejection;
use crate::sample::View;

const HEADER: &[u8] = b"\x1a\x45\xdf\xa3";
const SEGMENT: &[u8] = b"\x18\x53\x80\x67";
const DOC_TYPE: &[u8] = b"\x42\x82";

pub(crate) fn check(only_webm: bool, view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    let Some(rest) = bytes.strip_prefix(HEADER) else {
        return Err(Rejection::mismatch("the bytes are neither WebM nor Matroska"));
    };
    let Some((Some(len), rest)) =
        size(rest).map(|(len, rest)| (len.and_then(|it| usize::try_from(it).ok()), rest))
    else {
        return Err(Rejection::mismatch("the EBML header has no valid length"));
    };
    let Some((header, rest)) = rest.split_at_checked(len) else {
        return Err(Rejection::truncated("the file ends inside its EBML header"));
    };
    let accepted: &[&[u8]] = if only_webm { &[b"webm"] } else { &[b"webm", b"matroska"] };
    if !doc_type(header).is_some_and(|found| accepted.contains(&found)) {
        return Err(Rejection::mismatch(
            "the document type in the EBML header is not that of the signed type",
        ));
    }
    check_segment(rest, view)
}

/// Reads a length: the number of leading zero bits states how many bytes it has. `None` as the value is an unknown length.
fn size(bytes: &[u8]) -> Option<(Option<u64>, &[u8])> {
    let first = *bytes.first()?;
    let len = first.leading_zeros() as usize + 1;
    if len > 8 {
        return None;
    }
    let (number, rest) = bytes.split_at_checked(len)?;
    let mask = (1_u64 << (7 * len)) - 1;
    let value = number.iter().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte)) & mask;
    Some(((value != mask).then_some(value), rest))
}

/// Reads the elements of the header, whose ids have one or two bytes.
fn doc_type(mut header: &[u8]) -> Option<&[u8]> {
    loop {
        let id_len = header.first()?.leading_zeros() as usize + 1;
        let (id, rest) = header.split_at_checked(id_len)?;
        let (len, rest) = size(rest)?;
        let (value, rest) = rest.split_at_checked(usize::try_from(len?).ok()?)?;
        if id == DOC_TYPE {
            let padding = value.iter().rev().take_while(|&&byte| byte == 0).count();
            return value.get(..value.len() - padding);
        }
        header = rest;
    }
}

/// A browser that records writes an unknown length.
fn check_segment(bytes: &[u8], view: &View<'_>) -> Result<(), Rejection> {
    // Padding may precede the segment.
    let Some(at) = memchr::memmem::find(bytes.get(..4096.min(bytes.len())).unwrap_or_default(), SEGMENT)
    else {
        return Err(Rejection::truncated("the file has no segment"));
    };
    let start = view.start.len() - bytes.len() + at + SEGMENT.len();
    let Some((len, rest)) = view.start.get(start..).and_then(size) else {
        return Err(Rejection::truncated("the file ends inside the header of its segment"));
    };
    let content = (view.start.len() - rest.len()) as u64;
    match len {
        Some(len) if content.saturating_add(len) > view.size => {
            Err(Rejection::truncated("the segment is shorter than its header states"))
        }
        _ => Ok(()),
    }
}
