//! The errors that clients receive: problem details (RFC 9457) with stable codes.

mod from;
mod hint;

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};
use upsign::IssueError;

use crate::auth::AuthenticateError;
use crate::auth::challenge::{is_bearer, token_header, with_error};
use crate::invalid_body::InvalidBody;
use crate::request_id::RequestId;

pub use hint::DiagnoseHint;

/// A problem document, sent as `application/problem+json` (<https://www.rfc-editor.org/rfc/rfc9457>).
///
/// `code` is the last part of `type` and never changes. `detail` is text for people and may change. `diagnose` says in whose hands the
/// refusal is and what corrects it, with the id of the request in the log ([`DiagnoseHint`]).
///
/// Handlers of the application create one from an error, such as [`IssueError`] or [`InvalidBody`], and answer with its
/// [`response`](Self::response):
///
/// ```
/// use http::{Response, StatusCode};
/// use upsign_http::{InvalidBody, Problem, UploadBody};
///
/// fn read(body: &[u8]) -> Result<UploadBody, Problem> {
///     Ok(UploadBody::read(&http::HeaderMap::new(), body, &[])?)
/// }
///
/// let problem = read(b"{\"contentTyp\": \"image/jpeg\"}").unwrap_err();
/// assert_eq!((problem.status(), problem.code()), (StatusCode::BAD_REQUEST, "body-unknown-member"));
///
/// let response: Response<String> = problem.response();
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// assert!(response.body().contains(r#""type":"urn:upsign:problem:body-unknown-member""#));
/// ```
///
/// The reason of a fault is for the operator, so the document does not contain it: log the error itself, or report it with
/// [`RefusedRequest`](crate::RefusedRequest).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: String,
    diagnose: DiagnoseHint,
    #[serde(flatten)]
    members: Map<String, Value>,
    #[serde(skip)]
    retry_after: Option<u32>,
    #[serde(skip)]
    challenge: Option<HeaderValue>,
    /// The value of `Allow`, of a problem `method-not-allowed`.
    #[serde(skip)]
    allow: Option<Cow<'static, str>>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:upsign:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            diagnose: DiagnoseHint::new(code, status.as_u16()),
            members: Map::new(),
            retry_after: None,
            challenge: None,
            allow: None,
        }
    }

    /// Creates a problem that only a dialect has. `code` must be one that the reference lists.
    pub(crate) fn of_dialect(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(status, code, detail)
    }

    fn with_retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// Adds an extension member (<https://www.rfc-editor.org/rfc/rfc9457#section-3.2>), such as the numbers of the parts that
    /// are missing, for programs that react to it.
    ///
    /// The members that every document has are not replaced: `type`, `title`, `status`, `code`, `detail` and `diagnose`.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: impl Into<Value>) -> Self {
        if !OWN_MEMBERS.contains(&name) {
            self.members.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Returns the extension members.
    #[must_use]
    pub const fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// Adds the id of the request to the hint `diagnose`, so that the client can quote it and the operator finds the reason in the
    /// log.
    ///
    /// The endpoint does so itself, with the id in the extensions of its request. It is for handlers of the application.
    #[must_use]
    pub fn with_request_id(mut self, id: &RequestId) -> Self {
        self.diagnose.set_request_id(id);
        self
    }

    /// Returns the hint `diagnose`: in whose hands the refusal is, what corrects it, and the id of the request.
    #[must_use]
    pub const fn diagnose(&self) -> &DiagnoseHint {
        &self.diagnose
    }

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// Returns the description for people.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Returns the seconds for `Retry-After`, if retrying the same request can help.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        self.retry_after
    }

    /// Returns the value of `WWW-Authenticate`, if the response has this header.
    #[must_use]
    pub const fn challenge(&self) -> Option<&HeaderValue> {
        self.challenge.as_ref()
    }

    pub(crate) fn allow(&self) -> Option<&str> {
        self.allow.as_deref()
    }

    /// Returns 404 `not-found`: nothing is served at the path.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "nothing is served at this path")
    }

    /// Returns 405 `method-not-allowed`: the endpoint accepts only `POST`, and `OPTIONS` for preflights.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::method_not_allowed_except("POST, OPTIONS")
    }

    /// `methods` is the value of `Allow`, which this status requires (RFC 9110 section 15.5.6).
    pub(crate) fn method_not_allowed_except(methods: impl Into<Cow<'static, str>>) -> Self {
        let detail = "this path does not accept the request method";
        let problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail);
        Self { allow: Some(methods.into()), ..problem }
    }

    /// Returns 403 `origin-not-allowed`: a preflight from an origin that the configuration does not list.
    #[must_use]
    pub fn origin_not_allowed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "origin-not-allowed",
            "pages of this origin may not call the service from a browser",
        )
    }

    /// Returns 403 `credentials-not-offered`: a client of Companion asks for temporary credentials.
    #[must_use]
    pub fn credentials_not_offered() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "credentials-not-offered",
            "this service gives out no temporary credentials, because they would permit any key, type and size: remove \
             `getTemporarySecurityCredentials` from the options of @uppy/aws-s3",
        )
    }

    /// Returns 500 `internal`: the service failed, and the client cannot correct it.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", INTERNAL)
    }

    /// Returns 413 `body-too-large`: the body has more than `limit` bytes.
    #[must_use]
    pub fn body_too_large(limit: usize) -> Self {
        Self::body(&InvalidBody::TooLarge(limit))
    }

    /// Returns 400 `request-malformed`: the request is not valid HTTP, for example because of its `Host` header.
    ///
    /// `detail` names the part that is not valid. The client receives it, so it should not quote the request.
    #[must_use]
    pub fn request_malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "request-malformed", detail)
    }

    /// Returns 400 `body-unreadable`: the connection failed before the body was complete.
    #[must_use]
    pub fn body_unreadable() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "body-unreadable", "the body did not arrive completely")
    }

    /// Returns 408 `body-too-slow`: the body did not arrive within the time limit.
    #[must_use]
    pub fn body_too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "body-too-slow", "the body did not arrive in time")
    }

    /// Returns 431 `headers-too-large`: the request line and headers exceed `limit` bytes.
    #[must_use]
    pub fn headers_too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "headers-too-large",
            format!("the request line and headers have more than {limit} bytes"),
        )
    }

    /// Returns 503 `overloaded`: the service has reached its limit of concurrent requests or connections.
    #[must_use]
    pub fn overloaded() -> Self {
        let detail = "the service has reached its limit of concurrent requests or connections";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).with_retry_after(1)
    }

    /// Returns 503 `overloaded`: the service has reached its limit of memory for the bodies of requests.
    #[must_use]
    pub fn overloaded_by_bodies() -> Self {
        let detail = "the service has reached its limit of memory for the bodies of concurrent requests";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).with_retry_after(1)
    }

    /// Returns 503 `took-too-long`: the service did not finish the request within its time limit.
    #[must_use]
    pub fn took_too_long() -> Self {
        let detail = "the service could not answer in time";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "took-too-long", detail).with_retry_after(5)
    }

    /// Returns 401 `unauthorized`, 403 `insufficient-scope` if the caller is verified and may not use the service, or 503
    /// `keys-unavailable` if callers cannot be authenticated at the moment.
    ///
    /// `challenge` is the value of `WWW-Authenticate` on 401, usually that of
    /// [`Authenticate::challenge`](crate::Authenticate::challenge). A challenge of the scheme `Bearer` gets the parameter
    /// `error` of RFC 6750 section 3.1, and is sent on 403 too. The document is the same for every reason, so that the client
    /// does not learn which check failed.
    #[must_use]
    pub fn unauthenticated(error: &AuthenticateError, challenge: Option<&HeaderValue>) -> Self {
        match error {
            AuthenticateError::Rejected { .. } | AuthenticateError::InvalidToken { .. } => {
                let detail = match challenge.filter(|challenge| is_bearer(challenge)) {
                    Some(challenge) => {
                        format!("a valid bearer token is required in the header {}", token_header(challenge))
                    }
                    None => "the request does not identify a user of the service".to_owned(),
                };
                let mut problem = Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail);
                let is_standard =
                    |challenge| is_bearer(challenge) && token_header(challenge) == "authorization";
                if !challenge.is_some_and(is_standard) {
                    problem.diagnose.set_other_token();
                }
                let challenge = match error {
                    AuthenticateError::InvalidToken { .. } => {
                        challenge.map(|challenge| with_error(challenge, "invalid_token"))
                    }
                    _ => challenge.cloned(),
                };
                Self { challenge, ..problem }
            }
            AuthenticateError::Forbidden { .. } => {
                let detail = "the caller lacks a group or scope that the service requires";
                Self::new(StatusCode::FORBIDDEN, "insufficient-scope", detail)
                    .with_bearer_error(challenge, "insufficient_scope")
            }
            AuthenticateError::Unavailable { .. } => {
                let detail = "callers cannot be authenticated at the moment";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "keys-unavailable", detail).with_retry_after(10)
            }
        }
    }

    /// Adds a challenge with `error="insufficient_scope"` to a problem `route-forbidden`, if `challenge` is of the scheme
    /// `Bearer`. Other problems stay as they are.
    ///
    /// The endpoint does so itself. It is for handlers of the application, which know the challenge of their
    /// [`Authenticate`](crate::Authenticate), while [`Api::issue_under`](crate::Api::issue_under) does not.
    #[must_use]
    pub fn with_insufficient_scope(self, challenge: Option<&HeaderValue>) -> Self {
        if self.code != IssueError::RouteForbidden.code() {
            return self;
        }
        self.with_bearer_error(challenge, "insufficient_scope")
    }

    /// Sets the challenge with this `error`, if `challenge` is of the scheme `Bearer`.
    fn with_bearer_error(self, challenge: Option<&HeaderValue>, error: &str) -> Self {
        let challenge = challenge.filter(|challenge| is_bearer(challenge));
        Self { challenge: challenge.map(|challenge| with_error(challenge, error)), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl Error for Problem {}

/// The members that every document has.
const OWN_MEMBERS: [&str; 6] = ["type", "title", "status", "code", "detail", "diagnose"];

/// The detail of a fault that retrying does not fix.
const INTERNAL: &str = "the service failed; the operator can find the reason in its log";
