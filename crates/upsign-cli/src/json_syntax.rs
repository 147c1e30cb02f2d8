//! Where a text is not JSON, and how.

use serde_json::Value;

/// A syntax error of a JSON text.
///
/// No excerpt of the text is kept: an event may contain a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// Counted from 1.
    pub(crate) line: usize,
    /// Counted from 1, in bytes.
    pub(crate) column: usize,
    pub(crate) reason: String,
}

impl SyntaxError {
    /// Returns the first syntax error of `text`, or `None` if it is JSON. If the text ends too early, the place is its last
    /// character: a line break after that is no line to look at.
    pub(crate) fn find(text: &[u8]) -> Option<Self> {
        let error = serde_json::from_slice::<Value>(text).err()?;
        if !error.is_eof() {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or(&reason).to_owned();
            return Some(Self { line: error.line().max(1), column: error.column().max(1), reason });
        }
        let text = text.trim_ascii_end();
        let last = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = 1 + text.iter().filter(|byte| **byte == b'\n').count();
        let reason = if text.is_empty() { "the file is empty" } else { "the JSON ends too early" };
        Some(Self { line, column: last.len().max(1), reason: reason.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn end_of_text_is_its_last_character() {
        for (text, place, reason) in [
            ("{\"a\":[1", (1, 7), "the JSON ends too early"),
            ("{\"a\":[1\n\n", (1, 7), "the JSON ends too early"),
            ("{\n \"a\":\n", (2, 5), "the JSON ends too early"),
            ("", (1, 1), "the file is empty"),
            (" \n", (1, 1), "the file is empty"),
            ("{\n a}", (2, 2), "key must be a string"),
        ] {
            let error = SyntaxError::find(text.as_bytes()).unwrap();
            assert_eq!(((error.line, error.column), &*error.reason), (place, reason), "{text:?}");
        }
        assert_eq!(SyntaxError::find(b"{}"), None);
    }
}
