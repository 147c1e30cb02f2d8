//! `@uppy/aws-s3` 6: the requests of its option `signRequest`.

use http::Response;
use serde_json::json;
use upsign::UploadPolicy;
use upsign_core::{Dialect, Presigner};

use crate::dialect::render::{Rendered, Shape};
use crate::dialect::{Body, DialectCall, Place, Served};
use crate::problem::Problem;
use crate::refused::RefusedRequest;

/// Signs one request of the client.
const SIGN: &str = "/uppy/sign";

pub(super) fn places() -> Vec<Place> {
    vec![Place::at(SIGN)]
}

pub(super) fn served(path: &str) -> Option<Served> {
    let shape = Shape::Of(Dialect::Uppy);
    (path == SIGN).then_some(Served { methods: "POST", headers: &[], shape, body: Body::Small })
}

/// Signing is added with the sessions that it needs.
pub(super) fn lacks(_policy: &UploadPolicy) -> Option<Box<str>> {
    Some("the dialect is not available in this build".into())
}

pub(super) fn render(problem: &Problem) -> Rendered {
    let body = json!({ "error": problem.code(), "message": problem.detail() });
    Rendered::json(problem, &body)
}

pub(super) async fn answer<P: Presigner>(
    call: &DialectCall<'_, P>,
) -> Result<Response<String>, RefusedRequest> {
    Err(call.refuse(Problem::not_found()))
}
