//! What a route needs to serve Git LFS.

use upsign::UploadPolicy;
use upsign_policy::{ContentType, Gate, Inspection, UploadMethod};

/// Returns what a route with this policy lacks, with the key of `upsign.toml` that adds it.
pub(crate) fn lacks(policy: &UploadPolicy) -> Option<Box<str>> {
    let lacked = if !policy.finds_by_content() {
        // Such a policy requires the checksum `sha256`, and uploads nothing in parts.
        "git-lfs finds a file by its SHA-256: set key to a template with {sha256} that contains, besides text, only {issuer}, {sub}, \
         {group} and {claim:NAME}, for example key = \"lfs/{sha256}\""
    } else if policy.method() != UploadMethod::Put {
        "git-lfs sends files with PUT: remove method"
    } else if !policy.no_overwrite() {
        "a file of git-lfs never changes: remove replace and no_overwrite, so that no object is overwritten"
    } else if !policy.content_rules().allows(&ContentType::octet_stream()) {
        "git-lfs does not tell the type of a file: add \"application/octet-stream\" to types"
    } else if !policy.confirmation().confirm() {
        "the service looks for objects and verifies uploads: set confirm = true"
    } else if *policy.confirmation().gate() != Gate::None
        || policy.confirmation().inspection() != Inspection::None
    {
        "git-lfs expects a file to be there as soon as it is sent: remove pending_key, gate and inspect"
    } else {
        return None;
    };
    Some(lacked.into())
}
