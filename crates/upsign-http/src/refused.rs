//! Requests that end without a grant.

use http::HeaderValue;
use upsign::session::SessionError;
use upsign::{IssueError, Refusal};
use upsign_core::{Dialect, Identity, Presigner, Timestamp};

use crate::api::Api;
use crate::auth::AuthenticateError;
use crate::dialect::Shape;
use crate::problem::Problem;
use crate::request_id::RequestId;

/// A request that is refused: the answer for the client together with the report for the operator.
///
/// The request path returns this value instead of answering and reporting on the spot, so that both happen at one place:
/// [`Api::refuse`](crate::Api::refuse) writes a log line, notifies the observers once and answers. Adapters create it for
/// requests that never reach the API, such as a body that arrives too slowly, and handlers of the application for what they
/// refuse themselves.
///
/// ```
/// use http::{HeaderMap, Response};
/// use upsign_http::{Api, Problem, RefusedRequest, Timestamp};
///
/// /// Answers a request whose body has not arrived in time.
/// fn too_slow(api: &Api, headers: &HeaderMap, at: Timestamp) -> Response<String> {
///     let refused = RefusedRequest::new(Problem::body_too_slow(), at).with_reason("no byte for 10 s");
///     api.refuse(headers, &refused)
/// }
///
/// let refused = RefusedRequest::new(Problem::body_too_slow(), "2026-01-01T00:00:00Z".parse()?);
/// assert_eq!(refused.problem().status(), 408);
/// assert_eq!(refused.refusal().code, "body-too-slow");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RefusedRequest {
    // Boxed, because this is the error type of the request path and errors travel in every `Result`.
    pub(crate) problem: Box<Problem>,
    pub(crate) refusal: Box<Refusal>,
    /// How the answer is written, or `None` for the problem document itself.
    pub(crate) shape: Option<Shape>,
}

/// The number of characters of an unknown path in the log.
const MAX_PATH_CHARS: usize = 128;

impl RefusedRequest {
    /// Creates a refused request that is reported under the problem's code and detail.
    ///
    /// It counts as a fault of the service if the problem's status is a server error.
    #[must_use]
    pub fn new(problem: Problem, at: Timestamp) -> Self {
        let refusal = Refusal::new(problem.code(), problem.status().is_server_error(), at);
        let refusal = refusal.with_reason(problem.detail());
        Self { problem: Box::new(problem), refusal: Box::new(refusal), shape: None }
    }

    /// Creates a refused request for a path at which nothing is served: 404 `not-found`.
    ///
    /// The reason names the path, escaped and cut after 128 characters, and the path at which the API is served: usually, a
    /// server in front of the API adds or removes a part of the path. Of a long segment it has the length only, because clients of
    /// other contracts put upload tokens into paths.
    #[must_use]
    pub fn not_found(path: &str, served: &str, at: Timestamp) -> Self {
        let reason = format!("nothing is served at the path: {} (the API is at {served})", beginning(path));
        Self::new(Problem::not_found(), at).with_reason(reason)
    }

    /// Replaces the reason for the operator, which the client does not see. It must not contain tokens, signatures or
    /// presigned URLs.
    #[must_use]
    pub fn with_reason(self, reason: impl Into<Box<str>>) -> Self {
        Self { refusal: Box::new(self.refusal.with_reason(reason)), ..self }
    }

    /// Creates a refused request whose caller is not verified, or may not use the service. The client receives the problem
    /// of `error`; the code and the reason of the failed check are for the operator.
    ///
    /// `challenge` is [`Authenticate::challenge`](crate::Authenticate::challenge).
    #[must_use]
    pub fn unauthenticated(
        error: &AuthenticateError,
        challenge: Option<&HeaderValue>,
        at: Timestamp,
    ) -> Self {
        Self::new(Problem::unauthenticated(error, challenge), at).with_reason(error.log_reason())
    }

    /// Adds the id of the request to the answer; see [`Problem::with_request_id`].
    #[must_use]
    pub fn with_request_id(self, id: Option<&RequestId>) -> Self {
        match id {
            Some(id) => Self { problem: Box::new(self.problem.with_request_id(id)), ..self },
            None => self,
        }
    }

