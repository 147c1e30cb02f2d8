//! Deploys generated stacks on an AWS emulator, for each kind of API and of caller, and uploads through them.

use std::path::Path;
use std::process::Command;

use super::common::with_credentials;
use super::{Context, StepError};
use crate::build::binary;
use crate::process::{failure, own, run, scratch, which};
use crate::servers::ministack;

pub(super) fn of_every_kind(context: &Context) -> Result<(), StepError> {
    let python = context.tools.python("python")?;
    let upsign = context.build.upsign()?;
    let folder = scratch("deployments")?;
    pack(context, &python, &folder)?;
    let aws = ministack(&context.tools)?;
    let mut deploy = Command::new(&python);
    deploy.arg(own("tools/deployments_run.py")).arg(&aws.endpoint).arg(&folder).arg(upsign);
    Ok(run(with_credentials(deploy.arg(folder.join("stacks"))))?)
}

/// The programs of the functions, and the packages and features that they are built from.
const PROGRAMS: [&str; 3] = ["bootstrap", "consumer", "deliverer"];
const PACKAGES: [&str; 3] = ["example-lambda", "example-consumer", "example-deliverer"];
const FEATURES: [&str; 4] = [
    "example-lambda/multipart",
    "example-lambda/webhooks",
    "example-lambda/dynamodb",
    "example-consumer/dynamodb",
];

/// Writes the zip file of each program to a folder. Every stack runs this build. A development build behaves like a release build
/// and compiles much faster.
fn pack(context: &Context, python: &Path, folder: &Path) -> Result<(), StepError> {
    context.build.binaries(&PACKAGES, &PROGRAMS, &FEATURES)?;
    for name in PROGRAMS {
        let program = folder.join(name);
        std::fs::copy(binary("debug", name), &program).map_err(failure)?;
        // The emulator unpacks it once for each stack. Without symbols it has a quarter of the size.
        if let Some(strip) = which("strip") {
            run(Command::new(strip).arg(&program))?;
        }
        let mut zip = Command::new(python);
        zip.arg(own("tools/lambda_zip.py")).arg(&program);
        run(zip.arg(folder.join(format!("{name}.zip"))))?;
    }
    Ok(())
}
