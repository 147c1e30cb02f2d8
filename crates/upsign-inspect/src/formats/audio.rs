//! Sound: MP3, AAC, Ogg, FLAC, AIFF, AMR and MIDI.

use crate::bytes::{be16, be32, is_text};
use crate::rejection::Rejection;
use crate::sample::View;

/// MP3: optional ID3 tags, then frames. Sources: ISO/IEC 11172-3 section 2.4, and <https://id3.org/id3v2.4.0-structure>.
pub(crate) fn check_mp3(view: &View<'_>) -> Result<(), Rejection> {
    let mut at = 0;
    while let Some(tag) = view.from(at).filter(|bytes| bytes.starts_with(b"ID3")) {
        let Some(len) = id3_len(tag) else { return Err(not_mp3()) };
        at += len;
    }
    if at >= view.size {
        return Err(Rejection::truncated("the MP3 ends inside its tag"));
    }
    // A tag with a cover picture can be longer than the visible start.
    let Some(bytes) = view.from(at) else { return Ok(()) };
    // Encoders pad the tag.
    let padding = bytes.iter().take_while(|&&byte| byte == 0).count();
    let bytes = bytes.get(padding..).unwrap_or_default();
    let Some(len) = mp3_frame(bytes) else { return Err(not_mp3()) };
    match bytes.get(len..) {
        // The second frame, or a tag at the end of a very short file.
        Some(next) if next.len() >= 4 => {
            let is_tag = next.starts_with(b"TAG") || next.starts_with(b"APETAGEX");
            if mp3_frame(next).is_some() || is_tag { Ok(()) } else { Err(not_mp3()) }
        }
        // A very short file may end inside its first frame. A text can begin with four bytes of a frame and is no audio.
        _ if bytes.get(4..).is_some_and(|rest| rest.len() >= 8 && rest.iter().all(|&it| is_text(it))) => {
            Err(not_mp3())
        }
        _ => Ok(()),
    }
}

fn not_mp3() -> Rejection {
    Rejection::mismatch("the bytes are no MP3")
}

/// The length of a tag with its header. The bytes of the number have seven bits each.
fn id3_len(tag: &[u8]) -> Option<u64> {
    let &[major, minor, flags, a, b, c, d] = tag.get(3..10)?.first_chunk::<7>()?;
    let valid = (2..=4).contains(&major) && minor != 0xff && flags & 0x0f == 0 && (a | b | c | d) < 0x80;
    let footer = if flags & 0x10 == 0 { 0 } else { 10 };
    let len = [a, b, c, d].iter().fold(0_u64, |sum, &byte| sum << 7 | u64::from(byte));
    valid.then_some(len + 10 + footer)
}

/// The length of a frame of layer III.
fn mp3_frame(bytes: &[u8]) -> Option<usize> {
    const V1: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const V2: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    const RATES: [usize; 3] = [44_100, 48_000, 32_000];
    let header = be32(bytes, 0)?;
    let version = header >> 19 & 3;
    if header >> 21 != 0x7ff || version == 1 || header >> 17 & 3 != 1 {
        return None;
    }
    let is_v1 = version == 3;
    let kbits = *(if is_v1 { V1 } else { V2 }).get((header >> 12 & 15) as usize).filter(|&&it| it > 0)?;
    let divisor = match version {
        3 => 1,
        2 => 2,
        _ => 4,
    };
    let rate = RATES.get((header >> 10 & 3) as usize)? / divisor;
    let samples = if is_v1 { 144_000 } else { 72_000 };
    Some(samples * kbits / rate + (header >> 9 & 1) as usize)
}

/// AAC in ADTS frames. Source: ISO/IEC 13818-7 section 6.2.
pub(crate) fn check_aac(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    let frame = |bytes: &[u8]| {
        let &[_, second, third, a, b, c] = bytes.first_chunk::<6>()?;
        let valid = be16(bytes, 0)? >> 4 == 0xfff && second & 6 == 0 && third >> 2 & 15 < 13;
        let len = usize::from(a & 3) << 11 | usize::from(b) << 3 | usize::from(c >> 5);
        (valid && len >= 7).then_some(len)
    };
    let first = frame(bytes).ok_or_else(|| Rejection::mismatch("the bytes are no AAC"))?;
    match bytes.get(first..) {
        None => Err(Rejection::truncated("the AAC ends inside its first frame")),
        Some(next) if next.len() >= 6 && frame(next).is_none() => {
            Err(Rejection::mismatch("the bytes after the first frame are no AAC"))
        }
        Some(_) => Ok(()),
    }
}

/// Ogg pages. Source: RFC 3533 section 6.
pub(crate) fn check_ogg(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    if !bytes.starts_with(b"OggS\0") || bytes.get(5).is_none_or(|flags| flags & 2 == 0) {
        return Err(Rejection::mismatch("the bytes are no Ogg"));
    }
    let mut at = 0;
    while let Some(page) = view.start.get(at..).filter(|page| page.len() >= 27) {
        if !page.starts_with(b"OggS") {
            return Err(Rejection::mismatch("the bytes after a page of the Ogg file are no page"));
        }
        let segments = page.get(26).map_or(0, |&count| usize::from(count));
        let Some(table) = page.get(27..27 + segments) else { break };
        at += 27 + segments + table.iter().map(|&len| usize::from(len)).sum::<usize>();
        if at as u64 > view.size {
            return Err(Rejection::truncated("the Ogg file ends inside a page"));
        }
    }
    Ok(())
}

/// FLAC. Source: RFC 9639 section 8.
pub(crate) fn check_flac(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    let header = bytes.strip_prefix(b"fLaC").and_then(|rest| rest.first_chunk::<4>());
    match header {
        Some(&[first, 0, 0, 34]) if first & 0x7f == 0 && bytes.len() >= 42 => Ok(()),
        Some(&[first, 0, 0, 34]) if first & 0x7f == 0 => {
            Err(Rejection::truncated("the FLAC ends inside its header"))
        }
        _ => Err(Rejection::mismatch("the bytes are no FLAC")),
    }
}

pub(crate) fn check_aiff(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    if !bytes.starts_with(b"FORM") || !matches!(bytes.get(8..12), Some(b"AIFF" | b"AIFC")) {
        return Err(Rejection::mismatch("the bytes are no AIFF"));
    }
    if be32(bytes, 4).is_none_or(|len| u64::from(len) + 8 > view.size) {
        return Err(Rejection::truncated("the AIFF is shorter than its header states"));
    }
    Ok(())
}

pub(crate) fn check_amr(view: &View<'_>) -> Result<(), Rejection> {
    if view.start.starts_with(b"#!AMR\n") || view.start.starts_with(b"#!AMR-WB\n") {
        return Ok(());
    }
    Err(Rejection::mismatch("the bytes are no AMR"))
}

pub(crate) fn check_midi(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    if !bytes.starts_with(b"MThd\0\0\0\x06") {
        return Err(Rejection::mismatch("the bytes are no MIDI"));
    }
    let track = be32(bytes, 18).filter(|_| bytes.get(14..18) == Some(b"MTrk"));
    match track {
        Some(len) if u64::from(len) + 22 <= view.size => Ok(()),
        _ => Err(Rejection::truncated("the MIDI has no complete track")),
    }
}
