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
use upsign_policy::{MultipartMode, Unbounded, UploadMethod, UploadPolicy};

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
    let lacks_form = lacks_form(policy)?;
    lacks_parts(policy).map(|lacks_parts| {
        if lacks_form == lacks_parts { lacks_form } else { format!("{lacks_form}; {lacks_parts}").into() }
    })
}

/// Returns what the policy lacks to store a file of unknown size with one request.
pub(super) fn lacks_form(policy: &UploadPolicy) -> Option<Box<str>> {
    let has_parts_only = policy.multipart().is_some_and(|options| options.mode() == MultipartMode::Always);
    let binds = policy.method() == UploadMethod::Post || policy.unbounded() == Unbounded::Danger;
    let missing = match (has_parts_only, binds) {
        (true, _) => Some("with `multipart = \"always\"` it accepts no file in one request"),
        (false, false) => Some("`method = \"post\"` is missing, so that a form binds the size"),
        (false, true) => None,
    };
    lacks_checksum(policy).or_else(|| missing.map(Into::into))
}

/// Returns what the policy lacks to store a file of unknown size in parts.
pub(super) fn lacks_parts(policy: &UploadPolicy) -> Option<Box<str>> {
    let serves = policy.multipart().is_some_and(|options| options.mode() != MultipartMode::No);
    lacks_checksum(policy).or_else(|| (!serves).then(|| "`multipart = \"auto\"` is missing".into()))
}

fn lacks_checksum(policy: &UploadPolicy) -> Option<Box<str>> {
    policy.checksums().is_required().then(|| {
        "with `require_checksum = true` it accepts no file of Uppy, which computes no checksum".into()
    })
}

/// Uppy shows `message` of a refusal with a status from 400 to 499, and logs `requestId`.
pub(super) fn render(problem: &Problem) -> Rendered {
    let mut body = json!({ "error": problem.code(), "message": problem.detail() });
    if let (Some(id), Some(members)) = (problem.diagnose().request_id(), body.as_object_mut()) {
        members.insert("requestId".to_owned(), id.as_str().into());
    }
    Rendered::json(problem, &body)
}
