//! Deploys the generated template on an AWS emulator and uploads through it: Cognito, API Gateway, the Lambda function, which
//! signs with its role's temporary credentials, S3, SQS and a consumer that confirms uploads. Tests a REST API and an HTTP API,
//! with a script and with a page in a browser.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::common::{json_output, with_credentials};
use super::{Context, StepError};
use crate::build::{Build, binary, target};
use crate::process::{Failure, failure, free_port, own, root, run, scratch};
use crate::servers::ministack;

const PHOTO: &str = "crates/upsign-cli/assets/demo.jpg";

pub(super) fn system(context: &Context) -> Result<(), StepError> {
    let tools = &context.tools;
    let chromium = tools.chromium()?;
    let mut node = tools.node()?;
    let python = tools.python("python")?;
    let zips = zips(context, &python)?;
    let upsign = context.build.upsign()?;
    let aws = ministack(tools)?;
    let origin = format!("http://127.0.0.1:{}", free_port()?);

    let folder = scratch("cloud")?;
    let mut deploy = Command::new(&python);
    deploy.arg(own("tools/cloud.py")).arg(&aws.endpoint).args(&zips).arg(upsign);
    deploy.arg(&origin).arg(&folder);
    let deployed = folder.join("system.json");
    std::fs::write(&deployed, json_output(with_credentials(&mut deploy))?.to_string()).map_err(failure)?;

    let mut upload = Command::new(&python);
    upload.arg(own("tools/cloud_upload.py")).arg(&aws.endpoint).arg(root().join(PHOTO));
    run(with_credentials(&mut upload).stdin(open(&deployed)?))?;
    node.arg(own("browser/cloud.mjs")).arg(&origin).arg(root().join(PHOTO)).env("CHROMIUM", chromium);
    Ok(run(node.stdin(open(&deployed)?))?)
}

/// Returns the zip files of the function and of the consumer. They contain development builds, which behave like release
/// builds and compile much faster.
fn zips(context: &Context, python: &Path) -> Result<[PathBuf; 2], StepError> {
    match context.build {
        Build::Package => zips_of_cargo_lambda(context),
        // cargo-lambda compiles for an explicit target, so it cannot reuse the build of the workspace.
        Build::Workspace => {
            let names = ["bootstrap", "consumer"];
            context.build.binaries(&[], &names, &[])?;
            let folder = scratch("lambda")?;
            let zips = names.map(|name| folder.join(format!("{name}.zip")));
            for (name, zip) in names.into_iter().zip(&zips) {
                run(Command::new(python)
                    .arg(own("tools/lambda_zip.py"))
                    .arg(binary("debug", name))
                    .arg(zip))?;
            }
            Ok(zips)
        }
    }
}

/// Returns the zip files that `cargo lambda` makes, with the command of the examples' documentation.
fn zips_of_cargo_lambda(context: &Context) -> Result<[PathBuf; 2], StepError> {
    let folder = target().join("lambda");
    let mut build = Command::new(context.tools.cargo_subcommand("cargo-lambda")?);
    build.args(["lambda", "build", "--package", "example-lambda", "--package", "example-consumer"]);
    // The function calls the store, to confirm uploads.
    build.args(["--features", "example-lambda/multipart"]);
    build.args(["--compiler", "cargo", "--output-format", "zip", "--lambda-dir"]).arg(&folder);
    run(build.current_dir(root()))?;
    Ok(["bootstrap", "consumer"].map(|name| folder.join(name).join("bootstrap.zip")))
}

fn open(path: &Path) -> Result<Stdio, Failure> {
    Ok(Stdio::from(File::open(path).map_err(failure)?))
}
