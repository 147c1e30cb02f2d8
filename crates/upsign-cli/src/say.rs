//! What a person reads: on standard error, in colour where the terminal wants it (`NO_COLOR` is honoured), so that
//! standard output stays for answers.

use anstyle::{AnsiColor, Style};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// A numbered step of something that takes a while.
pub(crate) fn step(number: usize, what: &str) {
    anstream::eprintln!("\n{BOLD}{number}  {what}{BOLD:#}");
}

/// A detail under a step.
pub(crate) fn detail(name: &str, value: &str) {
    anstream::eprintln!("   {DIM}{name:<12}{DIM:#} {value}");
}

/// Something that came out as it should.
pub(crate) fn good(what: &str) {
    anstream::eprintln!("   {GOOD}✓{GOOD:#} {what}");
}

/// A line on its own.
pub(crate) fn line(text: &str) {
    anstream::eprintln!("{text}");
}

/// What went wrong, and what to do.
pub(crate) fn failed(message: &str, hint: Option<&str>) {
    anstream::eprintln!("{BAD}error:{BAD:#} {message}");
    if let Some(hint) = hint {
        anstream::eprintln!("{BOLD}hint:{BOLD:#} {hint}");
    }
}

/// Something to know that is no error.
pub(crate) fn warn(message: &str) {
    let warn = AnsiColor::Yellow.on_default().bold();
    anstream::eprintln!("{warn}warning:{warn:#} {message}");
}

/// An answer, on standard output.
pub(crate) fn answer(text: &str) {
    anstream::println!("{text}");
}
