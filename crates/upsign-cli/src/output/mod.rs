//! What the command prints.
//!
//! - Standard output carries results for programs ([`result`]) and for people ([`report`]).
//! - Standard error carries errors, warnings, and [`notes`] such as the progress of a longer operation.
//!
//! Colors are used on a terminal that supports them, unless `--color`, `NO_COLOR` or `CLICOLOR_FORCE` says otherwise.
//!
//! Nothing here panics or fails if a stream is full or closed. [`print_through`] makes standard error also never block.

mod printer;
pub(crate) mod wrap;

use std::fmt::{Display, Write as _};
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use anstyle::{AnsiColor, Style};
use serde_json::{Map, Value};
use upsign::{Clock, SystemClock};

use crate::exit::Diagnostic;
pub(crate) use printer::{Printer, notes, report};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default().bold();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();

type Writer = Box<dyn Write + Send>;

/// Receives what is printed on standard error, in place of the stream itself.
static WRITER: OnceLock<Mutex<Writer>> = OnceLock::new();

/// The first error of standard output.
static RESULT_ERROR: OnceLock<io::Error> = OnceLock::new();

/// Whether a result was printed.
static HAS_RESULT: AtomicBool = AtomicBool::new(false);

/// Whether standard output carries JSON (`--json`). Reports then are progress, and go to standard error.
static JSON: AtomicBool = AtomicBool::new(false);

/// Whether notes are left out (`--quiet`).
static QUIET: AtomicBool = AtomicBool::new(false);

/// Whether every line on standard error is a JSON object (`--log-format json`).
static JSON_LINES: AtomicBool = AtomicBool::new(false);

/// Sets what the global options ask for. Called once, when the program starts.
pub(crate) fn configure(json: bool, quiet: bool, json_lines: bool) {
    JSON.store(json, Ordering::Relaxed);
    QUIET.store(quiet, Ordering::Relaxed);
    JSON_LINES.store(json_lines, Ordering::Relaxed);
}

/// Returns whether notes are left out.
pub(crate) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Passes everything that is printed on standard error from now on to `writer`, which must not block: a server has to start,
/// run and end even if nothing reads its standard error.
pub(crate) fn print_through(writer: impl Write + Send + 'static) {
    // Set once, when the program starts.
    let _ = WRITER.set(Mutex::new(Box::new(writer)));
}

/// Returns whether standard error gets ANSI colors. The log layer uses it, because it writes without `anstream`.
pub(crate) fn stderr_has_color() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}

/// Writes a line to standard error.
fn print_error(level: &str, text: &dyn Display) {
    if !JSON_LINES.load(Ordering::Relaxed) {
        return write_error(&format!("{text}\n"));
    }
    let text = anstream::adapter::strip_str(&text.to_string()).to_string();
    if !text.trim().is_empty() {
        print_object(level, Map::from_iter([("message".to_owned(), text.trim().into())]));
    }
}

/// Writes an error or a warning as a JSON object on a line, with the members that `--json` prints.
fn print_diagnostic(level: &str, diagnostic: &Diagnostic) {
    if let Ok(Value::Object(members)) = serde_json::to_value(diagnostic) {
        print_object(level, members);
    }
}

/// Writes a line with the members that every line of the log has, and `members`.
fn print_object(level: &str, members: Map<String, Value>) {
    let common =
        [("timestamp".to_owned(), SystemClock.now().to_string().into()), ("level".to_owned(), level.into())];
    let line: Map<String, Value> = common.into_iter().chain(members).collect();
    write_error(&format!("{}\n", Value::Object(line)));
}

/// Writes to standard error. If that fails, there is nowhere to report it.
fn write_error(text: &str) {
    let Some(writer) = WRITER.get() else {
        let _ = anstream::stderr().write_all(text.as_bytes());
        return;
    };
    let stripped;
    let text = if stderr_has_color() {
        text
    } else {
        stripped = anstream::adapter::strip_str(text).to_string();
        &stripped
    };
    let _ = writer.lock().unwrap_or_else(PoisonError::into_inner).write_all(text.as_bytes());
}

/// Prints an error with its place and, if there is one, what the user can do about it.
pub(crate) fn error(error: &Diagnostic) {
    if JSON_LINES.load(Ordering::Relaxed) {
        return print_diagnostic("ERROR", error);
    }
    if let Some(rendered) = &error.rendered {
        return print_error("ERROR", &rendered.trim_end());
    }
    let mut text = hanging(&format!("{RED}error:{RED:#} "), &error.message);
    // Writing to a String does not fail.
    if let (Some(file), Some(line)) = (&error.file, error.line) {
        let _ = write!(text, "\n  {BOLD}-->{BOLD:#} {file}:{line}");
        if let Some(column) = error.column {
            let _ = write!(text, ":{column}");
        }
    }
    if let Some(help) = &error.help {
        text = text + "\n" + &hanging(&format!("{BOLD}help:{BOLD:#} "), help);
    }
    for (label, line) in error.findings.iter().flat_map(|finding| &finding.lines) {
        text = text + "\n" + &hanging(&format!("{YELLOW}{label:>7}:{YELLOW:#} "), line);
    }
    print_error("ERROR", &text);
}

/// Prints the line that ends the errors. JSON lines have none: a program counts them.
pub(crate) fn verdict(text: &str) {
    if !JSON_LINES.load(Ordering::Relaxed) {
        print_error("ERROR", &hanging("", &format!("\n{RED}{text}{RED:#}")));
    }
}

/// Prints a warning.
pub(crate) fn warning(message: &str) {
    if JSON_LINES.load(Ordering::Relaxed) {
        return print_error("WARN", &message);
    }
    print_error("WARN", &hanging(&format!("{YELLOW}warning:{YELLOW:#} "), message));
}

/// Prints a warning with its place.
pub(crate) fn warning_at(warning: &Diagnostic) {
    if JSON_LINES.load(Ordering::Relaxed) {
        return print_diagnostic("WARN", warning);
    }
    match &warning.rendered {
        Some(rendered) => print_error("WARN", rendered),
        None => self::warning(&warning.message),
    }
}

/// Wraps a text for standard error, with further lines indented to the end of `label`.
pub(crate) fn hanging(label: &str, text: &str) -> String {
    let indent = wrap::width_of(label);
    wrap::hanging(label, text, indent, wrap::stderr_width())
}

/// Prints a result on standard output, as it is. [`result_error`] returns the error if that fails.
pub(crate) fn result(text: &str) {
    HAS_RESULT.store(true, Ordering::Relaxed);
    let mut stdout = anstream::stdout().lock();
    if let Err(error) = writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        record_result_error(error);
    }
}

/// Returns whether a result was printed: `--json` then has its answer.
pub(crate) fn has_result() -> bool {
    HAS_RESULT.load(Ordering::Relaxed)
}

/// Records that standard output could not be written. A closed pipe is no error: its reader has seen enough, as in
/// `upsign schema | head -1`.
pub(crate) fn record_result_error(error: io::Error) {
    if error.kind() != ErrorKind::BrokenPipe {
        let _ = RESULT_ERROR.set(error);
    }
}

/// Returns the first error of [`result`] and of reports: the command has not succeeded if its result was not written.
pub(crate) fn result_error() -> Option<&'static io::Error> {
    RESULT_ERROR.get()
}
