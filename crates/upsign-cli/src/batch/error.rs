//! Errors of single batch lines.

use std::error::Error;

use serde::Serialize;
use upsign_core::{PresignError, error_chain};

/// The reason why a line gets no answer: a stable code for programs and a message for people.
///
/// Messages never contain a value of the line, because it may be a secret.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct LineError {
    code: &'static str,
    message: String,
    /// Whether the error decides the exit code of the batch.
    #[serde(skip)]
    pub(crate) fails_batch: bool,
}

impl LineError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), fails_batch: true }
    }

    /// Creates an error about a line that is not a request of the expected form.
    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new("invalid-request", message)
    }

    /// Creates an error about the value of one member.
    pub(crate) fn member(name: &str, reason: &dyn std::fmt::Display) -> Self {
        Self::invalid_request(format!("`{name}`: {reason}"))
    }

    /// Returns a function that turns an error into a `LineError` with this code, for `map_err`.
    pub(crate) fn with<E: Error>(code: &'static str) -> impl Fn(E) -> Self {
        move |error| Self::new(code, error.to_string())
    }

    /// Marks the error as a regular answer, which does not change the exit code.
    pub(crate) fn into_answer(self) -> Self {
        Self { fails_batch: false, ..self }
    }

    /// Describes why a line could not be parsed.
    ///
    /// serde quotes values, and the names of unknown members, in its messages. Only the names that this program expects
    /// are taken from them.
    pub(crate) fn unparsable(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let expected_name =
            |prefix: &str| text.starts_with(prefix).then(|| text.split('`').nth(1).unwrap_or_default());
        let column = error.column();
        if let Some(name) = expected_name("missing field") {
            Self::invalid_request(format!("the member `{name}` is missing"))
        } else if let Some(name) = expected_name("duplicate field") {
            Self::invalid_request(format!("the member `{name}` occurs twice"))
        } else if text.starts_with("unknown field") {
            Self::invalid_request(format!(
                "unknown member before column {column}; `--help` lists the known ones"
            ))
        } else if error.is_data() {
            Self::invalid_request(format!("a member has the wrong type, before column {column}"))
        } else {
            Self::new("invalid-json", format!("the line is not valid JSON, at column {column}"))
        }
    }
}

impl From<PresignError> for LineError {
    fn from(error: PresignError) -> Self {
        match error {
            PresignError::Unsupported(unsupported) => Self::new("unsupported", unsupported.to_string()),
            other => Self::new("not-signed", error_chain(&other).to_string()),
        }
    }
}
