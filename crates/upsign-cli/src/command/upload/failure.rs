//! Errors of uploads with what the user can do about them.

use upsign_client::{ApiError, ApiFailure, Problem, UploadError};
use upsign_core::error_chain;

use super::args::RequestArgs;
use super::diagnosis;
use super::state;
use crate::exit::Diagnostic;

/// Returns the error of an upload. `is_resumable` says whether a state is stored.
pub(super) fn diagnostic(
    file: &str,
    error: &UploadError,
    request: &RequestArgs,
    is_resumable: bool,
) -> Diagnostic {
    let message = match error {
        // The refusal of the API says what programs can do.
        UploadError::UnknownSize { .. } => error.to_string(),
        // These name the file.
        UploadError::Read { .. }
        | UploadError::Changed(_)
        | UploadError::ChangedSince { .. }
        | UploadError::TooLarge { .. }
        | UploadError::PartExceedsBuffer { .. } => error_chain(error).to_string(),
        _ => format!("{file}: {}", error_chain(error)),
    };
    let mut found = Diagnostic::new(error.code().to_owned(), message).in_file(file);
    let findings = diagnosis::findings(error);
    // What can be resumed is not sent again as a whole, also after the fix.
    let needs_fix = findings.needs_fix && !is_resumable;
    let help = || help(error, is_resumable).filter(|_| !needs_fix);
    found.help = request_help(error.code(), request).map(str::to_owned).or_else(help);
    found.findings = findings.found;
    found
}

/// Returns what can be done about options that the API refuses.
fn request_help(code: &str, request: &RequestArgs) -> Option<&'static str> {
    match code {
        "body-unknown-member" if !request.ids.is_empty() => {
            Some("leave out --id: the route does not let clients supply ids, or has none of this name")
        }
        "multipart-not-allowed" if request.multipart => Some("leave out --multipart"),
        _ => None,
    }
}

const RESUME: &str = "run the same command again: it sends only the parts that the store does not have";
const AGAIN: &str = "run the same command again";
const NOT_UPSIGN: &str = "the answer is not one of upsign: check --api";
const OPERATOR: &str = "the operator of the API has to correct this; the log of the API has the reason";
const ADDRESS: &str = "check --api: it is the address of POST /upload-url, or of the server with it";

fn help(error: &UploadError, is_resumable: bool) -> Option<String> {
    let again = if is_resumable { RESUME } else { AGAIN };
    let text = match error {
        UploadError::Changed(_) => "upload it when nothing writes to it",
        UploadError::ChangedSince { .. } => {
            "upload the new content with --restart, which aborts the interrupted upload of the old one"
        }
        UploadError::UnknownSize { .. } => {
            "save it to a file, or ask the operator of the API for a route with `multipart = \"auto\"` and `size_bound = \"max\"`"
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
        UploadError::UnreadableState { path, .. } => return Some(state::forget_help(path)),
        UploadError::NotAborted { source, .. } => return Some(not_aborted_help(source, again)),
        UploadError::Mismatch { .. } => {
            "run the same command again: another request replaced the object, or it was damaged on its way"
        }
        UploadError::Rejected { .. } => return Some(rejected_help(error).to_owned()),
        UploadError::NotFound { .. } => AGAIN,
        UploadError::NotConfirmedInTime { .. } if is_resumable => {
            "run the same command again: it confirms the upload without sending it again"
        }
        UploadError::NotConfirmedInTime { .. } => {
            "events of the store can still confirm it; ask the operator of the API"
        }
        UploadError::NotConfirmable { .. } => {
            "leave out --confirm and --read-url, or ask the operator of the API for a route with `confirm = true`"
        }
        UploadError::SeveralRoutes => "leave out --together",
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
            return Some(
                "sign in as the caller who began the upload, or drop its state with --forget FILE and begin again",
            );
        }
        "not-found" | "method-not-allowed" => return Some(ADDRESS),
        "unauthorized" => {
            return Some("pass a valid token of a user of this API: UPSIGN_TOKEN or --token-command");
        }
        "type-not-allowed" | "content-type-not-allowed" => {
            return Some("name the type with --type, or another route with --route");
        }
        "files-not-offered" => return Some("leave out --together: the route takes one file in a request"),
        "files-count" | "files-too-large" => {
            return Some("upload fewer files at once, or leave out --together");
        }
        "route-unknown" => return Some("name a route of the API with --route"),
        _ => {}
    }
    match error.failure() {
        ApiFailure::Connection(_) => Some("check --api, and whether the API is running"),
        ApiFailure::Status { status: 404 | 405, .. } => Some(ADDRESS),
        ApiFailure::Timeout(_) => Some(again),
        ApiFailure::Status { status, .. } | ApiFailure::Problem(Problem { status, .. })
            if may_pass(*status) =>
        {
            Some(again)
        }
        ApiFailure::Status { .. } => Some(NOT_UPSIGN),
        ApiFailure::Problem(problem) if problem.status >= 500 => Some(OPERATOR),
        ApiFailure::Token(_) => {
            Some("check --token-command, or --user, --pool, --client-id and UPSIGN_PASSWORD")
        }
        _ => None,
    }
}

/// Returns what can be done about content that the API rejects.
fn rejected_help(error: &UploadError) -> &'static str {
    let UploadError::Rejected { reason, .. } = error else { return AGAIN };
    match reason.as_str() {
        "type-mismatch" | "unknown-type" => {
            "name the type of the content with --type, if the route allows it"
        }
        "truncated" => "the file is incomplete: obtain it again",
        _ => "the route does not accept such content; upload another file",
    }
}

/// Returns whether a repeated request may get another answer.
const fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 429 | 502..=504)
}

/// Returns what can be done if the interrupted upload is to begin again, but cannot be aborted.
fn not_aborted_help(error: &ApiError, again: &'static str) -> String {
    let first = match error.code() {
        "upload-token-invalid" => "repeat it as the caller who began the upload",
        _ => api_help(error, again).unwrap_or(again),
    };
    format!("{first}; or drop its state with --forget FILE: {}", state::PARTS_REMAIN)
}
