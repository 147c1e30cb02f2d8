//! Token verifiers in other languages. Each runs in its own process and times itself.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use upsign_benches::Timing;

use crate::sample::Sample;

/// Runs the verifiers that are installed and returns their timings.
pub(crate) fn run(sample: &Sample) -> Vec<Timing> {
    let (here, tools) = (Path::new(env!("CARGO_MANIFEST_DIR")), tools_directory());
    let (modules, python) = (tools.join("node/node_modules"), tools.join("venv/bin/python"));
    let mut timings = Vec::new();
    if modules.join("aws-jwt-verify").is_dir() {
        let mut node = Command::new("node");
        node.arg(here.join("tokens/aws_jwt_verify.js")).env("NODE_PATH", modules);
        timings.extend(time("aws-jwt-verify (Node), verifySync", &mut node, sample));
    }
    if python.is_file() {
        let mut python = Command::new(python);
        python.arg(here.join("tokens/pyjwt.py"));
        timings.extend(time("PyJWT (Python), decode", &mut python, sample));
    }
    if timings.is_empty() {
        println!("no verifier in another language is installed; `cargo xtask bench` installs them");
    }
    timings
}

/// Returns the directory into which `cargo xtask` installs tools.
fn tools_directory() -> PathBuf {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools");
    std::env::var_os("XTASK_TOOLS").map_or_else(default, PathBuf::from)
}

/// Passes the token and the keys on standard input and reads nanoseconds from standard output. Returns `None` if the program
/// does not run.
fn time(name: &'static str, command: &mut Command, sample: &Sample) -> Option<Timing> {
    let input = json!({
        "token": sample.token, "jwks": sample.jwks, "pool": sample.pool, "client": sample.client_id,
        "issuer": sample.issuer(),
    });
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    child.stdin.take()?.write_all(input.to_string().as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    let report: Value = serde_json::from_slice(&output.stdout).ok()?;
    Some(Timing::reported(name, report.get("median")?.as_f64()?, report.get("fastest")?.as_f64()?))
}
