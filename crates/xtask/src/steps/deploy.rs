//! Checks the deployment files of `upsign serve`: the systemd unit with systemd, the Dockerfile with hadolint.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{Context, StepError};
use crate::process::{Failure, failure, root, run, scratch};
use crate::tools::system;

/// Highest exposure, in tenths, that `systemd-analyze security` may report. Below 50 it calls a service "OK".
const MAX_EXPOSURE: &str = "20";

pub(super) fn files(context: &Context) -> Result<(), StepError> {
    let hadolint = context.tools.http_python("hadolint")?;
    let example = root().join("examples/axum");
    run(Command::new(hadolint).arg("--no-color").arg(example.join("Dockerfile")))?;

    let analyze = system("systemd-analyze", "systemd")?;
    let upsign = context.build.upsign()?;
    // systemd checks that the program exists, so the unit has to name the one that was just built.
    let unit = std::fs::read_to_string(example.join("upsign.service")).map_err(failure)?;
    let unit = unit.replace("/usr/local/bin/upsign", &upsign.to_string_lossy());
    let file = scratch("deploy")?.join("upsign.service");
    std::fs::write(&file, &unit).map_err(failure)?;
    run(Command::new(&analyze).args(["verify", "--man=no"]).arg(&file))?;
    let mut security = Command::new(&analyze);
    security.args(["security", "--offline=true", "--no-pager", "--threshold", MAX_EXPOSURE]).arg(&file);
    run(security.stdout(Stdio::null()))?;
    Ok(check_command_line(&unit, &root().join("examples/lambda/upsign.toml"))?)
}

/// Runs the unit's `ExecStart` with another configuration file and `--print-config`, which stops before it listens.
fn check_command_line(unit: &str, config: &Path) -> Result<(), Failure> {
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).ok_or("no ExecStart")?;
    let mut words = line.split(' ');
    let mut command = Command::new(words.next().ok_or("an empty ExecStart")?);
    let words =
        words.map(|word| if word == "/etc/upsign/upsign.toml" { config.as_os_str() } else { word.as_ref() });
    run(command.args(words).arg("--print-config").stdout(Stdio::null()))
}
