//! Errors on the wire: RFC 9457 problem details with stable codes.

use http::StatusCode;
use serde::Serialize;
use upsign::IssueError;
use upsign_core::PresignError;
use upsign_policy::{Denied, DeniedKind};

use crate::auth::Unauthenticated;
use crate::body::InvalidBody;

/// A refusal as the caller sees it: `application/problem+json` (<https://www.rfc-editor.org/rfc/rfc9457>).
///
/// `code` is the same word as the end of `type`, and never changes; `detail` is for people and may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: String,
    #[serde(skip)]
    retry_after: Option<u32>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:upsign:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            retry_after: None,
        }
    }

    fn try_again(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// Seconds for `Retry-After`, where waiting helps.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        self.retry_after
    }

    /// No such path.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "there is nothing at this path")
    }

    /// Another method than `POST`.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "this path takes POST")
    }

    /// A preflight from an origin that the configuration does not name.
    #[must_use]
    pub fn origin_not_allowed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "origin-not-allowed",
            "this origin may not use the service from a browser",
        )
    }

    /// Something failed that the caller can do nothing about.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the service failed; it has been noted")
    }

    /// A body that was not read to its end.
    #[must_use]
    pub fn body_too_large(limit: usize) -> Self {
        Self::body(&InvalidBody::TooLarge(limit))
    }

    /// A body whose transfer failed.
    #[must_use]
    pub fn body_unreadable() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "body-unreadable", "the body did not arrive whole")
    }

    /// A body that trickled in.
    #[must_use]
    pub fn body_too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "body-too-slow", "the body did not arrive in time")
    }

    /// More requests at one time than the service takes.
    #[must_use]
    pub fn overloaded() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", "the service has too much to do")
            .try_again(1)
    }

    /// A request that could not be answered in time.
    #[must_use]
    pub fn took_too_long() -> Self {
        let detail = "the service could not answer in time";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "took-too-long", detail).try_again(5)
    }

    /// The whole response, without the API's CORS headers.
    #[must_use]
    pub fn response(&self) -> http::Response<Vec<u8>> {
        crate::respond::refused(self)
    }

    fn unauthenticated(why: &Unauthenticated) -> Self {
        match why {
            // One body for every reason: which check failed is the operator's to know.
            Unauthenticated::Refused { .. } => {
                Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "a valid bearer token is needed")
            }
            Unauthenticated::Unavailable { .. } => {
                let detail = "tokens cannot be checked at the moment";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "keys-unavailable", detail).try_again(10)
            }
        }
    }

    pub(crate) fn body(why: &InvalidBody) -> Self {
        let status = match why {
            InvalidBody::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            InvalidBody::NotJsonType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, why.code(), why.to_string())
    }

    pub(crate) fn denied(why: &Denied) -> Self {
        let status = match why.kind() {
            DeniedKind::Forbidden => StatusCode::FORBIDDEN,
            DeniedKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            DeniedKind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            DeniedKind::Fault => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        // The cause says which rule of names, tags, … it was, and shows nothing of what the caller sent.
        let detail = match std::error::Error::source(why) {
            Some(cause) => format!("{why}: {cause}"),
            None => why.to_string(),
        };
        Self::new(status, why.code(), detail)
    }

    pub(crate) fn issue(why: &IssueError) -> Self {
        match why {
            IssueError::Denied(denied) => Self::denied(denied),
            IssueError::Forbidden | IssueError::RouteForbidden => {
                Self::new(StatusCode::FORBIDDEN, why.code(), why.to_string())
            }
            IssueError::RouteRequired | IssueError::RouteUnknown => {
                Self::new(StatusCode::BAD_REQUEST, why.code(), why.to_string())
            }
            IssueError::TooMany(many) => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, why.code(), why.to_string())
                    .try_again(many.retry_after)
            }
            IssueError::Undecided(_) => {
                let detail = "whether this upload is permitted cannot be found out at the moment";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, why.code(), detail).try_again(10)
            }
            IssueError::Presign(PresignError::CredentialsTooShort { .. }) => {
                let detail = "the service's own credentials are about to end";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, why.code(), detail).try_again(30)
            }
            IssueError::Presign(_) => {
                let detail = "uploads cannot be signed at the moment";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, why.code(), detail).try_again(10)
            }
            _ => Self::internal(),
        }
    }
}

impl From<&Unauthenticated> for Problem {
    fn from(why: &Unauthenticated) -> Self {
        Self::unauthenticated(why)
    }
}
