//! The errors of the API.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::expiry::rfc3339_seconds;
use crate::token::TokenError;

/// A call of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiCall {
    /// `POST /upload-url`.
    Begin,
    /// `POST /uploads/parts`.
    Parts,
    /// `POST /uploads/status`.
    Status,
    /// `POST /uploads/complete`.
    Complete,
    /// `POST /uploads/abort`.
    Abort,
    /// `POST /uploads/confirm`.
    Confirm,
    /// `POST /uploads/read-url`.
    ReadUrl,
    /// `DELETE /uploads`.
    Delete,
}

impl ApiCall {
    /// The last segment of the path below `/uploads`. The call that begins an upload has an address of its own, and the deletion is
    /// a request for `/uploads` itself.
    pub(crate) const fn segment(self) -> &'static str {
        match self {
            Self::Begin | Self::Delete => "",
            Self::Parts => "parts",
            Self::Status => "status",
            Self::Complete => "complete",
            Self::Abort => "abort",
            Self::Confirm => "confirm",
            Self::ReadUrl => "read-url",
        }
    }
}

impl fmt::Display for ApiCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Begin => "the request for an upload",
            Self::Parts => "the request for URLs of parts",
            Self::Status => "the request for the status",
            Self::Complete => "the completion",
            Self::Abort => "the abort",
            Self::Confirm => "the confirmation",
            Self::ReadUrl => "the request for a URL to read",
            Self::Delete => "the deletion",
        })
    }
}

/// A failed call of the API.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{call} failed: {failure}")]
pub struct ApiError {
    call: ApiCall,
    failure: Arc<ApiFailure>,
    may_have_happened: bool,
    /// The time of the answer in seconds since 1970, by the clock of the API.
    answered_at: Option<u64>,
}

/// Why a call of the API failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiFailure {
    /// The API refused the call with a problem document.
    #[error("{0}")]
    Problem(Problem),
    /// The API, or a gateway before it, answered without a problem document.
    #[error("status {status}{}{message}", if message.is_empty() { "" } else { ": " })]
    Status {
        /// The HTTP status.
        status: u16,
        /// The beginning of the message, if there is one.
        message: String,
    },
    /// The API could not be reached, or the connection ended before the answer.
    #[error("{0}")]
    Connection(String),
    /// The answer did not arrive in time.
    #[error("the API did not answer within {0:?}")]
    Timeout(Duration),
    /// The answer is not what the API documents.
    #[error("the answer of the API is not understood: {0}")]
    Answer(String),
    /// There is no token for the call.
    #[error("{0}")]
    Token(TokenError),
}

/// A problem document of the API (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, thiserror::Error)]
#[error("{detail} ({code})")]
#[non_exhaustive]
pub struct Problem {
    /// The stable code, such as `too-large`.
    pub code: String,
    /// The explanation, for people.
    #[serde(default)]
    pub detail: String,
    /// The index of the file, from 0, if one of several files of a request was refused.
    #[serde(default)]
    pub file: Option<u32>,
    /// In whose hands the refusal is, what corrects it, and the id of the request in the log of the API.
    #[serde(default, deserialize_with = "hint")]
    pub diagnose: Option<ProblemHint>,
    /// The HTTP status of the answer.
    #[serde(skip)]
    pub status: u16,
}

/// The hint `diagnose` of a problem document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProblemHint {
    /// The cause in the table of `upsign diagnose`, such as `api-unauthorized`.
    pub cause: String,
    /// In whose hands the fix is: `client`, `cors` or `configuration`.
    pub owner: String,
    /// What to do, for people.
    pub fix: String,
    /// The id with which the operator of the API finds the reason in the log.
    #[serde(default)]
    pub request_id: Option<String>,
}

/// The longest text of a hint.
const MAX_HINT: usize = 300;

