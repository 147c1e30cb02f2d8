//! PNG: a sequence of chunks from `IHDR` to `IEND`. Source: the PNG specification, section 5.

use memchr::memmem;

use crate::bytes::be32;
use crate::rejection::Rejection;
use crate::sample::View;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The last chunk with its length and checksum.
const END: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";

/// Returns the offset after the last chunk, if it is known.
pub(crate) fn check(view: &View<'_>) -> Result<Option<u64>, Rejection> {
    let bytes: &[u8] = &view.start;
    if !bytes.starts_with(SIGNATURE) {
        return Err(Rejection::mismatch("the bytes are no PNG"));
    }
    check_header(bytes)?;
    let mut at = SIGNATURE.len() as u64;
    let mut has_data = false;
    while let Some(chunk) = view.from(at) {
        let (Some(len), Some(name)) = (be32(chunk, 0), chunk.get(4..8)) else { break };
        if !name.iter().all(u8::is_ascii_alphabetic) || len > 0x7fff_ffff {
            return Err(Rejection::mismatch("the bytes after the start of a PNG are no chunk"));
        }
        at += u64::from(len) + 12;
        has_data |= name == b"IDAT";
        if at > view.size {
            return Err(Rejection::truncated("the PNG ends inside a chunk"));
        }
        if name == b"IEND" {
            return if has_data {
                Ok(Some(at))
            } else {
                Err(Rejection::mismatch("the PNG has no image data"))
            };
        }
    }
    if view.is_whole() {
        return Err(Rejection::truncated("the PNG has no last chunk"));
    }
    match memmem::find(view.tail(), END) {
        Some(found) => Ok(Some(view.tail_at() + (found + END.len()) as u64)),
        None => Err(Rejection::truncated("the PNG has no last chunk")),
    }
}

fn check_header(bytes: &[u8]) -> Result<(), Rejection> {
    let Some(header) = bytes.get(8..29) else {
        return Err(Rejection::truncated("the PNG ends inside its header"));
    };
    let is_header = header.starts_with(b"\0\0\0\x0dIHDR");
    let has_area = be32(header, 8).is_some_and(|it| it > 0) && be32(header, 12).is_some_and(|it| it > 0);
    let has_depth = matches!(header.get(16), Some(1 | 2 | 4 | 8 | 16));
    let has_color = matches!(header.get(17), Some(0 | 2 | 3 | 4 | 6));
    if is_header && has_area && has_depth && has_color {
        return Ok(());
    }
    Err(Rejection::mismatch("the PNG has no valid header"))
}
