//! Output for people, on standard error. Standard output carries only results.
//!
//! Colors are used if standard error is a terminal that supports them; `NO_COLOR` and `CLICOLOR_FORCE` are honored.

use anstyle::{AnsiColor, Style};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

/// Returns whether standard error gets ANSI colors. The log layer uses it, because it writes without `anstream`.
pub(crate) fn stderr_has_color() -> bool {
    anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}

/// Prints a numbered step of a longer operation.
pub(crate) fn step(number: usize, title: &str) {
    anstream::eprintln!("\n{BOLD}{number}  {title}{BOLD:#}");
}

/// Prints a name and its value below a step or a title.
pub(crate) fn detail(name: &str, value: &str) {
    anstream::eprintln!("   {DIM}{name:<12}{DIM:#} {value}");
}

/// Prints that a step succeeded.
pub(crate) fn success(text: &str) {
    anstream::eprintln!("   {GREEN}✓{GREEN:#} {text}");
}

/// Prints a plain line.
pub(crate) fn line(text: &str) {
    anstream::eprintln!("{text}");
}

/// Prints an error and, if there is one, a hint.
pub(crate) fn error(message: &str, hint: Option<&str>) {
    anstream::eprintln!("{RED}error:{RED:#} {message}");
    if let Some(hint) = hint {
        anstream::eprintln!("{BOLD}hint:{BOLD:#} {hint}");
    }
}

/// Prints a warning.
pub(crate) fn warning(message: &str) {
    anstream::eprintln!("{YELLOW}warning:{YELLOW:#} {message}");
}

/// Prints a result on standard output.
pub(crate) fn result(text: &str) {
    anstream::println!("{text}");
}
