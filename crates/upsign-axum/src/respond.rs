//! Responses and an extractor for handlers of the application that issue uploads themselves.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use upsign::session::SessionError;
use upsign::{Clock, Denied, IssueError, Refusal, SystemClock, UploadGrant};
use upsign_core::error_chain;
#[cfg(doc)]
use upsign_http::Api;
use upsign_http::{GrantBody, InvalidBody, MAX_BODY_BYTES, Problem, RefusalLog, UploadBody};

/// Extracts the description of an upload from the body of a request, in the format of the API.
///
/// The body may have up to [`MAX_BODY_BYTES`] bytes, and no members for ids: a handler of the application chooses the ids,
/// for example from its path. A body that [`UploadBody::read`] refuses is answered with its problem document; extract
/// `Result<UploadDescription, ProblemResponse>` to handle it yourself, as here:
///
/// ```
/// use axum::Router;
/// use axum::extract::{FromRef, Path, State};
/// use axum::routing::post;
/// use upsign_axum::prelude::*;
///
/// #[derive(Clone)]
/// struct AppState {
///     api: Api, // a clone of the one that `router` received
///     authentication: Authentication,
/// }
///
/// impl FromRef<AppState> for Authentication {
///     fn from_ref(state: &AppState) -> Self {
///         state.authentication.clone()
///     }
/// }
///
/// /// `POST /articles/{article_id}/upload-url`
/// async fn upload_url(
///     caller: Caller,
///     Path(article): Path<Uuid>,
///     State(AppState { api, .. }): State<AppState>,
///     description: Result<UploadDescription, ProblemResponse>,
/// ) -> Result<GrantResponse, ProblemResponse> {
///     let (ids, body) = ([("articleId", article)], description.map(|UploadDescription(body)| body));
///     let grant = api.issue_under(&caller.identity, body, ids, caller.at).await;
///     Ok(GrantResponse(grant.map_err(ProblemResponse::reported)?))
/// }
///
/// fn app(api: Api, authentication: Authentication) -> Router {
///     let state = AppState { api: api.clone(), authentication: authentication.clone() };
///     Router::new()
///         .route("/articles/{article_id}/upload-url", post(upload_url))
///         .with_state(state)
///         .merge(router(api, authentication))
/// }
/// ```
///
/// [`Api::issue_under`] counts the caller first, and logs and reports every refusal, also of an invalid body. The same in
/// steps, with an [`UploadService`](crate::UploadService) alone:
///
/// ```
/// use upsign_axum::{Caller, ProblemResponse, Refusal, UploadDescription, UploadGrant, UploadService, Uuid};
///
/// async fn issue(
///     service: &UploadService,
///     caller: &Caller,
///     article: Uuid,
///     description: Result<UploadDescription, ProblemResponse>,
/// ) -> Result<UploadGrant, ProblemResponse> {
///     let Caller { identity, at, .. } = caller;
///     let report = |error| {
///         service.report(&service.refusal(&error, identity, None, *at));
///         ProblemResponse::from(error)
///     };
///     service.count(identity, *at).await.map_err(report)?;
///     let UploadDescription(body) = description.inspect_err(|invalid| {
///         let refusal = Refusal::new(invalid.problem().code(), false, *at).with_caller(identity);
///         service.report(&refusal.with_reason(invalid.reason()));
///     })?;
///     let ids = [("articleId", article)];
///     service.issue_under_counted(identity, body.route.as_deref(), &body.upload, ids, *at).await.map_err(report)
/// }
/// ```
///
/// # Errors in a format of your own
///
/// [`Problem`] has everything that an answer needs: the status, the code, and the values of `Retry-After` and
/// `WWW-Authenticate`. With [`Api::issue_under`], its reason is logged already.
///
/// ```
/// use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
/// use axum::response::{IntoResponse, Response};
/// use upsign_axum::Problem;
///
/// /// `{"error": "<code>"}`
/// struct AppError(Problem);
///
/// impl IntoResponse for AppError {
///     fn into_response(self) -> Response {
///         let Self(problem) = self;
///         let body = format!(r#"{{"error":"{}"}}"#, problem.code());
///         let mut response = (problem.status(), [(CONTENT_TYPE, "application/json")], body).into_response();
///         if let Some(seconds) = problem.retry_after() {
///             response.headers_mut().insert(RETRY_AFTER, seconds.into());
///         }
///         if let Some(challenge) = problem.challenge() {
///             response.headers_mut().insert(WWW_AUTHENTICATE, challenge.clone());
///         }
///         response
///     }
/// }
/// ```
///
/// The handler then returns `Result<GrantResponse, AppError>`, with `map_err(AppError)` after `issue_under`. The challenge comes
/// from [`Unauthenticated::problem`](crate::Unauthenticated::problem), and for a route whose groups or scopes the caller lacks from
/// [`Problem::with_insufficient_scope`] with [`Authentication::challenge`](crate::Authentication::challenge).
///
/// # What a handler does not do
///
/// Unlike [`router`](crate::router), a handler of your own
///
/// - does not limit how long the body takes to arrive, how many requests run at a time, and how long one may take;
/// - does not survive a panic of its code, and adds no CORS headers;
/// - reads the body before it can refuse the caller, if it extracts `Result<Caller, Unauthenticated>`;
/// - with `UploadDescription` instead of the `Result`, neither counts nor reports requests with an invalid body;
/// - reports no caller that [`Caller`](crate::Caller) rejects: it is only logged.
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
/// The reason is logged when this value becomes a response, and the service's observers do not receive it. If you answer with
/// something else, log [`reason`](Self::reason) yourself.
///
/// Errors that have a problem document convert with `?`: [`IssueError`](crate::IssueError), [`SessionError`],
/// [`InvalidBody`](crate::InvalidBody), [`Denied`](crate::Denied). Use `Problem` for everything else.
#[derive(Clone, Debug)]
pub struct ProblemResponse {
    problem: Problem,
    reason: String,
    reported: bool,
}

