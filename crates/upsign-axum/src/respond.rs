//! Responses and an extractor for handlers of the application that issue uploads themselves.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use upsign::{Clock, Denied, IssueError, Refusal, SystemClock, UploadGrant};
use upsign_core::error_chain;
use upsign_http::{GrantBody, InvalidBody, MAX_BODY_BYTES, Problem, RefusalLog, UploadBody};

/// Extracts the description of an upload from the body of a request, in the format of the API.
///
/// The body may have up to [`MAX_BODY_BYTES`] bytes, and no members for ids: a handler of the application chooses the ids,
/// for example from its path. A body that [`UploadBody::read`] refuses is answered with its problem document.
///
/// ```
/// use axum::extract::{Path, State};
/// use upsign_axum::{Caller, GrantResponse, ProblemResponse, UploadDescription, UploadService, Uuid};
/// # use std::sync::Arc;
///
/// /// `POST /articles/{article_id}/upload-url`
/// async fn upload_url(
///     caller: Caller,
///     Path(article): Path<Uuid>,
///     State(service): State<Arc<UploadService>>,
///     UploadDescription(description): UploadDescription,
/// ) -> Result<GrantResponse, ProblemResponse> {
///     let (route, upload) = (description.route.as_deref(), &description.upload);
///     let grant =
///         service.issue_under(&caller.identity, route, upload, [("articleId", article)], caller.at).await?;
///     Ok(GrantResponse(grant))
/// }
/// ```
///
/// Nothing limits how long the body takes to arrive, unlike in [`router`](crate::router).
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a newtype")]
pub struct UploadDescription(pub UploadBody);

/// Answers with the body of a grant, as [`router`](crate::router) does. See [`UploadDescription`] for an example.
///
/// To add members to the body, build the response with [`GrantBody::with_members`].
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "a newtype")]
pub struct GrantResponse(pub UploadGrant);

/// Answers with a problem document, and logs the reason, which is not sent.
///
/// Errors that have a problem document convert with `?`: [`IssueError`](crate::IssueError),
/// [`InvalidBody`](crate::InvalidBody), [`Denied`](crate::Denied). Use `Problem` for everything else.
#[derive(Clone, Debug)]
pub struct ProblemResponse {
    problem: Problem,
    reason: String,
}

impl ProblemResponse {
    /// Returns the problem document.
    #[must_use]
    pub const fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Returns the reason for the operator.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl From<Problem> for ProblemResponse {
    fn from(problem: Problem) -> Self {
        let reason = problem.detail().to_owned();
        Self { problem, reason }
    }
}

macro_rules! from_error {
    ($($error:ty),*) => {$(
        impl From<$error> for ProblemResponse {
            fn from(error: $error) -> Self {
                Self { problem: Problem::from(&error), reason: error_chain(&error).to_string() }
            }
        }
    )*};
}

from_error!(IssueError, InvalidBody, Denied);

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> Response {
        log_refusal(&self.problem, &self.reason);
        self.problem.response().map(Body::from)
    }
}

impl IntoResponse for GrantResponse {
    fn into_response(self) -> Response {
        GrantBody::from(&self.0).response().map(Body::from)
    }
}

impl<S: Send + Sync> FromRequest<S> for UploadDescription {
    type Rejection = ProblemResponse;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ProblemResponse> {
        let (parts, body) = request.into_parts();
        let body = match Limited::new(body, MAX_BODY_BYTES).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return Err(Problem::body_too_large(MAX_BODY_BYTES).into());
            }
            Err(_) => return Err(Problem::body_unreadable().into()),
        };
        Ok(Self(UploadBody::read(&parts.headers, &body, &[])?))
    }
}

/// The log of refusals outside an API. All handlers of a process share its limit.
static LOG: RefusalLog = RefusalLog::new();

/// Logs a refusal outside the API with the fields, levels and limits of [`Api::report`](upsign_http::Api::report).
pub(crate) fn log_refusal(problem: &Problem, reason: &str) {
    let refusal = Refusal::new(problem.code(), problem.status().is_server_error(), SystemClock.now());
    LOG.log(&refusal.with_reason(reason));
}
