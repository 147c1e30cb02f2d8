//! Checks of the sources and manifests: formatting, lints, documentation, dependencies, packages.

use std::path::Path;
use std::process::Command;

use super::{Context, StepError};
use crate::build::target;
use crate::packages::Workspace;
use crate::process::{cargo, failure, own, root, run, which};
use crate::tools::Missing;

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
///
/// In the workspace, examples and the command enable some. The libraries of an application with sessions of its own are
/// therefore also linted alone: they must compile without upsign-cognito.
pub(super) fn default_features(_: &Context) -> Result<(), StepError> {
    run(cargo().args(["clippy", "--workspace", "--locked", "--", "-D", "warnings"]))?;
    Ok(run(cargo().args([
        "clippy",
        "-p",
        "upsign-axum",
        "-p",
        "upsign-http",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))?)
}

/// Lints each library with every combination of at most two of its features. `--lib` leaves out what only tests need.
pub(super) fn feature_combinations(context: &Context) -> Result<(), StepError> {
    let mut hack = cargo_hack(context)?;
    hack.args(["clippy", "--lib", "--locked", "--feature-powerset", "--depth", "2"]);
    Ok(run(hack.args(["--exclude-features", "default", "--", "-D", "warnings"]))?)
}

/// Compiles each published package with the compiler of its `rust-version`, which rustup installs.
pub(super) fn rust_versions(context: &Context) -> Result<(), StepError> {
    which("rustup").ok_or_else(|| Missing::new("rustup", "rustup, from https://rustup.rs"))?;
    let mut hack = cargo_hack(context)?;
    hack.args(["check", "--package", "upsign-cli", "--rust-version", "--all-features", "--locked"]);
    // One compiler after the other would otherwise overwrite the artifacts of the workspace's own.
    Ok(run(hack.arg("--target-dir").arg(target().join("rust-versions")))?)
}

/// Compiles the crates that need no operating system for JavaScript runtimes. What each may depend on is tested without the
/// target, in `crates/upsign-testing/tests/it/wasm.rs`.
pub(super) fn webassembly(_: &Context) -> Result<(), StepError> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().map_err(failure)?;
    let sysroot = String::from_utf8_lossy(&sysroot.stdout).trim().to_owned();
    if !Path::new(&sysroot).join("lib/rustlib").join(TARGET).is_dir() {
        return Err(Missing::new(TARGET, format!("rustup target add {TARGET}")).into());
    }
    let mut check = cargo();
    check.args(["check", "--locked", "--lib", "--all-features", "--target", TARGET]);
    for library in
        ["upsign", "upsign-core", "upsign-documents", "upsign-json", "upsign-policy", "upsign-sigv4"]
    {
        check.args(["--package", library]);
    }
    run(&mut check)?;
    // Its feature `rsa` needs a C compiler.
    let mut check = cargo();
    Ok(run(check.args(["check", "--locked", "--lib", "--target", TARGET, "--package", "upsign-gcs"]))?)
}

/// Returns a call of cargo-hack for the published libraries. Its own option for that, `--no-private`, edits `Cargo.toml`.
fn cargo_hack(context: &Context) -> Result<Command, StepError> {
    let mut hack = Command::new(context.tools.cargo_subcommand("cargo-hack")?);
    hack.arg("hack").current_dir(root());
    for library in Workspace::read()?.libraries() {
        hack.arg("--package").arg(&library.name);
    }
    Ok(hack)
}

pub(super) fn documentation(_: &Context) -> Result<(), StepError> {
    let mut doc = cargo();
    doc.args(["doc", "--workspace", "--no-deps", "--all-features", "--locked"]);
    Ok(run(doc.env("RUSTDOCFLAGS", "-D warnings"))?)
}

/// Checks the rules of `.cargo/deny.toml` for every workspace, except for advisories: their database is not available offline.
pub(super) fn deny(context: &Context) -> Result<(), StepError> {
    let program = context.tools.cargo_subcommand("cargo-deny")?;
    let deny = |manifest: &str| {
        let mut deny = Command::new(&program);
        deny.args(["--offline", "--locked", "--workspace", "--all-features", "--config", ".cargo/deny.toml"]);
        deny.args(["--manifest-path", manifest, "check", "bans", "licenses", "sources"]);
        deny.current_dir(root());
        deny
    };
    run(&mut deny("Cargo.toml"))?;
    for manifest in ["crates/fuzz/Cargo.toml", "crates/upsign-cognito/tests/feature-host/Cargo.toml"] {
        // cargo-deny reads crates for other systems too, which no build has downloaded.
        run(cargo().args(["fetch", "--quiet", "--locked", "--manifest-path", manifest]))?;
        // Each of them uses only some of what the rules allow.
        let unused = ["license-not-encountered", "license-exception-not-encountered", "unused-wrapper"];
        run(deny(manifest).args(unused.map(|code| ["--allow", code]).concat()))?;
    }
    Ok(())
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

/// Lints the GitHub workflows, and the one that users copy from the examples.
pub(super) fn workflows(context: &Context) -> Result<(), StepError> {
    let mut node = context.tools.node()?;
    node.arg(own("tools/workflows.cjs"))
        .args([".github/workflows", "examples/drift"].map(|folder| root().join(folder)));
    Ok(run(&mut node)?)
}
