//! Where the value of a name begins and ends, in a URL, a header, JSON, XML, HTML or a command.

use std::ops::Range;

use super::names::{NAMES, Treatment};

/// Returns the length of the word at the start of `text`. `%2D` is a hyphen in the name of a query parameter.
pub(super) fn word(text: &str) -> usize {
    let mut len = 0;
    while let Some(rest) = text.get(len..) {
        let step = match rest.bytes().next() {
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') => 1,
            Some(b'%') if starts_with(rest, "%2d") || starts_with(rest, "%5f") => 3,
            _ => break,
        };
        len += step;
    }
    len
}

/// Returns 3 if `text` starts with a percent-encoded byte.
pub(super) fn encoded(text: &str) -> Option<usize> {
    let digits = text.strip_prefix('%')?.as_bytes().get(..2)?;
    digits.iter().all(u8::is_ascii_hexdigit).then_some(3)
}

fn starts_with(text: &str, lower: &str) -> bool {
    text.get(..lower.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower))
}

/// Returns the length of `user:password` in front of a host, if the text before ends with `://`.
pub(super) fn userinfo(text: &str, before: &str) -> Option<usize> {
    if !before.ends_with("://") {
        return None;
    }
    let authority = text.split(['/', '?', '#', ' ', '\n', '"', '\'', '<']).next()?;
    authority.rfind('@')
}

/// Returns the range of the value in `after`, the text after `name`, if the name is that of a secret.
///
/// `opened` is the quotation mark directly before the name, as in `-H 'cookie: …'`.
pub(super) fn secret_value(
    name: &str,
    after: &str,
    opened: Option<char>,
) -> Option<(Range<usize>, Treatment)> {
    let lower = name.to_ascii_lowercase().replace("%2d", "-").replace("%5f", "_");
    let (_, treatment) = NAMES.iter().find(|(known, _)| *known == lower)?;
    let start = if lower == "bearer" { after.len() - after.trim_start().len() } else { separator(after)? };
    let rest = after.get(start..)?;
    let quote = after.get(..start)?.chars().next_back().filter(|it| matches!(it, '"' | '\''));
    let len = match treatment {
        Treatment::Shorten => end_of_value(rest),
        Treatment::Remove => end_of_header(rest, quote.or(opened)),
        Treatment::RemoveElement => rest.find(['<', '"']).unwrap_or(rest.len()),
    };
    (len > 0).then_some((start..start + len, *treatment))
}

/// Returns the length of what separates a name from its value: `=`, `: `, `">`, `" value="`, `","value":"`, …
fn separator(after: &str) -> Option<usize> {
    let (mut at, mut separates) = (0, false);
    loop {
        let rest = after.get(at..)?;
        let step = match rest.chars().next()? {
            '=' | ':' | '>' | '"' | '\'' => {
                separates = true;
                1
            }
            '\\' | ' ' | '\t' | '\r' | '\n' => 1,
            ',' if separates => 1,
            '%' if ["%3d", "%3a", "%22"].iter().any(|it| starts_with(rest, it)) => {
                separates = true;
                3
            }
            // The attribute of HTML and the member of HAR.
            _ if separates && starts_with(rest, "value") && word(rest) == 5 => 5,
            _ => break,
        };
        at += step;
    }
    separates.then_some(at)
}

fn end_of_value(rest: &str) -> usize {
    let is_end = |(at, found): &(usize, char)| match found {
        '&' | '"' | '\'' | '<' | '>' | ';' | ',' | '\\' | '}' | ')' | '#' => true,
        '%' => {
            ["%26", "%22", "%20"].iter().any(|it| rest.get(*at..).is_some_and(|rest| starts_with(rest, it)))
        }
        other => other.is_whitespace(),
    };
    rest.char_indices().find(is_end).map_or(rest.len(), |(at, _)| at)
}

/// Returns the length of the value of a header: to the end of its line, or of the quoted text that contains it.
fn end_of_header(rest: &str, quote: Option<char>) -> usize {
    let mut escaped = false;
    for (at, found) in rest.char_indices() {
        if matches!(found, '\r' | '\n') || (Some(found) == quote && !escaped) {
            return at;
        }
        escaped = found == '\\' && !escaped;
    }
    rest.len()
}
