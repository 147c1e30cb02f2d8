//! Lines of reports and notes.

use std::fmt::Display;
use std::io::Write;
use std::sync::atomic::Ordering;

use anstyle::Style;

use super::{BOLD, DIM, GREEN, JSON, JSON_LINES, QUIET, print_error, record_result_error, wrap};

/// Where lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Printer {
    /// Standard output.
    Report,
    /// Standard error.
    Notes,
}

/// Returns the printer of reports, the results for people: standard output, or standard error if `--json` reserves standard
/// output for JSON.
pub(crate) fn report() -> Printer {
    if JSON.load(Ordering::Relaxed) { Printer::Notes } else { Printer::Report }
}

/// Returns the printer of notes about a result or the progress of an operation: standard error, or nothing with `--quiet`.
pub(crate) const fn notes() -> Printer {
    Printer::Notes
}

/// The width of the names in [`Printer::detail`], and the column in which the values start.
const NAME_WIDTH: usize = 12;
const VALUE_COLUMN: usize = 3 + NAME_WIDTH + 1;

impl Printer {
    fn print(self, text: &dyn Display) {
        match self {
            Self::Report => {
                let mut stdout = anstream::stdout().lock();
                let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
                if let Err(error) = written {
                    record_result_error(error);
                }
            }
            Self::Notes if QUIET.load(Ordering::Relaxed) => {}
            Self::Notes => print_error("INFO", text),
        }
    }

    fn width(self) -> Option<usize> {
        match self {
            Self::Report => wrap::stdout_width(),
            Self::Notes => wrap::stderr_width(),
        }
    }

    /// Prints a plain line.
    pub(crate) fn line(self, text: &str) {
        let indent = text.len() - text.trim_start_matches(' ').len();
        self.print(&wrap::hanging("", text, indent, self.width()));
    }

    /// Prints a numbered step of a longer operation.
    pub(crate) fn step(self, number: usize, title: &str) {
        let text = wrap::hanging(&format!("{BOLD}{number}  "), title, 3, self.width());
        self.print(&format_args!("\n{text}{BOLD:#}"));
    }

    /// Prints a name and its value below a step or a title.
    pub(crate) fn detail(self, name: &str, value: &str) {
        if self == Self::Notes && JSON_LINES.load(Ordering::Relaxed) {
            return self.print(&format_args!("{name}: {value}"));
        }
        let label = format!("   {DIM}{name:<NAME_WIDTH$}{DIM:#} ");
        self.print(&wrap::hanging(&label, value, VALUE_COLUMN, self.width()));
    }

    /// Prints a text after a colored label.
    pub(crate) fn labelled(self, style: Style, label: &str, text: &str) {
        self.print(&wrap::hanging(&format!("{style}{label}:{style:#} "), text, 4, self.width()));
    }

    /// Prints that a step succeeded.
    pub(crate) fn success(self, text: &str) {
        self.print(&wrap::hanging(&format!("   {GREEN}✓{GREEN:#} "), text, 5, self.width()));
    }

    /// Prints what to do next, unless `--quiet` is set.
    pub(crate) fn next(self, text: &str) {
        if QUIET.load(Ordering::Relaxed) {
            return;
        }
        let text = wrap::hanging(&format!("{BOLD}next:{BOLD:#} "), text, 6, self.width());
        self.print(&text);
    }
    /// Prints a command as it is, so that it can be copied: a line break that wrapping adds would end it.
    pub(crate) fn verbatim(self, text: &str) {
        self.print(&text);
    }
}
