//! The services of `upsign dev` with clients that know nothing of it: boto3 and the AWS CLI.

use std::fs;
use std::process::Command;

use super::browser::{CHOICE, USERS};
use super::common::start_json;
use super::{Context, StepError};
use crate::process::{Failure, failure, own, run, scratch, which};
use crate::tools::Missing;

/// Uploads as several users of two issuers, and reads the buckets with the keys and the command that `upsign dev` printed.
pub(super) fn bucket(context: &Context) -> Result<(), StepError> {
    let python = context.tools.python("python")?;
    which("aws").ok_or_else(|| StepError::Missing(Missing::new("aws", "the AWS CLI")))?;
    let folder = scratch("dev-bucket")?;
    let (file, errors) = (folder.join("upsign.toml"), folder.join("printed.txt"));
    fs::write(&file, CHOICE).map_err(failure)?;
    let mut dev = Command::new(context.build.upsign()?);
    dev.args(["dev", "--listen", "127.0.0.1:0", "--json", "--config"]).arg(&file).args(USERS);
    let (_dev, ready) = start_json(dev.stderr(fs::File::create(&errors).map_err(failure)?))?;
    let command = printed_command(&fs::read_to_string(&errors).map_err(failure)?)?;
    let mut client = Command::new(python);
    client.arg(own("tools/dev_bucket.py")).arg(ready.to_string()).env("PRINTED", command);
    Ok(run(&mut client)?)
}

/// Returns the command of the AWS CLI, which follows the line that introduces it and continues on the next line.
fn printed_command(printed: &str) -> Result<String, Failure> {
    let mut lines = printed.lines().skip_while(|line| !line.contains("with the AWS CLI")).skip(1);
    match (lines.next(), lines.next()) {
        (Some(first), Some(second)) if first.ends_with('\\') => Ok(format!("{first}\n{second}")),
        _ => Err(format!("no command of the AWS CLI is printed: {printed}")),
    }
}
