//! Compares the public API with that of a release, with cargo-semver-checks.

use std::process::Command;

use crate::process::{Failure, failure, root, run};
use crate::tools::Tools;

/// Checks that the version numbers allow every change of the public API since `baseline`, or since the latest release.
pub(crate) fn check(baseline: Option<String>) -> Result<(), Failure> {
    let baseline = baseline.map_or_else(latest_release, Ok)?;
    let program = Tools::new().cargo_semver_checks()?;
    let mut check = Command::new(program);
    check.args(["semver-checks", "check-release", "--workspace", "--all-features"]);
    run(check.arg("--baseline-rev").arg(baseline).current_dir(root()))
}

/// Returns the latest tag of a release that the current commit descends from.
fn latest_release() -> Result<String, Failure> {
    let mut describe = Command::new("git");
    describe.args(["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]).current_dir(root());
    let output = describe.output().map_err(failure)?;
    let tag = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if tag.is_empty() {
        return Err("there is no tag v… of a release yet: pass --baseline with a commit".into());
    }
    Ok(tag)
}
