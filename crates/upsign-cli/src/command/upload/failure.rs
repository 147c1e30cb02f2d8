//! Errors of uploads with what the user can do about them.

use upsign_client::{ApiError, ApiFailure, UploadError};
use upsign_core::error_chain;

use crate::exit::Diagnostic;

/// Returns the error of an upload. `is_resumable` says whether a state is stored.
pub(super) fn diagnostic(file: &str, error: &UploadError, is_resumable: bool) -> Diagnostic {
    let message = format!("{file}: {}", error_chain(error));
    let mut found = Diagnostic::new(error.code().to_owned(), message).in_file(file);
    found.help = help(error, is_resumable);
    found
}

const RESUME: &str = "run the same command again: it sends only the parts that the store does not have";
const AGAIN: &str = "run the same command again";
const ADDRESS: &str = "check --api: it is the address of POST /upload-url, or of the server with it";

fn help(error: &UploadError, is_resumable: bool) -> Option<String> {
    let again = if is_resumable { RESUME } else { AGAIN };
    let text = match error {
        UploadError::Changed(_) => "upload it when nothing writes to it",
        UploadError::ChangedSince { .. } => {
            "upload the new content with --restart, which aborts the interrupted upload of the old one"
        }
        UploadError::UnknownSize { .. } => {
            "save it to a file, or choose a route with `multipart = \"auto\"` and `size_bound = \"max\"`"
        }
        UploadError::Store { .. } | UploadError::Connection { .. } => again,
        UploadError::PutUncertain { .. } | UploadError::Unconfirmed { .. } => {
            "compare the object with the file before you upload it again"
        }
        UploadError::Expired { .. } => {
            "run the same command again: it uploads the file from the beginning; a lifecycle rule of the bucket removes the stored \
             parts"
        }
        UploadError::PartExceedsBuffer { .. } => {
            "save it to a file, or ask for a route with a smaller `part_size` or `max_size`"
        }
        UploadError::Corrupted { .. } => {
            "run the command again; if this repeats, check the memory and the disk of this machine"
        }
        UploadError::Gone { .. } | UploadError::ObjectExists { .. } => AGAIN,
        UploadError::Busy { .. } => "wait until the other process has ended, or stop it",
        UploadError::State { .. } => "make the folder writable, or pass --no-state",
        UploadError::Api(error) => return api_help(error, again).map(str::to_owned),
        _ => return None,
    };
    Some(text.to_owned())
}

fn api_help(error: &ApiError, again: &'static str) -> Option<&'static str> {
    match error.code() {
        "upload-token-invalid" => {
            return Some("sign in as the caller who began the upload, or begin again with --restart");
        }
        "not-found" | "method-not-allowed" => return Some(ADDRESS),
        "unauthorized" => {
            return Some("pass a valid token of a user of this API: UPSIGN_TOKEN or --token-command");
        }
        "type-not-allowed" | "content-type-not-allowed" => {
            return Some("name the type with --type, or another route with --route");
        }
        "route-unknown" => return Some("name a route of the API with --route"),
        _ => {}
    }
    match error.failure() {
        ApiFailure::Connection(_) => Some("check --api, and whether the API is running"),
        ApiFailure::Status { status: 404 | 405, .. } => Some(ADDRESS),
        ApiFailure::Status { .. } | ApiFailure::Timeout(_) => Some(again),
        ApiFailure::Problem(problem) if problem.status >= 500 => Some(again),
        _ => None,
    }
}
