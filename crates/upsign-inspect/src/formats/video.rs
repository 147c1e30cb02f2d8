//! Films that are neither ISO media, Matroska nor RIFF.

use crate::bytes::be32;
use crate::rejection::Rejection;
use crate::sample::View;

/// MPEG-1 and MPEG-2: a pack header or a sequence header. Source: ISO/IEC 13818-1 section 2.5.
pub(crate) fn check_program(view: &View<'_>) -> Result<(), Rejection> {
    match be32(&view.start, 0) {
        Some(0x0000_01ba | 0x0000_01b3) if view.start.len() > 12 => Ok(()),
        _ => Err(Rejection::mismatch("the bytes are no MPEG film")),
    }
}

/// A transport stream has a sync byte every 188 bytes, or 192 with time stamps before each packet.
pub(crate) fn check_transport(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    let is_stream = |first: usize, step: usize| {
        let mut packets = (first..bytes.len()).step_by(step).take(5);
        bytes.len() > first + step && packets.all(|at| bytes.get(at) == Some(&0x47))
    };
    if is_stream(0, 188) || is_stream(4, 192) {
        return Ok(());
    }
    Err(Rejection::mismatch("the bytes are no MPEG transport stream"))
}

pub(crate) fn check_asf(view: &View<'_>) -> Result<(), Rejection> {
    let header = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
    if view.start.starts_with(header) {
        return Ok(());
    }
    Err(Rejection::mismatch("the bytes are no Windows Media file"))
}

pub(crate) fn check_flash(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    if bytes.starts_with(b"FLV\x01") && be32(bytes, 5) == Some(9) {
        return Ok(());
    }
    Err(Rejection::mismatch("the bytes are no Flash film"))
}