/// Reads a hint. One of another form, from another service, is ignored, and so is an id that is not one of upsign.
fn hint<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ProblemHint>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let Ok(hint) = serde_json::from_value::<ProblemHint>(value) else { return Ok(None) };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=".contains(&byte);
    let is_id = |id: &String| (1..=128).contains(&id.len()) && id.bytes().all(is_plain);
    let is_text = |text: &str| text.len() <= MAX_HINT && !text.chars().any(char::is_control);
    let is_hint = [&hint.cause, &hint.owner, &hint.fix].into_iter().all(|text| is_text(text));
    Ok(is_hint.then(|| ProblemHint { request_id: hint.request_id.filter(is_id), ..hint }))
}

impl ApiError {
    pub(crate) fn new(call: ApiCall, failure: ApiFailure) -> Self {
        Self { call, failure: Arc::new(failure), may_have_happened: false, answered_at: None }
    }

    pub(crate) fn with_uncertainty(self, may_have_happened: bool) -> Self {
        Self { may_have_happened, ..self }
    }

    pub(crate) fn with_answer_time(self, answered_at: Option<u64>) -> Self {
        Self { answered_at, ..self }
    }

    /// Returns whether the API refused an upload token that expires at this time, because it has expired. The API does not say why
    /// it refuses a token, so the time of its answer decides.
    pub(crate) fn is_of_expired_token(&self, expires_at: &str) -> bool {
        let times = self.answered_at.zip(rfc3339_seconds(expires_at));
        self.has_code("upload-token-invalid") && times.is_some_and(|(now, end)| end <= now)
    }

    /// Creates the error for an answer that is not understood.
    pub(crate) fn answer(call: ApiCall, reason: impl Into<String>) -> Self {
        Self::new(call, ApiFailure::Answer(reason.into()))
    }

    /// Returns the call.
    #[must_use]
    pub const fn call(&self) -> ApiCall {
        self.call
    }

    /// Returns the reason.
    #[must_use]
    pub fn failure(&self) -> &ApiFailure {
        &self.failure
    }

    /// Returns `true` if an attempt ended without an answer, so that the call may have had its effect.
    #[must_use]
    pub const fn may_have_happened(&self) -> bool {
        self.may_have_happened
    }

    /// Returns the problem document, if the API sent one.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match &*self.failure {
            ApiFailure::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// Returns the code of the problem document, or a code of this crate.
    #[must_use]
    pub fn code(&self) -> &str {
        match &*self.failure {
            ApiFailure::Problem(problem) => &problem.code,
            ApiFailure::Status { .. } => "api-status",
            ApiFailure::Connection(_) => "api-unreachable",
            ApiFailure::Timeout(_) => "api-timeout",
            ApiFailure::Answer(_) => "api-answer",
            ApiFailure::Token(_) => "no-token",
        }
    }

    /// Returns the HTTP status of the answer, if there was one.
    pub(crate) fn status(&self) -> Option<u16> {
        match &*self.failure {
            ApiFailure::Problem(Problem { status, .. }) | ApiFailure::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    pub(crate) fn has_code(&self, code: &str) -> bool {
        self.problem().is_some_and(|problem| problem.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_read_if_they_are_plain() {
        let read = |hint: &str| {
            let text = format!(r#"{{"code":"unauthorized","diagnose":{hint}}}"#);
            serde_json::from_str::<Problem>(&text).unwrap().diagnose
        };
        let hint = r#"{"cause":"api-unauthorized","owner":"client","fix":"sign in","requestId":"7f-1"}"#;
        let found = read(hint).unwrap();
        assert_eq!((&*found.cause, &*found.owner, &*found.fix), ("api-unauthorized", "client", "sign in"));
        assert_eq!(found.request_id.as_deref(), Some("7f-1"));
        assert_eq!(read(&hint.replace("7f-1", "7f 1")).unwrap().request_id, None);
        for other in [
            "null",
            "7",
            "{}",
            &hint.replace("sign in", "\\u001b[31m"),
            &hint.replace("sign in", &"a".repeat(301)),
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
