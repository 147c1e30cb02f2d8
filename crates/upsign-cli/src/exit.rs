//! Exit codes.

use std::process::ExitCode;

/// How a command ended. Documented in `upsign --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All went as asked.
    Success,
    /// What was asked for did not come about: a token refused, an upload failed.
    Failure,
    /// The command line, the environment or `upsign.toml` is not right. Nothing was started.
    Usage,
    /// A batch answered a line with an error. Every other line was answered.
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

/// A command that ended early: what to say and how to exit.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failed {
    pub(crate) exit: Exit,
    message: String,
    /// What the person can do.
    pub(crate) hint: Option<String>,
}

impl Failed {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), hint: None }
    }

    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failure, message: message.into(), hint: None }
    }

    /// A failure with the whole chain of its causes.
    pub(crate) fn caused(what: &str, error: &dyn std::error::Error) -> Self {
        let mut message = format!("{what}: {error}");
        let mut next = error.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            if !message.ends_with(&text) {
                message = format!("{message}: {text}");
            }
            next = cause.source();
        }
        Self::new(message)
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(crate) fn into_usage(self) -> Self {
        Self { exit: Exit::Usage, ..self }
    }
}
