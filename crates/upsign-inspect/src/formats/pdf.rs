//! PDF. Source: ISO 32000-1, section 7.5, and annex H for the tolerance of readers.

use memchr::memmem;

use crate::bytes::trim_padding;
use crate::rejection::Rejection;
use crate::sample::View;

const MARKER: &[u8] = b"%PDF-";

/// Readers look for the header in the first 1,024 bytes. A file with other bytes before it can have a second type, so only a
/// byte order mark and white space are accepted there.
pub(crate) fn check(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    let content = trim_padding(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let Some(version) = content.strip_prefix(MARKER) else {
        return Err(if memmem::find(bytes, MARKER).is_some() {
            Rejection::polyglot("other bytes precede the header of the PDF")
        } else {
            Rejection::mismatch("the bytes are no PDF")
        });
    };
    if !matches!(version, [b'1'..=b'2', b'.', b'0'..=b'9', ..]) {
        return Err(Rejection::mismatch("the PDF states no version"));
    }
    if memmem::find(view.tail(), b"%%EOF").is_none() {
        return Err(Rejection::truncated("the PDF has no end"));
    }
    match view.parts().iter().find_map(|part| active_name(part)) {
        Some(name) => Err(Rejection::active(format!("the PDF contains an action of the kind {name}"))),
        None => Ok(()),
    }
}

/// Finds actions that run scripts or programs. A character of a name may be written as `#` and two hexadecimal digits.
fn active_name(bytes: &[u8]) -> Option<&'static str> {
    memchr::memchr_iter(b'/', bytes).find_map(|at| {
        let (name, rest) = read_name(bytes.get(at + 1..)?);
        match name.as_slice() {
            b"JavaScript" => Some("JavaScript"),
            b"Launch" => Some("Launch"),
            // Two letters occur by chance in compressed data, so a value must follow.
            b"JS" if is_value(rest) => Some("JavaScript"),
            _ => None,
        }
    })
}

/// Reads a name of up to 12 characters, without its `#` sequences, and returns the bytes after it.
fn read_name(mut bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut name = Vec::new();
    while name.len() <= 12 {
        bytes = match bytes {
            [b'#', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digit = |byte: u8| char::from(byte).to_digit(16).map_or(0, |digit| digit as u8);
                name.push(digit(*high) << 4 | digit(*low));
                rest
            }
            [byte, rest @ ..] if byte.is_ascii_alphanumeric() => {
                name.push(*byte);
                rest
            }
            _ => break,
        };
    }
    (name, bytes)
}

/// A text, or a reference such as `12 0 R`.
fn is_value(bytes: &[u8]) -> bool {
    match trim_padding(bytes) {
        [b'(', ..] => true,
        [b'<', next, ..] => next.is_ascii_hexdigit() || *next == b'<',
        [b'0'..=b'9', rest @ ..] => {
            let rest = rest.get(..rest.len().min(16)).unwrap_or_default();
            memmem::find(rest, b" R").is_some()
        }
        _ => false,
    }
}

/// RTF: objects are programs of Windows with their data.
pub(crate) fn check_rtf(view: &View<'_>) -> Result<(), Rejection> {
    let bytes: &[u8] = &view.start;
    if !bytes.starts_with(b"{\\rtf") {
        return Err(Rejection::mismatch("the bytes are no RTF"));
    }
    if [&b"\\objdata"[..], b"\\objupdate", b"\\objocx"].iter().any(|word| view.contains(word)) {
        return Err(Rejection::active("the RTF contains an embedded object"));
    }
    let mut tail = view.tail();
    while let [rest @ .., 0 | b'\n' | b'\r' | b' '] = tail {
        tail = rest;
    }
    if tail.ends_with(b"}") { Ok(()) } else { Err(Rejection::truncated("the RTF has no end")) }
}
