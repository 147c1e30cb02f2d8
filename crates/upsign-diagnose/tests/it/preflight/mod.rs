//! What a browser sends before an upload, and what the answer means.

mod answers;
mod requests;
mod rules;

use upsign_diagnose::{Diagnosis, PageRequest, PreflightReport};

pub(super) const PAGE: &str = "https://app.example.com";

/// A presigned URL that signs these headers, separated by semicolons, with more parameters.
pub(super) fn url(signed: &str, more: &str) -> String {
    let signed = signed.replace(';', "%3B");
    format!(
        "https://my-bucket.s3.eu-central-1.amazonaws.com/a.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256{more}\
         &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260101%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z\
         &X-Amz-Expires=900&X-Amz-SignedHeaders={signed}&X-Amz-Signature=5f1e5f1e5f1e5f1e0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f"
    )
}

pub(super) fn read(input: &str) -> PageRequest {
    PageRequest::read(input.as_bytes(), PAGE.parse().unwrap()).unwrap()
}

/// Returns a request of a page with `PUT` and these headers.
pub(super) fn put(headers: &[&str]) -> PageRequest {
    let request = PageRequest::of_url(&url("host", ""), PAGE.parse().unwrap()).unwrap();
    let request = request.with_method("PUT").unwrap();
    headers.iter().fold(request, |request, name| request.with_header(name, None).unwrap())
}

/// Returns cause, field and certainty of each finding.
pub(super) fn found(report: &PreflightReport) -> Vec<(String, String, bool)> {
    let each = |it: &&Diagnosis| (it.cause.code.to_owned(), it.field.to_string(), it.certain);
    report.found().iter().map(each).collect()
}
