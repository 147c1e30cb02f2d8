//! Why a line is not answered.

use std::error::Error;

use serde::Serialize;
use upsign_core::PresignError;

/// A code for programs, which stays, and a sentence for people, which may not.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Refused {
    code: &'static str,
    message: String,
}

impl Refused {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Makes `error` the message of `code`.
    pub(crate) fn with<E: Error>(code: &'static str) -> impl Fn(E) -> Self {
        move |error| Self::new(code, error.to_string())
    }

    /// A line that is no JSON, or none of the expected shape. serde quotes values, which may be secrets: only the names of
    /// members are told.
    pub(crate) fn unread(error: &serde_json::Error) -> Self {
        let told = error.to_string();
        let named = |what: &str| told.starts_with(what).then(|| told.split('`').nth(1).unwrap_or_default());
        if let Some(name) = named("missing field") {
            Self::new("invalid-request", format!("the member `{name}` is missing"))
        } else if let Some(name) = named("duplicate field") {
            Self::new("invalid-request", format!("the member `{name}` is there twice"))
        } else if told.starts_with("unknown field") {
            Self::new("invalid-request", "a member is there that no request has")
        } else if error.is_data() {
            Self::new("invalid-request", "a member is of the wrong type")
        } else {
            Self::new("invalid-json", "the line is no JSON")
        }
    }
}

impl From<PresignError> for Refused {
    fn from(error: PresignError) -> Self {
        match error {
            PresignError::Unsupported(unsupported) => Self::new("unsupported", unsupported.to_string()),
            other => {
                let cause = other.source().map(|cause| format!(": {cause}")).unwrap_or_default();
                Self::new("not-signed", format!("{other}{cause}"))
            }
        }
    }
}
