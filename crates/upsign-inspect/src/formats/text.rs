//! Text: plain text, CSV, source code and JSON.

use std::borrow::Cow;

use crate::bytes::{starts_with_ignoring_case, trim_padding};
use crate::formats::markup;
use crate::rejection::Rejection;
use crate::sample::View;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// Text that nothing executes.
    Plain,
    /// Text that may begin with a tag or an interpreter, such as Markdown and scripts.
    Source,
    Json,
    JsonLines,
}

impl Text {
    pub(crate) const fn may_be_empty(self) -> bool {
        !matches!(self, Self::Json)
    }
}

/// `needs_utf8` is true if the content type states the encoding UTF-8.
pub(crate) fn check(text: Text, needs_utf8: bool, view: &View<'_>) -> Result<(), Rejection> {
    let is_json = matches!(text, Text::Json | Text::JsonLines);
    let [start, end] = decode(view, text)?;
    if (needs_utf8 || is_json) && !(is_utf8(&start) && is_utf8(&end)) {
        return Err(Rejection::mismatch("the text is not UTF-8"));
    }
    let content = trim_padding(&start);
    match text {
        Text::Plain => check_start(content, true),
        Text::Source => check_start(content, false),
        Text::Json if view.is_whole() => match serde_json::from_slice::<serde::de::IgnoredAny>(content) {
            Ok(_) => Ok(()),
            Err(error) if error.is_eof() => Err(Rejection::truncated("the JSON ends too early")),
            Err(_) => Err(Rejection::mismatch("the text is no JSON")),
        },
        Text::Json | Text::JsonLines => check_json_start(content),
    }
}

fn check_json_start(content: &[u8]) -> Result<(), Rejection> {
    // A sequence of JSON texts separates them by a record separator (RFC 7464).
    let is_json =
        matches!(content.first(), None | Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'));
    if is_json { Ok(()) } else { Err(Rejection::mismatch("the text is no JSON")) }
}

/// `strict` also refuses scripts with an interpreter, and text that begins with any common tag of HTML.
fn check_start(content: &[u8], strict: bool) -> Result<(), Rejection> {
    if [&b"%PDF-"[..], b"{\\rtf", b"%!PS"].iter().any(|signature| content.starts_with(signature)) {
        return Err(Rejection::mismatch("the text is a document of another type"));
    }
    if let Some(found) = markup::leading(content, strict) {
        return Err(Rejection::active(format!("the text begins with {found}")));
    }
    // Batch files, links and the start file of a drive of Windows.
    let windows = [&b"@echo off"[..], b"[internetshortcut]", b"[autorun]"];
    let is_program = windows.iter().any(|start| starts_with_ignoring_case(content, start));
    if strict && (is_program || content.starts_with(b"#!")) {
        return Err(Rejection::active("the text is a script or a link"));
    }
    Ok(())
}

/// Returns the visible text, in UTF-8 if it has a byte order mark.
///
/// Windows still writes text in its old code pages, so other encodings are accepted too. Binary files are recognized by their
/// control characters.
pub(crate) fn decode<'v>(view: &'v View<'_>, text: Text) -> Result<[Cow<'v, [u8]>; 2], Rejection> {
    let [start, end] = view.parts();
    let wide = match start {
        [0xff, 0xfe, rest @ ..] => Some((rest, u16::from_le_bytes as fn([u8; 2]) -> u16)),
        [0xfe, 0xff, rest @ ..] => Some((rest, u16::from_be_bytes as fn([u8; 2]) -> u16)),
        _ => None,
    };
    let parts = match wide {
        None => [Cow::Borrowed(start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start)), Cow::Borrowed(end)],
        Some((rest, read)) => {
            let odd = usize::from(!view.tail_at().is_multiple_of(2)).min(end.len());
            [from_wide(rest, read), from_wide(end.get(odd..).unwrap_or_default(), read)]
        }
    };
    // Old editors of DOS end a text with the character 26. Logs color their lines with escape sequences.
    let is_control = |byte: &u8| match byte {
        b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | 0x1b => false,
        // Programs contain tables of characters.
        1..=0x1f | 0x7f => text != Text::Source,
        _ => *byte == 0,
    };
    for (index, part) in parts.iter().enumerate() {
        let is_last = index == 1 || end.is_empty();
        let content = part.strip_suffix(b"\x1a").filter(|_| is_last).unwrap_or(part);
        // The separator of JSON sequences.
        if content.iter().any(|byte| is_control(byte) && *byte != 0x1e) {
            return Err(Rejection::mismatch("the bytes are no text: they contain control characters"));
        }
    }
    Ok(parts)
}

fn from_wide(bytes: &[u8], read: fn([u8; 2]) -> u16) -> Cow<'static, [u8]> {
    let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(read);
    let text: String =
        char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Cow::Owned(text.into_bytes())
}

/// Ignores a character that is cut at either end of a part.
fn is_utf8(bytes: &[u8]) -> bool {
    let cut = bytes.iter().take(3).take_while(|&&byte| byte & 0xc0 == 0x80).count();
    match std::str::from_utf8(bytes.get(cut..).unwrap_or_default()) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}
