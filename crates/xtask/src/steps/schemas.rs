//! Checks generated stacks for every option against the schemas of CloudFormation and of Terraform's AWS provider.

use std::process::Command;

use super::{Context, StepError};
use crate::process::{own, root, run, scratch, which};

pub(super) fn of_every_option(context: &Context) -> Result<(), StepError> {
    let python = context.tools.linter("python")?;
    let schema = context.tools.terraform_schema()?;
    let upsign = context.build.upsign()?;
    let mut check = Command::new(python);
    check.arg(own("tools/documents_schemas.py")).arg(upsign).arg(schema).arg(scratch("schemas")?);
    check.arg(root().join("examples/terraform")).args(which("terraform").or_else(|| which("tofu")));
    Ok(run(&mut check)?)
}