impl ProblemResponse {
    /// Answers with a problem that has been logged already, for example by [`Api::issue_under`].
    #[must_use]
    pub fn reported(problem: Problem) -> Self {
        Self { reported: true, ..problem.into() }
    }

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
        Self { problem, reason, reported: false }
    }
}

/// For [`Api::issue_under`], which reports the problem under its detail.
impl From<ProblemResponse> for Problem {
    fn from(response: ProblemResponse) -> Self {
        response.problem
    }
}

macro_rules! from_error {
    ($($error:ty),*) => {$(
        impl From<$error> for ProblemResponse {
            fn from(error: $error) -> Self {
                let reason = error_chain(&error).to_string();
                Self { problem: Problem::from(&error), reason, reported: false }
            }
        }
    )*};
}

from_error!(IssueError, InvalidBody, Denied);

/// The message about an upload token is the same for every reason, so the reason for the operator is added.
impl From<SessionError> for ProblemResponse {
    fn from(error: SessionError) -> Self {
        let reason = match &error {
            SessionError::Token(token) => format!("{token}: {}", token.reason()),
            error => error_chain(error).to_string(),
        };
        Self { problem: Problem::from(&error), reason, reported: false }
    }
}

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> Response {
        if !self.reported {
            log_refusal(&self.problem, &self.reason);
        }
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
        let identified = |problem: Problem| match parts.extensions.get() {
            Some(id) => problem.with_request_id(id),
            None => problem,
        };
        let body = match Limited::new(body, MAX_BODY_BYTES).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return Err(identified(Problem::body_too_large(MAX_BODY_BYTES)).into());
            }
            Err(_) => return Err(identified(Problem::body_unreadable()).into()),
        };
        let read = UploadBody::read(&parts.headers, &body, &[]);
        Ok(Self(read.map_err(|invalid| identified(Problem::from(invalid)))?))
    }
}

/// The log of refusals outside an API. All handlers of a process share its limit.
static LOG: RefusalLog = RefusalLog::new();

/// Logs a refusal outside the API with the fields, levels and limits of [`Api::report`](upsign_http::Api::report).
pub(crate) fn log_refusal(problem: &Problem, reason: &str) {
    let refusal = Refusal::new(problem.code(), problem.status().is_server_error(), SystemClock.now());
    LOG.log(&refusal.with_reason(reason));
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::{MissingClientAddress, MissingRequestId};

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn reason_of_an_invalid_upload_token_is_for_the_operator() {
        let keys = upsign::session::TokenKeys::new("default", [[7; 32]]).unwrap();
        let caller = upsign::Identity::from_verified("https://issuer.example", "alice").unwrap();
        let invalid = keys.verify("AAAA", &caller, upsign::Timestamp::UNIX_EPOCH, |_| None).unwrap_err();
        let response = ProblemResponse::from(SessionError::from(invalid));
        assert!(response.reason().contains("the upload token is too short"), "{}", response.reason());
        assert_eq!(response.problem().code(), "upload-token-invalid");
        assert!(!response.problem().detail().contains("short"));
    }

    /// Every request of a misconfigured application is rejected, so a line for each would fill a disk.
    #[test]
    fn flood_of_misconfigured_requests_writes_few_lines() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..1_000 {
                assert_eq!(MissingClientAddress.into_response().status(), 500);
                assert_eq!(MissingRequestId.into_response().status(), 500);
            }
        });
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        for remedy in ["into_make_service_with_connect_info", "upsign_axum::observe"] {
            let lines = log.lines().filter(|line| line.contains("ERROR") && line.contains(remedy)).count();
            // A minute may end in between.
            assert!((10..=20).contains(&lines), "{lines} lines with {remedy}");
        }
        assert!(log.contains("further refusals are not logged in this minute"), "{log}");
    }
}
