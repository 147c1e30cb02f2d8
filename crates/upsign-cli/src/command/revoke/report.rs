//! Prints what a revocation does, on standard error: standard output is the policy.

use upsign_diagnose::{Revocation, RevocationKind};

use crate::output::{self, BOLD};

pub(super) fn print(revocation: &Revocation, is_merged: bool) {
    let notes = output::notes();
    let title = match revocation.kind {
        RevocationKind::Url => "stops one URL",
        RevocationKind::Caller => "stops the uploads of one caller",
        RevocationKind::Signer => "stops what one identity signed",
        _ => "stops what older sessions signed",
    };
    notes.line(&format!("{BOLD}{title}: a policy of the bucket {}{BOLD:#}", revocation.bucket));
    for effect in &revocation.effects {
        notes.detail(if effect.is_stopped { "stops" } else { "leaves" }, &effect.request);
    }
    for limit in &revocation.limits {
        notes.detail("note", limit);
    }
    notes.detail("remove", &format!("the statement from {} on", revocation.removable_at));
    for (text, command) in steps(revocation, is_merged) {
        notes.detail("apply", text);
        if !output::is_quiet() {
            notes.verbatim(&format!("     {command}"));
        }
    }
}

/// Returns what to do, each with a command.
pub(super) fn steps(revocation: &Revocation, is_merged: bool) -> Vec<(&'static str, String)> {
    let bucket = &revocation.bucket;
    let put = format!("aws s3api put-bucket-policy --bucket {bucket} --policy file://policy.json");
    if is_merged {
        return vec![("write standard output to policy.json, and then", put)];
    }
    let get =
        format!("aws s3api get-bucket-policy --bucket {bucket} --query Policy --output text > present.json");
    vec![
        (
            "this replaces the present policy: get that first, and run this command again with --bucket-policy present.json",
            get,
        ),
        ("write standard output to policy.json, and then", put),
    ]
}
