//! Exit codes, and the error that ends a command.

use std::path::Path;
use std::process::ExitCode;

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
    /// At least one line of a batch got an error. All other lines were answered.
    BadLine,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Usage => 2,
            Exit::BadLine => 3,
        })
    }
}

/// An error that ends a command: the message for the user, an optional hint, and the exit code.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct CommandError {
    pub(crate) exit: Exit,
    message: String,
    /// What the user can do about it.
    pub(crate) hint: Option<String>,
}

impl CommandError {
    /// Creates an error about the command line, the environment or the configuration (exit code 2).
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), hint: None }
    }

    /// Creates an error about an operation that failed (exit code 1).
    pub(crate) fn failure(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failure, message: message.into(), hint: None }
    }

    /// Creates a failure from `error` and the chain of its causes, with `context` in front.
    pub(crate) fn caused(context: &str, error: &dyn std::error::Error) -> Self {
        Self::failure(format!("{context}: {}", error_chain(error)))
    }

    /// Creates a usage error about a file that cannot be read.
    pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::usage(format!("cannot read {}: {error}", path.display()))
    }

    /// Adds what the user can do about the error.
    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Turns the error into a usage error (exit code 2).
    pub(crate) fn into_usage(self) -> Self {
        Self { exit: Exit::Usage, ..self }
    }
}
