//! Deploys the generated template on an AWS emulator and uploads through it: Cognito, API Gateway, the Lambda function, which
//! signs with its role's temporary credentials, S3, SQS with the consumer that confirms uploads and the function that delivers
//! webhooks, and DynamoDB, where uploads are counted. Tests a REST API and an HTTP API, with a script, with pages in a browser and
//! with `upsign upload`.

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
    let webhook = format!("http://127.0.0.1:{}/hooks/uploads", free_port()?);

    let folder = scratch("cloud")?;
    let mut deploy = Command::new(&python);
    deploy.arg(own("tools/cloud.py")).arg(&aws.endpoint).args(&zips).arg(&upsign);
    deploy.args([&origin, &webhook]).arg(&folder);
    let deployed = folder.join("system.json");
    std::fs::write(&deployed, json_output(with_credentials(&mut deploy))?.to_string()).map_err(failure)?;

    let photo = root().join(PHOTO);
    let mut upload = Command::new(&python);
    upload.arg(own("tools/cloud_upload.py")).arg(&photo).env("ENDPOINT", &aws.endpoint);
    run(with_credentials(&mut upload).stdin(open(&deployed)?))?;
    let mut whole = Command::new(&python);
    whole.arg(own("tools/cloud_whole.py")).arg(upsign).arg(&origin).arg(&folder).arg(&photo);
    whole.arg(node.get_program()).arg(own("browser/whole.mjs")).env("ENDPOINT", &aws.endpoint);
    // The packages of Node.js are in a folder that its environment names.
    whole.envs(node.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("CHROMIUM", &chromium);
    run(with_credentials(&mut whole).stdin(open(&deployed)?))?;
    node.arg(own("browser/cloud.mjs")).arg(&origin).arg(&photo).env("CHROMIUM", chromium);
    Ok(run(node.stdin(open(&deployed)?))?)
}

/// The programs of the functions: the API, the consumer of events, and the one that delivers webhooks.
const PROGRAMS: [&str; 3] = ["bootstrap", "consumer", "deliverer"];

/// Returns the zip files of the functions. They contain development builds, which behave like release builds and compile much
/// faster.
fn zips(context: &Context, python: &Path) -> Result<[PathBuf; 3], StepError> {
    match context.build {
        Build::Package => zips_of_cargo_lambda(context),
        // cargo-lambda compiles for an explicit target, so it cannot reuse the build of the workspace.
        Build::Workspace => {
            context.build.binaries(&[], &PROGRAMS, &[])?;
            let folder = scratch("lambda")?;
            let zips = PROGRAMS.map(|name| folder.join(format!("{name}.zip")));
            for (name, zip) in PROGRAMS.into_iter().zip(&zips) {
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
fn zips_of_cargo_lambda(context: &Context) -> Result<[PathBuf; 3], StepError> {
    let folder = target().join("lambda");
    let mut build = Command::new(context.tools.cargo_subcommand("cargo-lambda")?);
    build.args(["lambda", "build"]);
    build.args([
        "--package",
        "example-lambda",
        "--package",
        "example-consumer",
        "--package",
        "example-deliverer",
    ]);
    // The function calls the store, to confirm uploads, and announces and counts them.
    let api = ["multipart", "webhooks", "dynamodb"].map(|feature| format!("example-lambda/{feature}"));
    build.arg("--features").arg(format!("{},example-consumer/dynamodb", api.join(",")));
    build.args(["--compiler", "cargo", "--output-format", "zip", "--lambda-dir"]).arg(&folder);
    run(build.current_dir(root()))?;
    Ok(PROGRAMS.map(|name| folder.join(name).join("bootstrap.zip")))
}

fn open(path: &Path) -> Result<Stdio, Failure> {
    Ok(Stdio::from(File::open(path).map_err(failure)?))
}
