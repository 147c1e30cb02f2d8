//! Deploys generated stacks on an AWS emulator, for each kind of API and of caller, and uploads through them.

use std::process::Command;

use super::common::with_credentials;
use super::{Context, StepError};
use crate::build::binary;
use crate::process::{failure, own, run, scratch, which};
use crate::servers::ministack;

pub(super) fn of_every_kind(context: &Context) -> Result<(), StepError> {
    let python = context.tools.python("python")?;
    let upsign = context.build.upsign()?;
    // Every stack runs this build. A development build behaves like a release build and compiles much faster.
    context.build.binaries(&["example-lambda"], &["bootstrap"], &["example-lambda/multipart"])?;
    let folder = scratch("deployments")?;
    let (program, code) = (folder.join("bootstrap"), folder.join("bootstrap.zip"));
    std::fs::copy(binary("debug", "bootstrap"), &program).map_err(failure)?;
    // The emulator unpacks it once for each stack. Without symbols it has a quarter of the size.
    if let Some(strip) = which("strip") {
        run(Command::new(strip).arg(&program))?;
    }
    let mut zip = Command::new(&python);
    run(zip.arg(own("tools/lambda_zip.py")).arg(&program).arg(&code))?;
    let aws = ministack(&context.tools)?;
    let mut deploy = Command::new(&python);
    deploy.arg(own("tools/deployments_run.py")).arg(&aws.endpoint).arg(code).arg(upsign).arg(&folder);
    Ok(run(with_credentials(&mut deploy))?)
}
