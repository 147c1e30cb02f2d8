//! Runs rustdoc with its JSON output, which is unstable.

use std::env;
use std::process::{Command, ExitCode};

use serde_json::Value;

use crate::build::target;
use crate::process::{Failure, cargo, failure, run};

/// If set, this program stands in for rustdoc: it runs the named program with `RUSTC_BOOTSTRAP`. Were that variable set for
/// cargo, it would also reach build scripts, and most dependencies would be built again.
const REAL_RUSTDOC: &str = "XTASK_RUSTDOC";

/// The version of the JSON format that `public-api` reads. Rust 1.93 to 1.95 write it.
const FORMAT: u64 = 57;

/// Returns the exit code of rustdoc if this process was started in place of it.
pub(crate) fn forwarded() -> Option<ExitCode> {
    let program = env::var_os(REAL_RUSTDOC)?;
    let status = Command::new(program).args(env::args_os().skip(1)).env("RUSTC_BOOTSTRAP", "1").status();
    let code = status.ok().and_then(|status| status.code()).and_then(|code| u8::try_from(code).ok());
    Some(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Writes the JSON of every library of the workspace, with all features. It reuses the artifacts of `cargo doc --workspace
/// --all-features`, so that only the libraries themselves are processed again.
pub(super) fn build() -> Result<(), Failure> {
    let mut doc = cargo();
    doc.args(["doc", "--workspace", "--lib", "--no-deps", "--all-features", "--locked"]);
    doc.env("RUSTDOC", env::current_exe().map_err(failure)?);
    doc.env(REAL_RUSTDOC, env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into()));
    // The step `rustdoc` reports the warnings.
    run(doc.env("RUSTDOCFLAGS", "-Z unstable-options --output-format json -A warnings"))
}

/// Returns the path of a library's JSON.
pub(super) fn path(library: &str) -> std::path::PathBuf {
    target().join("doc").join(format!("{library}.json"))
}

/// Reads the JSON of a library.
pub(super) fn json(library: &str) -> Result<Value, Failure> {
    let path = path(library);
    let text = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let json: Value = serde_json::from_slice(&text).map_err(failure)?;
    match json.get("format_version").and_then(Value::as_u64) {
        Some(FORMAT) => Ok(json),
        other => Err(format!(
            "rustdoc wrote JSON of format {}, but the crate `public-api` in crates/xtask reads format {FORMAT}: use Rust 1.95, \
             or a version of `public-api` for this compiler",
            other.map_or_else(|| "unknown".into(), |version| version.to_string())
        )),
    }
}
