//! Checks of the sources and manifests: formatting, lints, documentation, dependencies, packages.

use std::process::Command;

use super::{Context, StepError};
use crate::process::{cargo, own, root, run};

pub(super) fn format(_: &Context) -> Result<(), StepError> {
    Ok(run(cargo().args(["fmt", "--all", "--check"]))?)
}

pub(super) fn clippy(_: &Context) -> Result<(), StepError> {
    let mut clippy = cargo();
    clippy.args(["clippy", "--workspace", "--all-targets", "--all-features", "--locked"]);
    Ok(run(clippy.args(["--", "-D", "warnings"]))?)
}

/// Lints the workspace without optional features. The other steps enable all of them, which would hide code that only
/// compiles together with a feature.
pub(super) fn default_features(_: &Context) -> Result<(), StepError> {
    Ok(run(cargo().args(["clippy", "--workspace", "--locked", "--", "-D", "warnings"]))?)
}

/// Lints each library with every combination of at most two of its features. `--lib` leaves out what only tests need.
pub(super) fn feature_combinations(context: &Context) -> Result<(), StepError> {
    let mut hack = Command::new(context.tools.cargo_subcommand("cargo-hack")?);
    hack.args([
        "hack",
        "clippy",
        "--workspace",
        "--no-private",
        "--exclude",
        "upsign-cli",
        "--lib",
        "--locked",
    ]);
    hack.args([
        "--feature-powerset",
        "--depth",
        "2",
        "--exclude-features",
        "default",
        "--",
        "-D",
        "warnings",
    ]);
    Ok(run(hack.current_dir(root()))?)
}

pub(super) fn documentation(_: &Context) -> Result<(), StepError> {
    let mut doc = cargo();
    doc.args(["doc", "--workspace", "--no-deps", "--all-features", "--locked"]);
    Ok(run(doc.env("RUSTDOCFLAGS", "-D warnings"))?)
}

/// Checks the rules of `.cargo/deny.toml`, except for advisories: their database is not available offline.
pub(super) fn deny(context: &Context) -> Result<(), StepError> {
    let mut deny = Command::new(context.tools.cargo_subcommand("cargo-deny")?);
    deny.args(["--offline", "--locked", "--workspace", "--all-features", "--config", ".cargo/deny.toml"]);
    deny.args(["check", "bans", "licenses", "sources"]);
    Ok(run(deny.current_dir(root()))?)
}

/// Packages every published crate. The packages are not compiled: that would build each crate and its dependencies again.
pub(super) fn package(_: &Context) -> Result<(), StepError> {
    let mut package = cargo();
    package.args(["package", "--workspace", "--offline", "--locked", "--no-verify", "--quiet"]);
    for unpublished in ["xtask", "example-*", "upsign-bench*"] {
        package.args(["--exclude", unpublished]);
    }
    // A check runs before a commit, too.
    Ok(run(package.arg("--allow-dirty"))?)
}

/// Lints the GitHub workflows.
pub(super) fn workflows(context: &Context) -> Result<(), StepError> {
    let mut node = context.tools.node()?;
    Ok(run(node.arg(own("tools/workflows.cjs")).arg(root().join(".github/workflows")))?)
}
