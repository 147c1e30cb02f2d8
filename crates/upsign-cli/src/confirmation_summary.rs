//! What happens after an upload of a route, as `check` and `serve` print it: confirmation, gate, inspection, and several files.

use std::time::Duration;

use serde_json::{Map, Value};
use upsign_config::units::{format_duration, format_size};
use upsign_policy::{Gate, Inspection, UploadPolicy};

use crate::output::Printer;

/// Prints how uploads are confirmed, what keeps readers away until then, and how many files a request can have.
pub(crate) fn print(to: Printer, policy: &UploadPolicy) {
    let options = policy.confirmation();
    if options.confirm() {
        let window = format_duration(Duration::from_secs(options.confirm_within().as_secs()));
        let by_event = if options.claim() { ", by a claim for events too" } else { "" };
        let by_event =
            if policy.upload_template().is_sealed() { ", by the key for events too" } else { by_event };
        to.detail("confirm", &format!("within {window} after the grant has expired{by_event}"));
    }
    match options.gate() {
        Gate::Pending(template) => {
            to.detail("pending", &format!("{template}, copied to its key once it is confirmed"));
        }
        Gate::Tag => to.detail("gate", "the tag upsign=confirmed; nobody else reads until then"),
        _ => {}
    }
    match options.inspection() {
        Inspection::Magic => {
            to.detail("inspect", "the first and last bytes against the type (magic)");
            let unknown = unknown_types(policy);
            if !unknown.is_empty() {
                to.detail("", &format!("always rejected, for lack of a check: {}", unknown.join(", ")));
            }
        }
        Inspection::Hook => {
            to.detail("inspect", "by the application (hook): `upsign dev` accepts everything");
        }
        _ => {}
    }
    if options.delete() {
        to.detail("delete", "by the uploader");
    }
    if let Some(files) = files(policy) {
        to.detail("files", &files);
    }
}

/// Returns what [`print`] prints, as the member `confirmation` of a route.
pub(crate) fn json(policy: &UploadPolicy) -> Map<String, Value> {
    let options = policy.confirmation();
    let mut members = Map::new();
    let mut member = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    member("within", options.confirm_within().as_secs().into());
    let gate = match options.gate() {
        Gate::Pending(template) => {
            member("pendingTemplate", template.as_str().into());
            "pending"
        }
        Gate::Tag => "tag",
        _ => "none",
    };
    member("gate", gate.into());
    member("inspect", options.inspection().as_str().into());
    if options.inspection() == Inspection::Magic {
        member("typesWithoutCheck", unknown_types(policy).into());
    }
    member("claim", options.claim().into());
    member("delete", options.delete().into());
    member("readExpiresIn", options.read_expires_in().as_secs().into());
    members
}

/// Returns the listed types that `inspect = "magic"` always rejects, because it has no check for them. Ranges of types also contain
/// some that it knows.
pub(crate) fn unknown_types(policy: &UploadPolicy) -> Vec<String> {
    let unknown =
        policy.content_rules().exact().filter(|content_type| !upsign_inspect::is_known(content_type));
    unknown.map(ToString::to_string).collect()
}

fn files(policy: &UploadPolicy) -> Option<String> {
    let files = policy.files().max_files();
    let total =
        policy.files().max_total_size().map(|total| format!(", together up to {}", format_size(total)));
    (files > 1).then(|| format!("up to {files} in one request{}", total.unwrap_or_default()))
}
