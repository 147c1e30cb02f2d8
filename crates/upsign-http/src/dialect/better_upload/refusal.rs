//! How a refusal is shown to better-upload's client.

use serde_json::{Value, json};

use crate::problem::Problem;

/// Returns the body `{"error": {"type", "message", "code"}}`. The client makes an error with `type` and `message` of it for every status
/// that is not 2xx; `code` is ours, for pages that read the answer themselves.
pub(super) fn body(problem: &Problem) -> Value {
    let error = json!({
        "type": kind(problem),
        "message": problem.detail(),
        "code": problem.code(),
    });
    json!({ "error": error })
}

/// Returns the type of the error that is nearest to a problem: one of `ClientUploadError['type']` of the client.
fn kind(problem: &Problem) -> &'static str {
    match problem.code() {
        "files-count" | "files-not-offered" => "too_many_files",
        "too-large" | "files-too-large" => "file_too_large",
        "content-type-not-allowed"
        | "content-type-invalid"
        | "content-type-required"
        | "extension-unknown"
        | "extension-mismatch" => "invalid_file_type",
        _ if problem.status().is_server_error() => "unknown",
        code if code.starts_with("body-") => "invalid_request",
        "client-cannot-send" | "method-not-allowed" | "not-found" => "invalid_request",
        _ => "rejected",
    }
}
