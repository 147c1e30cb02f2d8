//! The id of a request.

use std::fmt;

use axum::body::Body;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::request::Parts;
use upsign_http::Problem;

use crate::respond::log_refusal;

pub(crate) const REQUEST_ID: &str = "x-request-id";

/// Extracts the id of the request: the one in its span, in the `x-request-id` of its answer, and in the hint `diagnose` of problem
/// documents of the API.
///
/// It has 1 to 128 ASCII letters, digits and characters of `-_.:=`, so it is safe in logs, headers and file names.
///
/// Available in routers that [`observe`](crate::observe()) wraps. Elsewhere the extractor rejects the request with
/// [`MissingRequestId`]. Extract `Option<RequestId>` to handle requests without an id, which also occur if the operating
/// system provides no random bytes.
///
/// ```
/// use upsign_axum::RequestId;
///
/// async fn handler(id: RequestId) -> String {
///     format!("quote {id} if you contact support\n")
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub(crate) upsign_http::RequestId);

/// The rejection of [`RequestId`]: the request has no id.
///
/// It is answered with a 500 problem document (`internal`) and logged as an error that says what the application has to
/// add, up to 10 times per minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("the request has no id: wrap the router in upsign_axum::observe")]
pub struct MissingRequestId;

impl RequestId {
    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Adds the id to the hint `diagnose` of a problem document that a handler answers.
    #[must_use]
    pub fn add_to(&self, problem: Problem) -> Problem {
        problem.with_request_id(&self.0)
    }

    /// Returns the id that a trusted proxy sent, or a new one. Returns `None` without random bytes.
    pub(crate) fn of(headers: &HeaderMap, from_proxy: bool) -> Option<Self> {
        let received = received_id(headers).filter(|_| from_proxy);
        received.or_else(|| upsign_http::RequestId::generate().ok()).map(Self)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl AsRef<str> for RequestId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = MissingRequestId;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, MissingRequestId> {
        parts.extensions.get().cloned().ok_or(MissingRequestId)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for RequestId {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.get().cloned())
    }
}

impl IntoResponse for MissingRequestId {
    fn into_response(self) -> Response {
        let problem = Problem::internal();
        log_refusal(&problem, &self.to_string());
        problem.response().map(Body::from)
    }
}

/// Returns the id in the request's header, if it is short and consists of characters that are safe in logs and headers.
fn received_id(headers: &HeaderMap) -> Option<upsign_http::RequestId> {
    headers.get(REQUEST_ID)?.to_str().ok()?.parse().ok()
}
