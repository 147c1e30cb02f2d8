//! Line breaks for terminals.
//!
//! Text is wrapped only for a terminal, or if `COLUMNS` is set, as the help of the command is: a program that reads a pipe
//! gets each item on one line.

use std::io;

use terminal_size::{Width, terminal_size_of};

use crate::environment;

/// The narrowest width to which text is wrapped.
const MIN_WIDTH: usize = 40;

/// Returns the width of standard output.
pub(crate) fn stdout_width() -> Option<usize> {
    terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns.into()).or_else(columns)
}

/// Returns the width of standard error.
pub(crate) fn stderr_width() -> Option<usize> {
    terminal_size_of(io::stderr()).map(|(Width(columns), _)| columns.into()).or_else(columns)
}

fn columns() -> Option<usize> {
    environment::variable("COLUMNS")?.parse().ok()
}

/// Returns the number of columns of `text`, without its ANSI styles.
pub(crate) fn width_of(text: &str) -> usize {
    anstream::adapter::strip_str(text).to_string().chars().count()
}

/// Returns `text` after `label`, in lines of at most `width` columns. Further lines, also those that `text` itself contains,
/// are indented by `indent` spaces. Words are never broken, so that a URL or a path can be copied.
pub(crate) fn hanging(label: &str, text: &str, indent: usize, width: Option<usize>) -> String {
    let mut lines = String::from(label);
    let break_line = format!("\n{:indent$}", "");
    let width = width.map(|width| width.max(MIN_WIDTH));
    for (index, paragraph) in text.split('\n').enumerate() {
        let mut column = if index == 0 { width_of(label) } else { indent };
        if index > 0 {
            lines.push_str(&break_line);
        }
        let Some(width) = width else {
            lines.push_str(paragraph);
            continue;
        };
        let mut is_first = true;
        for word in paragraph.split(' ') {
            let length = width_of(word);
            if !is_first && column + 1 + length > width && !word.is_empty() {
                lines.truncate(lines.trim_end_matches(' ').len());
                lines.push_str(&break_line);
                column = indent;
            } else if !is_first {
                lines.push(' ');
                column += 1;
            }
            lines.push_str(word);
            column += length;
            is_first = false;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_continue_below_the_text() {
        let text = "one two three four five six seven eight nine ten eleven";
        let wrapped = hanging("   name: ", text, 9, Some(40));
        assert_eq!(wrapped, "   name: one two three four five six\n         seven eight nine ten eleven");
        assert_eq!(hanging("   name: ", text, 9, None), format!("   name: {text}"));
    }

    #[test]
    fn words_longer_than_a_line_stay_whole() {
        let url = "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/a";
        assert_eq!(hanging("x ", &format!("at {url} now"), 2, Some(40)), format!("x at\n  {url}\n  now"));
    }

    #[test]
    fn styles_take_no_columns() {
        let label = "\u{1b}[1merror:\u{1b}[0m ";
        assert_eq!(width_of(label), 7);
        let words = "a ".repeat(16) + "b";
        assert_eq!(hanging(label, &words, 7, Some(40)), format!("{label}{words}"));
    }

    #[test]
    fn spaces_and_line_breaks_of_the_text_are_kept() {
        assert_eq!(hanging("l ", "a  b\nc", 2, Some(80)), "l a  b\n  c");
    }
}
