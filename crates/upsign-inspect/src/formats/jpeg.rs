//! JPEG: a sequence of segments, then the compressed image, then the marker "end of image".
//!
//! Source: ITU-T T.81, annex B.

use memchr::memmem;

use crate::bytes::be16;
use crate::rejection::Rejection;
use crate::sample::View;

const END_OF_IMAGE: &[u8] = b"\xff\xd9";

/// Returns the offset after the end of the image, if it is known.
pub(crate) fn check(view: &View<'_>) -> Result<Option<u64>, Rejection> {
    let bytes: &[u8] = &view.start;
    if !bytes.starts_with(b"\xff\xd8\xff") {
        return Err(Rejection::mismatch("the bytes are no JPEG"));
    }
    let mut at = 2;
    let mut has_frame = false;
    while let Some(marker) = marker(bytes, &mut at)? {
        match marker {
            0xd0..=0xd7 | 0x01 => continue,
            0xd8 => return Err(Rejection::mismatch("a second image begins inside the header of a JPEG")),
            0xd9 => return Err(Rejection::truncated("the JPEG ends before its image data")),
            _ => {}
        }
        let Some(len) = be16(bytes, at).map(usize::from) else { break };
        if len < 2 {
            return Err(Rejection::mismatch("a segment of the JPEG has an impossible length"));
        }
        has_frame |= is_frame(marker);
        at += len;
        if marker == 0xda {
            if !has_frame {
                return Err(Rejection::mismatch("the image data of the JPEG has no frame header"));
            }
            return end_of_image(view, at);
        }
    }
    if view.is_whole() {
        return Err(Rejection::truncated("the JPEG ends before its image data"));
    }
    // Color profiles and previews before the image can be longer than the visible start.
    last_bytes(view)
}

/// Returns the marker at `at` and moves behind it. `None` if it is not visible.
fn marker(bytes: &[u8], at: &mut usize) -> Result<Option<u8>, Rejection> {
    let Some(rest) = bytes.get(*at..).filter(|rest| !rest.is_empty()) else { return Ok(None) };
    let fill = rest.iter().take_while(|&&byte| byte == 0xff).count();
    if fill == 0 {
        return Err(Rejection::mismatch("the bytes after the start of a JPEG are no segment"));
    }
    *at += fill + 1;
    match rest.get(fill) {
        // Reserved numbers, which no file has.
        Some(0 | 0x02..=0xbf) => {
            Err(Rejection::mismatch("the bytes after the start of a JPEG are no segment"))
        }
        other => Ok(other.copied()),
    }
}

/// Start of a frame: baseline, progressive and so on, without the tables that have similar numbers.
const fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

/// Finds the end of image data that begins at `from`. In image data, `FF` is followed by `00` or a restart marker, so the
/// marker "end of image" cannot occur by chance. Between two scans of a progressive image are further segments.
fn end_of_image(view: &View<'_>, from: usize) -> Result<Option<u64>, Rejection> {
    if !view.is_whole() {
        return last_bytes(view);
    }
    let bytes: &[u8] = &view.start;
    let mut at = from;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr(0xff, rest)) {
        at += found;
        match bytes.get(at + 1) {
            Some(0xd9) => return Ok(Some(at as u64 + 2)),
            Some(0 | 0xd0..=0xd7) => at += 2,
            Some(0xff) => at += 1,
            Some(_) => at += 2 + be16(bytes, at + 2).map_or(0, usize::from),
            None => break,
        }
    }
    Err(Rejection::truncated("the JPEG has no end of image"))
}

/// Looks for the end of the image in the last bytes. Telephones append films and further images, which can be longer than that.
fn last_bytes(view: &View<'_>) -> Result<Option<u64>, Rejection> {
    if let Some(found) = memmem::find(view.tail(), END_OF_IMAGE) {
        return Ok(Some(view.tail_at() + found as u64 + 2));
    }
    // Google's motion photos, the images of CIPA DC-007, and the trailer of Samsung's cameras.
    let has_more = [&b"MotionPhoto"[..], b"MicroVideo", b"MPF\0"].iter().any(|name| view.contains(name));
    if has_more || view.tail().ends_with(b"SEFT") {
        return Ok(None);
    }
    Err(Rejection::truncated("the JPEG has no end of image"))
}
