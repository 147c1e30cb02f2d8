//! The article's system, whole, as the generated template has it, on an emulator of AWS: Cognito, API Gateway, the function in the zip that Lambda takes, the
//! URL signed with its role's temporary credentials, S3, SQS, and a consumer at the far end. Both kinds of API, and a page.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Ended;
use super::article::{keys, output};
use super::browser::upsign;
use crate::process::{Failure, cargo, free_port, own, root, run};
use crate::servers::ministack;
use crate::tools::Tools;

const PHOTO: &str = "crates/upsign-cli/assets/demo.jpg";

pub(crate) fn whole(tools: &Tools) -> Result<(), Ended> {
    let chromium = tools.chromium()?;
    let mut node = tools.node()?;
    let python = tools.python("python")?;
    let zips = zips(tools)?;
    run(cargo().args(["build", "--locked", "-p", "upsign-cli"]))?;
    let aws = ministack(tools)?;
    let origin = format!("http://127.0.0.1:{}", free_port()?);

    let folder = root().join("target/tools-run/cloud");
    std::fs::create_dir_all(&folder).map_err(told)?;
    let mut deploy = Command::new(&python);
    deploy.arg(own("tools/cloud.py")).arg(&aws.endpoint).args(&zips).arg(upsign().get_program());
    deploy.arg(&origin).arg(&folder);
    let system = folder.join("system.json");
    std::fs::write(&system, output(keys(&mut deploy))?.to_string()).map_err(told)?;

    let mut walk = Command::new(&python);
    walk.arg(own("tools/cloud_walk.py")).arg(&aws.endpoint).arg(root().join(PHOTO));
    run(keys(&mut walk).stdin(read(&system)?))?;
    node.arg(own("browser/cloud.mjs")).arg(&origin).arg(root().join(PHOTO)).env("CHROMIUM", chromium);
    Ok(run(node.stdin(read(&system)?))?)
}

/// The function's zip and the consumer's, as `cargo lambda` makes them. Unoptimised: what they do is the same.
fn zips(tools: &Tools) -> Result<[PathBuf; 2], Ended> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let folder = root().join(target).join("lambda");
    let mut build = Command::new(tools.cargo_lambda()?);
    build.args(["lambda", "build", "--package", "example-lambda", "--package", "example-consumer"]);
    build.args(["--compiler", "cargo", "--output-format", "zip", "--lambda-dir"]).arg(&folder);
    run(build.current_dir(root()))?;
    Ok(["bootstrap", "consumer"].map(|name| folder.join(name).join("bootstrap.zip")))
}

fn read(path: &Path) -> Result<Stdio, Failure> {
    Ok(Stdio::from(std::fs::File::open(path).map_err(told)?))
}

fn told(error: impl std::fmt::Display) -> Failure {
    error.to_string()
}
