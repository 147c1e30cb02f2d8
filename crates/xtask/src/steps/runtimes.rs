//! Measurements of the runtimes. They print; nothing in them fails a build.

use std::path::PathBuf;
use std::process::Command;

use super::Ended;
use crate::process::{Failure, cargo, root, run};
use crate::tools::Tools;

/// Requests a second, beside the same endpoint in other languages.
pub(crate) fn load(tools: &Tools) -> Result<(), Ended> {
    // Whose tools cannot be set up is not compared with.
    drop((tools.node_peers(), tools.http_python("uvicorn")));
    release("upsign-cli")?;
    release("upsign-bench-runtimes")?;
    Ok(run(Command::new(built("load")).arg(built("upsign")))?)
}

/// Size, cold start and warm answers of the Lambda function.
pub(crate) fn lambda(_: &Tools) -> Result<(), Ended> {
    // Apart: built together they would share each other's features.
    release("upsign-bench-runtimes")?;
    release("example-lambda")?;
    Ok(run(Command::new(built("lambda")).arg(built("bootstrap")))?)
}

/// As it is deployed.
fn release(package: &str) -> Result<(), Failure> {
    run(cargo().args(["build", "--profile", "dist", "--locked", "-p", package]))
}

fn built(program: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    root().join(target).join("dist").join(program)
}
