//! Output for people, on standard error. Standard output carries only results.
//!
//! Colors are used if standard error is a terminal that supports them; `NO_COLOR` and `CLICOLOR_FORCE` are honored.
//!
//! Nothing here panics or fails if a stream is full or closed. [`print_through`] makes standard error also never block.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};
use std::sync::{Mutex, OnceLock, PoisonError};

use anstyle::{AnsiColor, Style};

use crate::exit::Diagnostic;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

type Writer = Box<dyn Write + Send>;

/// Receives what is printed on standard error, in place of the stream itself.
static WRITER: OnceLock<Mutex<Writer>> = OnceLock::new();

/// The first error of standard output.
static RESULT_ERROR: OnceLock<io::Error> = OnceLock::new();

/// Passes everything that is printed from now on to `writer`, which must not block: a server has to start, run and end even
/// if nothing reads its standard error.
pub(crate) fn print_through(writer: impl Write + Send + 'static) {
    // Set once, when the program starts.
    let _ = WRITER.set(Mutex::new(Box::new(writer)));
}

/// Returns whether standard error gets ANSI colors. The log layer uses it, because it writes without `anstream`.
pub(crate) fn stderr_has_color() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}

/// Writes a line to standard error. If that fails, there is nowhere to report it.
fn print(text: &dyn Display) {
    let text = format!("{text}\n");
    let Some(writer) = WRITER.get() else {
        let _ = anstream::stderr().write_all(text.as_bytes());
        return;
    };
    let text = if stderr_has_color() { text } else { anstream::adapter::strip_str(&text).to_string() };
    let _ = writer.lock().unwrap_or_else(PoisonError::into_inner).write_all(text.as_bytes());
}

/// Prints a numbered step of a longer operation.
pub(crate) fn step(number: usize, title: &str) {
    print(&format_args!("\n{BOLD}{number}  {title}{BOLD:#}"));
}

/// Prints a name and its value below a step or a title.
pub(crate) fn detail(name: &str, value: &str) {
    print(&format_args!("   {DIM}{name:<12}{DIM:#} {value}"));
}

/// Prints that a step succeeded.
pub(crate) fn success(text: &str) {
    print(&format_args!("   {GREEN}✓{GREEN:#} {text}"));
}

/// Prints a plain line.
pub(crate) fn line(text: &str) {
    print(&text);
}

/// Prints an error with its place and, if there is one, what the user can do about it.
pub(crate) fn error(error: &Diagnostic) {
    if let Some(rendered) = &error.rendered {
        return print(&rendered.trim_end());
    }
    let mut text = format!("{RED}error:{RED:#} {}", error.message);
    // Writing to a String does not fail.
    if let (Some(file), Some(line)) = (&error.file, error.line) {
        let _ = write!(text, "\n  {BOLD}-->{BOLD:#} {file}:{line}");
        if let Some(column) = error.column {
            let _ = write!(text, ":{column}");
        }
    }
    if let Some(help) = &error.help {
        let _ = write!(text, "\n{BOLD}help:{BOLD:#} {help}");
    }
    print(&text);
}

/// Prints a warning.
pub(crate) fn warning(message: &str) {
    print(&format_args!("{YELLOW}warning:{YELLOW:#} {message}"));
}

/// Prints a result on standard output. [`result_error`] returns the error if that fails.
pub(crate) fn result(text: &str) {
    let mut stdout = anstream::stdout().lock();
    if let Err(error) = writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        let _ = RESULT_ERROR.set(error);
    }
}

/// Returns the first error of [`result`]: the command has not succeeded if its result was not written.
pub(crate) fn result_error() -> Option<&'static io::Error> {
    RESULT_ERROR.get()
}
