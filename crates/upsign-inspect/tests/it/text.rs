//! Texts in several encodings.

pub(crate) const HTML: &[u8] =
    b"<!DOCTYPE html>\n<html><body><script>alert(document.domain)</script></body></html>\n";

pub(crate) fn utf16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

pub(crate) fn with_bom(text: &[u8]) -> Vec<u8> {
    [b"\xef\xbb\xbf", text].concat()
}
