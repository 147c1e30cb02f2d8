//! Refusals in the form that the client of a dialect reads.

use http::{HeaderValue, Response, StatusCode};
use upsign_core::{Dialect, Presigner};

use crate::api::Api;
use crate::dialect::{contract, git_lfs};
use crate::problem::Problem;
use crate::respond as common;

/// How the refusals of a path are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// As the client of this dialect reads them.
    Of(Dialect),
    /// As S3 writes them, for requests that a client believes to send to S3.
    Store,
}

/// The status, the type and the body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

impl Rendered {
    /// Returns the problem document itself.
    pub(super) fn problem(problem: &Problem) -> Self {
        let body = serde_json::to_string(problem).unwrap_or_default();
        Self { status: problem.status(), content_type: "application/problem+json", body }
    }

    /// Returns JSON with the status of the problem.
    pub(super) fn json(problem: &Problem, body: &serde_json::Value) -> Self {
        Self { status: problem.status(), content_type: "application/json", body: body.to_string() }
    }

    /// Returns the error document of S3, with the code and the detail of the problem
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses>).
    fn store(problem: &Problem) -> Self {
        let id = problem.diagnose().request_id().map_or("", |id| id.as_str());
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>\
             <RequestId>{}</RequestId></Error>",
            escaped(problem.code()),
            escaped(problem.detail()),
            escaped(id),
        );
        Self { status: problem.status(), content_type: "application/xml", body }
    }
}

impl<P: Presigner> Api<P> {
    /// Returns how the refusals at a path are written, or `None` if no dialect answers there.
    pub(crate) fn shape_at(&self, path: &str) -> Option<Shape> {
        if self.paths.at(path).is_some() {
            return None;
        }
        self.dialects.at(path, self.paths.base()).map(|found| found.served.shape)
    }
}

/// Creates the response of a refusal, with the headers that belong to its status, without CORS headers.
pub(crate) fn respond(shape: Shape, problem: &Problem) -> Response<String> {
    let Rendered { status, content_type, body } = match shape {
        Shape::Of(dialect) => contract::render(dialect, problem),
        Shape::Store => Rendered::store(problem),
    };
    let mut response = common::problem(problem);
    *response.status_mut() = status;
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    *response.body_mut() = body;
    if shape == Shape::Of(Dialect::GitLfs) {
        git_lfs::challenge(&mut response);
    }
    response
}

/// Escapes text for the content of an element. Characters that XML 1.0 cannot express are replaced.
///
/// Source: <https://www.w3.org/TR/xml/#charsets>.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(character),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
    out
}
