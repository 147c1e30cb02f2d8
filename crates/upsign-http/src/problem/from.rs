//! Problem documents of errors. Status, code and `Retry-After` are those of the error, so they are the same in handlers without
//! [`Problem`].

use http::StatusCode;
use serde_json::{Value, json};
use upsign::quota::QuotaDenied;
use upsign::session::{SessionError, WrongPart};
use upsign::{IssueError, IssueManyError};
use upsign_core::{PresignError, error_chain};
use upsign_objects::ObjectError;
use upsign_policy::Denied;

use crate::auth::AuthenticateError;
use crate::invalid_body::InvalidBody;
use crate::problem::{INTERNAL, Problem};

/// The maximum number of parts in the member `parts` of `part-mismatch`, so that the document has a bounded size. `detail` names
/// all of them.
const MAX_WRONG_PARTS: usize = 1_000;

impl Problem {
    pub(super) fn body(error: &InvalidBody) -> Self {
        let status = match error {
            InvalidBody::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            InvalidBody::NotJsonType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            _ => StatusCode::BAD_REQUEST,
        };
        let problem = Self::new(status, error.code(), error.to_string());
        match error.file() {
            Some(index) => problem.with_member("file", index),
            None => problem,
        }
    }

    fn issue(error: &IssueError) -> Self {
        let detail = match error {
            // The causes name the violated rule for names, tags and so on. They contain nothing that the client sent.
            IssueError::Denied(denied) => error_chain(denied).to_string(),
            // The description of any other fault is for the operator.
            error if error.is_service_fault() => match error {
                IssueError::AuthorizerUnavailable(_) => "uploads cannot be authorized at the moment",
                IssueError::RateLimitUnavailable(_) | IssueError::QuotaUnavailable(_) => UNCOUNTED,
                IssueError::Presign(error) => presigning(error),
                IssueError::Store(error) | IssueError::Look(error) => store(error),
                _ => INTERNAL,
            }
            .to_owned(),
            error => error.to_string(),
        };
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let problem = Self { retry_after: error.retry_after(), ..Self::new(status, error.code(), detail) };
        match error {
            IssueError::QuotaExceeded(denied) => problem.with_quota_members(denied),
            // A client then computes one of them, and need not try all that it knows.
            IssueError::Denied(Denied::ChecksumRequired(algorithms)) => {
                let names = algorithms.iter().map(|algorithm| algorithm.as_str());
                problem.with_member("algorithms", names.collect::<Vec<_>>())
            }
            _ => problem,
        }
    }

    fn with_quota_members(self, denied: &QuotaDenied) -> Self {
        self.with_member("kind", denied.kind.as_str())
            .with_member("limit", denied.limit)
            .with_member("resetsAt", denied.resets_at.to_string())
    }

    /// Extension members state what a program needs to continue the upload. Nothing contains the bucket, the upload id or what
    /// the store answered.
    fn session(error: &SessionError) -> Self {
        let detail = match error {
            // The same for every reason, so that an answer tells nothing about a token of another caller.
            SessionError::Token(_) => {
                "the upload token is not valid for this request: another caller began the upload, it has expired, or it is for \
                 something else"
            }
            SessionError::AuthorizerUnavailable(_) => "uploads cannot be authorized at the moment",
            SessionError::RateLimitUnavailable(_) | SessionError::QuotaUnavailable(_) => UNCOUNTED,
            SessionError::Uncertain(_) => {
                "it is not known whether the upload is complete: send the same request again"
            }
            // The same for every reason, as for tokens.
            SessionError::Receipt(_) => {
                "the receipt is not valid for this service: send it as the confirmation answered it"
            }
            SessionError::InspectorUnavailable(_) => "the object cannot be inspected at the moment",
            SessionError::AnnouncementUnavailable(_) => {
                "the confirmation cannot be passed on at the moment: send the same request again"
            }
            SessionError::Store(error) => store(error),
            SessionError::Presign(error) => presigning(error),
            error if error.is_service_fault() => INTERNAL,
            error => return Self::of_session(error, error.to_string()).with_session_members(error),
        };
        Self::of_session(error, detail.to_owned())
    }

    fn of_session(error: &SessionError, detail: String) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { retry_after: error.retry_after(), ..Self::new(status, error.code(), detail) }
    }

    fn with_session_members(self, error: &SessionError) -> Self {
        match error {
            SessionError::QuotaExceeded(denied) => self.with_quota_members(denied),
            SessionError::PartsMissing { missing, .. } => self.with_member("missing", missing.to_string()),
            SessionError::PartsUnlisted { unlisted, .. } => {
                self.with_member("unlisted", unlisted.to_string())
            }
            SessionError::PartMismatch(parts) => {
                let parts = parts.iter().take(MAX_WRONG_PARTS).map(wrong_part);
                self.with_member("parts", parts.collect::<Vec<_>>())
            }
            SessionError::AlreadyCompleted { key, size, etag } => {
                let problem = self.with_member("key", key.as_str()).with_member("size", *size);
                problem.with_member("etag", etag.as_str())
            }
            _ => self,
        }
    }
}

fn wrong_part(part: &WrongPart) -> Value {
    json!({
        "partNumber": part.number.get(),
        "difference": part.difference.as_str(),
        "size": part.size,
        "etag": part.etag.as_str(),
    })
}

/// The detail of a request that could not be counted against a limit.
const UNCOUNTED: &str = "requests and uploads cannot be counted at the moment";

const fn presigning(error: &PresignError) -> &'static str {
    match error {
        PresignError::CredentialsTooShort { .. } => "the service's own credentials are about to expire",
        _ => "uploads cannot be signed at the moment",
    }
}

fn store(error: &ObjectError) -> &'static str {
    if error.retry_may_help() {
        "the object store does not answer at the moment"
    } else {
        "the object store refused a request of the service; the operator can find the reason in its log"
    }
}

impl From<&IssueError> for Problem {
    fn from(error: &IssueError) -> Self {
        Self::issue(error)
    }
}

/// With the index of the file that caused it, as the member `file`.
impl From<&IssueManyError> for Problem {
    fn from(error: &IssueManyError) -> Self {
        let problem = Self::issue(&error.source);
        match error.file {
            Some(file) => problem.with_member("file", file),
            None => problem,
        }
    }
}

impl From<&SessionError> for Problem {
    fn from(error: &SessionError) -> Self {
        Self::session(error)
    }
}

impl From<&InvalidBody> for Problem {
    fn from(error: &InvalidBody) -> Self {
        Self::body(error)
    }
}

impl From<&Denied> for Problem {
    fn from(denied: &Denied) -> Self {
        Self::issue(&IssueError::Denied(denied.clone()))
    }
}

/// Without a challenge: see [`Problem::unauthenticated`].
impl From<&AuthenticateError> for Problem {
    fn from(error: &AuthenticateError) -> Self {
        Self::unauthenticated(error, None)
    }
}

/// Implements the conversion of the value for a type whose reference converts, so that `?` works.
macro_rules! from_value {
    ($($error:ty),*) => {$(
        impl From<$error> for Problem {
            fn from(error: $error) -> Self {
                Self::from(&error)
            }
        }
    )*};
}

from_value!(IssueError, IssueManyError, SessionError, InvalidBody, Denied, AuthenticateError);
