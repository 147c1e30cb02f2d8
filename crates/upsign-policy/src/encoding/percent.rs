//! Percent-encoding for header values.

use std::fmt::Write;

/// Appends `text` to `out`. Every byte for which `keep` is `false` becomes `%` and two upper-case hex digits. `keep` must be
/// `false` for bytes that are not ASCII.
pub(crate) fn push_percent(out: &mut String, text: &str, keep: impl Fn(u8) -> bool) {
    for byte in text.bytes() {
        if keep(byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// Returns whether a byte is unreserved (RFC 3986 section 2.3).
pub(crate) const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Returns whether a byte is an `attr-char` (RFC 8187 section 3.2.1).
pub(crate) const fn is_attr_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#' | b'$' | b'&' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
}
