//! The `/s3` endpoints of Companion, which `@uppy/aws-s3` 4 and 5 call.
//!
//! The upload token takes the place of S3's upload id, which clients send back unread. Its owner, its key and its route are those of
//! the upload, so that nothing depends on what a client sends with it.
//!
//! Source: <https://github.com/transloadit/uppy/blob/main/packages/%40uppy/companion/src/server/controllers/s3.js>.

mod answer;
mod call;
mod calls;
mod complete;
mod invalid;
mod query;
mod upload;

use serde_json::json;
use upsign_core::Dialect;
use upsign_policy::{MultipartMode, UploadMethod, UploadPolicy};

use crate::dialect::companion::call::Resource;
use crate::dialect::render::{Rendered, Shape};
use crate::dialect::{Body, Place, Served};
use crate::problem::Problem;

pub(super) use calls::answer;

/// The path below which the dialect answers.
const PREFIX: &str = "/s3";

pub(super) fn places() -> Vec<Place> {
    vec![Place::below(PREFIX)]
}

pub(super) fn served(path: &str) -> Option<Served> {
    let resource = resource(path)?;
    let body = if matches!(resource, Resource::Complete(_)) { Body::List } else { Body::Small };
    // `Accept` and `Content-Type: application/json` need no permission of their own, or have it.
    Some(Served { methods: resource.methods(), headers: &[], shape: Shape::Of(Dialect::Companion), body })
}

fn resource(path: &str) -> Option<Resource<'_>> {
    Resource::at(path.strip_prefix(PREFIX)?.strip_prefix('/')?)
}

/// A route serves the dialect if it takes files whose size is not known, as a form or in parts.
pub(super) fn lacks(policy: &UploadPolicy) -> Option<Box<str>> {
    let in_parts = policy.multipart().is_some_and(|options| options.mode() != MultipartMode::No);
    if policy.checksums().is_required() {
        return Some("`require_checksum = true`: the client computes no checksum".into());
    }
    let has_form = policy.method() == UploadMethod::Post;
    (!has_form && !in_parts)
        .then(|| "`method = \"post\"`, or `multipart = \"auto\"` for large files, is missing".into())
}

/// Uppy shows `message` of a refusal with a status from 400 to 499, and logs `requestId`.
pub(super) fn render(problem: &Problem) -> Rendered {
    let mut body = json!({ "error": problem.code(), "message": problem.detail() });
    if let (Some(id), Some(members)) = (problem.diagnose().request_id(), body.as_object_mut()) {
        members.insert("requestId".to_owned(), id.as_str().into());
    }
    Rendered::json(problem, &body)
}
