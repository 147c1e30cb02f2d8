//! Compressed files and archives that are not ZIP.

use crate::bytes::le64;
use crate::formats::Format;
use crate::rejection::Rejection;
use crate::sample::View;

pub(crate) fn check(format: Format, view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    let is_valid = match format {
        Format::Gzip => {
            bytes.starts_with(b"\x1f\x8b\x08") && bytes.get(3).is_some_and(|flags| flags & 0xe0 == 0)
        }
        Format::Bzip2 => {
            bytes.starts_with(b"BZh") && matches!(bytes.get(3), Some(b'1'..=b'9')) && has_bzip2_block(bytes)
        }
        Format::Xz => bytes.starts_with(b"\xfd7zXZ\0"),
        Format::Zstd => bytes.starts_with(b"\x28\xb5\x2f\xfd"),
        Format::SevenZip => bytes.starts_with(b"7z\xbc\xaf\x27\x1c"),
        Format::Rar => bytes.starts_with(b"Rar!\x1a\x07\0") || bytes.starts_with(b"Rar!\x1a\x07\x01\0"),
        _ => bytes.get(257..262) == Some(b"ustar"),
    };
    if !is_valid {
        return Err(Rejection::mismatch("the bytes are no archive of the signed type"));
    }
    check_length(format, view)
}

fn has_bzip2_block(bytes: &[u8]) -> bool {
    let block = bytes.get(4..10);
    block == Some(b"\x31\x41\x59\x26\x53\x59") || block == Some(b"\x17\x72\x45\x38\x50\x90")
}

fn check_length(format: Format, view: &View<'_>) -> Result<(), Rejection> {
    let is_complete = match format {
        // A header of 10 bytes, at least 2 of data, and a trailer of 8.
        Format::Gzip => view.size >= 20,
        Format::Xz => view.tail().ends_with(b"YZ"),
        Format::Tar => view.size >= 1024 && view.size.is_multiple_of(512),
        // The header states where the list of files is and how long it is.
        Format::SevenZip => {
            let end =
                le64(&view.start, 12).zip(le64(&view.start, 20)).map(|(at, len)| at.saturating_add(len));
            end.is_some_and(|end| end.saturating_add(32) <= view.size)
        }
        _ => view.size > 14,
    };
    if is_complete { Ok(()) } else { Err(Rejection::truncated("the archive has no end")) }
}
