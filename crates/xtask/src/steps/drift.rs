//! Runs the steps of the GitHub workflow of `examples/drift` against a stack on an AWS emulator, before and after it drifts.

use std::process::Command;

use super::common::with_credentials;
use super::{Context, StepError};
use crate::process::{own, root, run, scratch, which};
use crate::servers::ministack;
use crate::tools::Missing;

pub(super) fn workflow(context: &Context) -> Result<(), StepError> {
    let python = context.tools.python("python")?;
    which("aws").ok_or_else(|| Missing::new("aws", "the AWS CLI"))?;
    let upsign = context.build.upsign_with_all_features()?;
    let aws = ministack(&context.tools)?;
    let mut check = Command::new(python);
    check.arg(own("tools/drift_workflow.py")).arg(&aws.endpoint).arg(root().join("examples/drift/drift.yml"));
    Ok(run(with_credentials(check.arg(upsign).arg(scratch("drift")?)))?)
}
