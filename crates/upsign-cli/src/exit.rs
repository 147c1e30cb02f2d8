//! Exit codes, and the errors that end a command.

use std::borrow::Cow;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use upsign_core::error_chain;

/// How a command ended. `upsign --help` documents the codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The command succeeded.
    Success,
    /// The operation failed: for example, a token was rejected or an upload failed.
    Failure,
    /// The command line, the environment or `upsign.toml` is invalid. Nothing was started.
    Usage,
    /// At least one line of a batch, or one of several files, failed. All others succeeded.
    BadLine,
    /// The API looked at what was uploaded and did not accept it.
    NotAccepted,
    /// The user stopped the command. A multipart upload can be resumed.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Usage => 2,
            Exit::BadLine => 3,
            Exit::NotAccepted => 4,
            // As shells report the signal SIGINT.
            Exit::Interrupted => 130,
        })
    }
}

/// One thing that is wrong, with the place where it is wrong.
///
/// The serialized form is what `--json` prints: members without a value are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Diagnostic {
    /// The kind of error, in kebab-case, for programs.
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// Counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    /// Counted from 1, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<usize>,
    /// The complete name of the key in `upsign.toml`, or the name of the environment variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    /// What the user can do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help: Option<String>,
    /// Why a request was refused: what is certain, or candidates, the most likely first.
    #[serde(rename = "diagnose", skip_serializing_if = "Vec::is_empty")]
    pub(crate) findings: Vec<Finding>,
    /// The complete text form, with ANSI styles, if it shows more than the members above, such as an excerpt of the file.
    #[serde(skip)]
    pub(crate) rendered: Option<String>,
}

impl Diagnostic {
    pub(crate) fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        Self {
            code,
            message,
            file: None,
            line: None,
            column: None,
            key: None,
            help: None,
            findings: Vec::new(),
            rendered: None,
        }
    }

    /// Names the file.
    pub(crate) fn in_file(self, file: impl Into<String>) -> Self {
        Self { file: Some(file.into()), ..self }
    }
}

/// Why a request was refused. `--json` prints the members of `upsign diagnose --json`, or those of the hint of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Finding {
    pub(crate) members: serde_json::Value,
    /// The lines for people: a label and a text each.
    #[serde(skip)]
    pub(crate) lines: Vec<(&'static str, String)>,
}

/// The errors that end a command, and its exit code.
///
/// There is at least one error. A configuration may have several.
#[derive(Debug)]
pub(crate) struct CommandError {
    pub(crate) exit: Exit,
    first: Box<Diagnostic>,
    others: Vec<Diagnostic>,
    /// The last line, in place of the number of errors.
    verdict: Option<String>,
}

impl CommandError {
    /// Creates an error about the command line, the environment or the configuration (exit code 2).
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, Diagnostic::new("usage", message))
    }

    /// Creates an error about an operation that failed (exit code 1).
    pub(crate) fn failure(message: impl Into<String>) -> Self {
        Self::new(Exit::Failure, Diagnostic::new("failed", message))
    }

    /// Creates a failure from `error` and the chain of its causes, with `context` in front.
    pub(crate) fn caused(context: &str, error: &dyn std::error::Error) -> Self {
        Self::failure(format!("{context}: {}", error_chain(error)))
    }

    /// Creates a usage error about a file that cannot be read.
    pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        let file = path.display().to_string();
        Self::new(
            Exit::Usage,
            Diagnostic::new("io", format!("cannot read {file}: {}", reason(error))).in_file(file),
        )
    }

    /// Creates an error from its parts.
    pub(crate) fn new(exit: Exit, first: Diagnostic) -> Self {
        Self { exit, first: Box::new(first), others: Vec::new(), verdict: None }
    }

    /// Creates a usage error from everything that is wrong with a configuration, or returns `None` if nothing is.
    pub(crate) fn all(diagnostics: impl IntoIterator<Item = Diagnostic>) -> Option<Self> {
        let mut diagnostics = diagnostics.into_iter();
        let first = Box::new(diagnostics.next()?);
        Some(Self { exit: Exit::Usage, first, others: diagnostics.collect(), verdict: None })
    }

    /// Sets what the user can do about the (first) error.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.first.help = Some(help.into());
        self
    }

    /// Adds a further error.
    pub(crate) fn with_other(mut self, other: Diagnostic) -> Self {
        self.others.push(other);
        self
    }

    /// Sets the line that follows the errors. Without it, the number of errors follows, if there are several.
    pub(crate) fn with_verdict(mut self, verdict: impl Into<String>) -> Self {
        self.verdict = Some(verdict.into());
        self
    }

    /// Returns the line that follows the errors.
    pub(crate) fn verdict(&self) -> Option<String> {
        let count = 1 + self.others.len();
        self.verdict.clone().or_else(|| (count > 1).then(|| format!("{count} errors")))
    }

    /// Sets the code of the (first) error.
    pub(crate) fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.first.code = code.into();
        self
    }

    /// Turns the error into a usage error (exit code 2).
    pub(crate) fn into_usage(mut self) -> Self {
        self.exit = Exit::Usage;
        if self.first.code == "failed" {
            self.first.code = "usage".into();
        }
        self
    }

    /// Returns the errors in order.
    pub(crate) fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        std::iter::once(&*self.first).chain(&self.others)
    }

    /// Returns the errors as `--json` prints them: the first as `error`, and all of them as `errors` if there are several.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        if self.others.is_empty() {
            return serde_json::json!({"error": self.first});
        }
        serde_json::json!({"error": self.first, "errors": self.diagnostics().collect::<Vec<_>>()})
    }
}

/// Returns the reason of an I/O error in words, without the number of the operating system's error.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        std::io::ErrorKind::InvalidData => "it is not text in UTF-8".to_owned(),
        _ => error.to_string(),
    }
}
