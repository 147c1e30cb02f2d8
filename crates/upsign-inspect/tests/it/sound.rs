//! Small valid sound files and fonts.

use crate::images::{riff, riff_chunk};

/// Frames of MPEG-1 layer III at 128 kbit/s and 44.1 kHz: 417 bytes each.
pub(crate) fn mp3_frames(count: usize) -> Vec<u8> {
    let frame: Vec<u8> = [0xff, 0xfb, 0x90, 0x64].into_iter().chain([0; 413]).collect();
    frame.repeat(count)
}

pub(crate) fn mp3_with_tag() -> Vec<u8> {
    // 21 bytes: the length has seven bits per byte.
    let frame = [&b"TIT2\0\0\0\x0b\0\0\0"[..], b"A nice song"].concat();
    let len = u8::try_from(frame.len()).unwrap();
    [b"ID3\x03\0\0\0\0\0".to_vec(), vec![len], frame, mp3_frames(3)].concat()
}

pub(crate) fn wav() -> Vec<u8> {
    let format = riff_chunk(b"fmt ", &[1, 0, 1, 0, 0x44, 0xac, 0, 0, 0x88, 0x58, 1, 0, 2, 0, 16, 0]);
    riff(b"WAVE", &[format, riff_chunk(b"data", &[1; 100])].concat())
}

/// As a pipe writes it: the lengths are unknown.
pub(crate) fn wav_of_pipe() -> Vec<u8> {
    let mut bytes = wav();
    bytes[4..8].fill(0xff);
    bytes
}

fn ogg_page(flags: u8, content: &[u8]) -> Vec<u8> {
    let len = u8::try_from(content.len()).unwrap();
    [&b"OggS\0"[..], &[flags], &[0; 20], &[1, len], content].concat()
}

pub(crate) fn opus() -> Vec<u8> {
    let head = b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\0";
    [ogg_page(2, head), ogg_page(0, b"OpusTags\0\0\0\0\0\0\0\0"), ogg_page(4, &[1; 100])].concat()
}

pub(crate) fn vorbis() -> Vec<u8> {
    [ogg_page(2, b"\x01vorbis\0\0\0\0\x02\x44\xac\0\0"), ogg_page(4, &[1; 100])].concat()
}

pub(crate) fn flac() -> Vec<u8> {
    [&b"fLaC\x80\0\0\x22"[..], &[0; 34], &[0xff, 0xf8, 1, 2, 3]].concat()
}

pub(crate) fn aac() -> Vec<u8> {
    let frame: Vec<u8> = [0xff, 0xf1, 0x50, 0x80, 0x02, 0x1f, 0xfc].into_iter().chain([0; 9]).collect();
    frame.repeat(4)
}

pub(crate) fn midi() -> Vec<u8> {
    b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x04\0\xff\x2f\0".to_vec()
}

pub(crate) fn true_type() -> Vec<u8> {
    let entry = [&b"head"[..], &[0; 4], &28_u32.to_be_bytes(), &4_u32.to_be_bytes()].concat();
    [&b"\0\x01\0\0\0\x01\0\x10\0\0\0\0"[..], &entry, b"data"].concat()
}

pub(crate) fn woff2() -> Vec<u8> {
    let mut bytes = [&b"wOF2\0\x01\0\0"[..], &60_u32.to_be_bytes(), &[0, 1, 0, 0]].concat();
    bytes.resize(60, 0);
    bytes
}
