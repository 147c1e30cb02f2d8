//! What a route needs so that better-upload's client can upload to it.
//!
//! The client (`@better-upload/client` 3.0.19, `src/utils/internal/s3-upload.ts`) sends a whole file by `PUT` with `Content-Type`,
//! `Cache-Control`, `x-amz-meta-*` and every header of the member `headers`, so that all headers whose values the service knows can be
//! bound. It computes no checksum, and it sends a part without any header.

use upsign_core::MultipartPlan;
use upsign_policy::{MultipartMode, MultipartOptions, UploadMethod, UploadPolicy};

/// The maximum number of parts of all files of one request. The client needs the URLs of all parts in one answer, of about 0.6 to
/// 2 kB each: an answer of a Lambda function has at most 6 MB
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
pub(super) const MAX_PARTS: usize = 1_000;

/// Returns what a route with this policy lacks.
pub(crate) fn lacks(policy: &UploadPolicy) -> Option<Box<str>> {
    if policy.method() == UploadMethod::Post {
        return Some("it is for forms, but the client sends files by PUT (remove method = \"post\")".into());
    }
    if policy.checksums().is_required() {
        return Some("it requires a checksum, but the client computes none (remove require_checksum)".into());
    }
    let options = policy.multipart().filter(|options| options.mode() != MultipartMode::No)?;
    if let Some((name, _)) = policy.call_headers().iter().next() {
        let lacked = format!(
            "its parts must have the header {name}, but the client sends parts without headers (multipart = \"no\")"
        );
        return Some(lacked.into());
    }
    too_many_parts(policy, options)
}

fn too_many_parts(policy: &UploadPolicy, options: &MultipartOptions) -> Option<Box<str>> {
    let plan = MultipartPlan::new(policy.max_size(), options.part_size(), options.store()).ok()?;
    let parts = usize::from(plan.part_count());
    if parts <= MAX_PARTS {
        return None;
    }
    let mebibytes = policy.max_size().div_ceil(MAX_PARTS as u64).div_ceil(1 << 20);
    let lacked = format!(
        "a file of max_size has {parts} parts, but the client needs the URLs of all parts in one answer, which has at most \
         {MAX_PARTS} (part_size = \"{mebibytes} MiB\" or more)"
    );
    Some(lacked.into())
}

/// Returns the number of parts of a file, or `None` if it is sent in one request.
pub(super) fn parts_of(policy: &UploadPolicy, size: u64) -> Option<usize> {
    let options = policy.multipart().filter(|options| options.mode() != MultipartMode::No)?;
    if options.mode() == MultipartMode::Auto && size <= options.above() {
        return None;
    }
    let plan = MultipartPlan::new(size, options.part_size(), options.store()).ok()?;
    Some(plan.part_count().into())
}
