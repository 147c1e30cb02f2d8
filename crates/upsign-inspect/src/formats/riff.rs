//! RIFF: WebP, WAVE and AVI. Sources: the WebP container specification and Microsoft's RIFF description.

use crate::bytes::le32;
use crate::rejection::Rejection;
use crate::sample::View;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Riff {
    Webp,
    Wave,
    Avi,
}

/// Returns the offset after the file that the header states, if it is known.
pub(crate) fn check(riff: Riff, view: &View<'_>) -> Result<Option<u64>, Rejection> {
    let bytes: &[u8] = &view.start;
    let form: &[u8] = match riff {
        Riff::Webp => b"WEBP",
        Riff::Wave => b"WAVE",
        Riff::Avi => b"AVI ",
    };
    let is_large_wave = riff == Riff::Wave && matches!(bytes.get(..4), Some(b"RF64" | b"BW64"));
    if !(bytes.starts_with(b"RIFF") || is_large_wave) || bytes.get(8..12) != Some(form) {
        return Err(Rejection::mismatch("the bytes are another format than the signed RIFF type"));
    }
    let (Some(len), Some(chunk)) = (le32(bytes, 4), bytes.get(12..16)) else {
        return Err(Rejection::truncated("the file ends inside its header"));
    };
    let is_known = match riff {
        Riff::Webp => matches!(chunk, b"VP8 " | b"VP8L" | b"VP8X"),
        // The header can be preceded by padding and by the data of broadcasters.
        Riff::Wave | Riff::Avi => chunk.iter().all(|byte| (b' '..=b'~').contains(byte)),
    };
    if !is_known {
        return Err(Rejection::mismatch("the first chunk of the file does not belong to its type"));
    }
    // Recorders write these lengths when they do not know the length yet, or when it needs 64 bits.
    if riff != Riff::Webp && matches!(len, 0 | 0xffff_ffff) || is_large_wave {
        return Ok(None);
    }
    let end = u64::from(len) + 8;
    if end > view.size + 1 || (riff == Riff::Webp && end > view.size) {
        return Err(Rejection::truncated("the file is shorter than its header states"));
    }
    // A film longer than 1 GiB continues in further lists.
    Ok(if riff == Riff::Avi { None } else { Some(end.min(view.size)) })
}
