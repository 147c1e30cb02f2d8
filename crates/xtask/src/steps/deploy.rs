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
    let dockerfile = example.join("Dockerfile");
    run(Command::new(hadolint).arg("--no-color").arg(&dockerfile))?;
    let dockerfile = std::fs::read_to_string(dockerfile).map_err(failure)?;
    if let Some(line) = unpinned_base(&dockerfile) {
        return Err(
            format!("Dockerfile: {line:?}: expected a base pinned by digest, image:tag@sha256:…").into()
        );
    }

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

/// Returns the first `FROM` whose image is not pinned by digest. `FROM stage` of an earlier stage counts as unpinned; no stage
/// needs it.
fn unpinned_base(dockerfile: &str) -> Option<&str> {
    let is_pinned = |line: &str| {
        let image = line.split_whitespace().skip(1).find(|word| !word.starts_with("--"));
        let digest = image.and_then(|image| image.split_once("@sha256:")).map(|(_, digest)| digest);
        digest.is_some_and(|digest| digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let is_base = |line: &&str| line.trim_start().to_ascii_uppercase().starts_with("FROM ");
    dockerfile.lines().filter(is_base).find(|line| !is_pinned(line))
}

#[cfg(test)]
mod tests {
    use super::unpinned_base;

    #[test]
    fn bases_without_a_digest_are_found() {
        let digest = "0".repeat(64);
        let pinned = format!("FROM --platform=linux/amd64 debian:bookworm-slim@sha256:{digest} AS build\n");
        assert_eq!(unpinned_base(&pinned), None);
        for line in ["FROM debian:bookworm-slim", "from debian@sha256:12 AS build", "  FROM scratch"] {
            assert_eq!(unpinned_base(&format!("{pinned}{line}\n")), Some(line));
        }
    }
}
