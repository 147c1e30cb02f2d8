//! What people use in other languages, each in a process of its own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use upsign_benches::Taken;

use crate::sample::Sample;

/// What of them is installed.
pub(crate) fn run(sample: &Sample) -> Vec<Taken> {
    let (here, tools) = (Path::new(env!("CARGO_MANIFEST_DIR")), tools());
    let (modules, python) = (tools.join("node/node_modules"), tools.join("venv/bin/python"));
    let mut taken = Vec::new();
    if modules.join("aws-jwt-verify").is_dir() {
        let mut node = Command::new("node");
        node.arg(here.join("tokens/aws_jwt_verify.js")).env("NODE_PATH", modules);
        taken.extend(ask("aws-jwt-verify (Node), verifySync", &mut node, sample));
    }
    if python.is_file() {
        let mut python = Command::new(python);
        python.arg(here.join("tokens/pyjwt.py"));
        taken.extend(ask("PyJWT (Python), decode", &mut python, sample));
    }
    if taken.is_empty() {
        println!("no other verifier is installed: cargo xtask bench sets them up");
    }
    taken
}

/// Where `cargo xtask` keeps what it installs.
fn tools() -> PathBuf {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools");
    std::env::var_os("UPSIGN_TOOLS").map_or_else(default, PathBuf::from)
}

fn ask(name: &'static str, command: &mut Command, sample: &Sample) -> Option<Taken> {
    let question = json!({
        "token": sample.token, "jwks": sample.jwks, "pool": sample.pool, "client": sample.client,
        "issuer": format!("https://cognito-idp.ap-southeast-1.amazonaws.com/{}", sample.pool),
    });
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    child.stdin.take()?.write_all(question.to_string().as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    let told: Value = serde_json::from_slice(&output.stdout).ok()?;
    Some(Taken::told(name, told.get("median")?.as_f64()?, told.get("fastest")?.as_f64()?))
}