    /// Has the answer written in the form that the client of a dialect reads, for requests that an adapter refuses itself: pass
    /// [`Api::dialect_at`](crate::Api::dialect_at). `None` answers with the problem document.
    ///
    /// A client that believes to send its request to S3 reads the errors of S3: [`with_dialect_at`](Self::with_dialect_at) knows these
    /// paths, too.
    #[must_use]
    pub fn with_dialect(self, dialect: Option<Dialect>) -> Self {
        Self { shape: dialect.map(Shape::Of), ..self }
    }

    /// Has the answer written in the form that the client of the dialect at this path reads, for requests that an adapter refuses itself.
    /// Elsewhere, the answer is the problem document.
    #[must_use]
    pub fn with_dialect_at<P: Presigner>(self, api: &Api<P>, path: &str) -> Self {
        Self { shape: api.shape_at(path), ..self }
    }

    pub(crate) fn with_shape(self, shape: Shape) -> Self {
        Self { shape: Some(shape), ..self }
    }

    /// Sets the verified caller of the request, for the report.
    #[must_use]
    pub fn with_caller(self, caller: &Identity) -> Self {
        Self { refusal: Box::new(self.refusal.with_caller(caller)), ..self }
    }

    /// Sets the name of the route, for the report. Pass only names of routes that exist.
    #[must_use]
    pub fn with_route(self, route: Option<&str>) -> Self {
        Self { refusal: Box::new(self.refusal.with_route(route)), ..self }
    }

    /// Returns the answer for the client.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Returns the report for the operator, for handlers without an [`Api`](crate::Api): pass it to
    /// [`UploadService::report`](upsign::UploadService::report).
    #[must_use]
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// Adds the challenge to the answer if the route forbids the caller, which a token with more scopes could change.
    pub(crate) fn with_challenge(self, challenge: Option<&HeaderValue>) -> Self {
        Self { problem: Box::new(self.problem.with_insufficient_scope(challenge)), ..self }
    }

    /// Adds the index of the file that is refused to the answer, if the request has several.
    pub(crate) fn with_file(self, index: usize) -> Self {
        Self { problem: Box::new(self.problem.with_member("file", index)), ..self }
    }

    /// `refusal` is the service's own view of `error`.
    pub(crate) fn session(error: &SessionError, refusal: Refusal) -> Self {
        Self { problem: Box::new(Problem::from(error)), refusal: Box::new(refusal), shape: None }
    }

    /// `refusal` is the service's own view of `error`.
    pub(crate) fn issue(error: &IssueError, refusal: Refusal) -> Self {
        Self { problem: Box::new(Problem::from(error)), refusal: Box::new(refusal), shape: None }
    }
}

/// The number of characters that a segment of an unknown path may have in the log. An upload token is longer, and so are most other
/// tokens.
const MAX_SEGMENT_CHARS: usize = 40;

/// Returns the beginning of a path, escaped, without cutting an escape. Long segments are left out.
fn beginning(path: &str) -> String {
    let segment = |segment: &str| match segment.chars().count() {
        length if length > MAX_SEGMENT_CHARS => format!("({length} characters)"),
        _ => segment.to_owned(),
    };
    let path = path.split('/').map(segment).collect::<Vec<_>>().join("/");
    let mut escaped = String::new();
    for character in path.chars() {
        let before = escaped.len();
        escaped.extend(character.escape_debug());
        if escaped.chars().count() > MAX_PATH_CHARS {
            escaped.truncate(before);
            escaped.push('…');
            break;
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_paths_are_escaped_and_cut() {
        let cases = [
            ("/ok", "/ok".to_owned()),
            ("/a\nb", "/a\\nb".to_owned()),
            ("/s3/multipart/eyJhbGciOiJ", "/s3/multipart/eyJhbGciOiJ".to_owned()),
            (&*format!("/s3/{}/1", "x".repeat(41)), "/s3/(41 characters)/1".to_owned()),
            (&*"/x".repeat(65), format!("{}…", "/x".repeat(64))),
            (&*"/\u{202e}".repeat(40), format!("{}/…", "/\\u{202e}".repeat(14))),
        ];
        for (path, shown) in cases {
            assert_eq!(beginning(path), shown);
        }
    }
}
