//! The text of the file, and positions in it.

use std::ops::Range;

use super::secret::may_contain_secret;
use super::token::may_show_token_secret;
use crate::error::Place;

/// The text of a file, with its name.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) file: String,
    pub(crate) text: String,
    /// The offsets of the line breaks.
    breaks: Vec<usize>,
}

impl Source {
    pub(crate) fn new(file: &str, text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self { file: file.into(), text: text.into(), breaks: breaks.map(|(offset, _)| offset).collect() }
    }

    /// Returns whether there is nothing in the file, for example because there is no file.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns the number of the line that contains an offset, counted from 1.
    pub(crate) fn line_at(&self, offset: usize) -> usize {
        1 + self.breaks.partition_point(|end| *end < offset)
    }

    /// Returns the offset at which a line starts. Lines are counted from 1.
    fn start_of(&self, line: usize) -> usize {
        line.checked_sub(2).and_then(|index| self.breaks.get(index)).map_or(0, |end| end + 1)
    }

    /// Returns the place of a part of the text. It takes time in proportion to the length of the line, so it is called only for
    /// what is reported.
    pub(crate) fn place(&self, span: &Range<usize>) -> Place {
        let line = self.line_at(span.start);
        let before = self.text.get(self.start_of(line)..span.start).unwrap_or_default();
        Place::Position {
            file: self.file.clone(),
            line,
            column: 1 + before.chars().count(),
            offset: span.start,
            len: span.end.saturating_sub(span.start),
        }
    }

    /// Returns the command that replaces the file with an example.
    pub(crate) fn init_command(&self) -> String {
        match self.file.as_str() {
            "upsign.toml" => "upsign init --force".to_owned(),
            other if other.contains(char::is_whitespace) => format!("upsign init --force '{other}'"),
            other => format!("upsign init --force {other}"),
        }
    }

    /// Returns the place of the whole file.
    pub(crate) fn whole(&self) -> Place {
        Place::File(self.file.clone())
    }

    /// Returns whether the lines of a place may be shown, because no name or value in them looks like a secret.
    pub(crate) fn is_quotable(&self, place: &Place) -> bool {
        place.span().is_none_or(|span| {
            let (lines, start) = (self.line_of(&span), self.start_of(self.line_at(span.start)));
            let before = self.text.get(..start).unwrap_or_default();
            !may_contain_secret(lines) && !may_show_token_secret(before, lines)
        })
    }

    /// Returns the lines that a part of the text touches.
    pub(crate) fn line_of(&self, span: &Range<usize>) -> &str {
        let start = self.start_of(self.line_at(span.start));
        let end = self.breaks.get(self.line_at(span.end) - 1).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default()
    }
}
