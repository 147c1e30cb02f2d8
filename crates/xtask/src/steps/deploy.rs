//! The files that put `upsign serve` on a machine, judged by those who read them: systemd and hadolint.

use std::process::Command;

use super::Ended;
use super::browser::upsign;
use crate::process::{Failure, cargo, root, run, which};
use crate::tools::{Missing, Tools, install};

/// The most exposure that systemd may find, of 100: a service is "OK" below 50.
const MOST_EXPOSED: &str = "20";

pub(crate) fn files(tools: &Tools) -> Result<(), Ended> {
    let hadolint = tools.http_python("hadolint")?;
    let example = root().join("examples/axum");
    run(Command::new(hadolint).arg("--no-color").arg(example.join("Dockerfile")))?;

    let missing = || Missing { what: "systemd-analyze".into(), how: "apt-get install systemd".into() };
    let analyze =
        which("systemd-analyze").or_else(|| install("systemd").and_then(|_| which("systemd-analyze")));
    let analyze = analyze.ok_or_else(missing)?;
    run(cargo().args(["build", "--locked", "-p", "upsign-cli"]))?;
    // It looks whether the program is there: the one that was just built.
    let unit = std::fs::read_to_string(example.join("upsign.service")).map_err(told)?;
    let here = unit.replace("/usr/local/bin/upsign", &upsign().get_program().to_string_lossy());
    let folder = root().join("target/tools-run/deploy");
    std::fs::create_dir_all(&folder).map_err(told)?;
    let file = folder.join("upsign.service");
    std::fs::write(&file, &here).map_err(told)?;
    run(Command::new(&analyze).args(["verify", "--man=no"]).arg(&file))?;
    let mut security = Command::new(&analyze);
    security.args(["security", "--offline=true", "--no-pager", "--threshold", MOST_EXPOSED]).arg(&file);
    run(security.stdout(std::process::Stdio::null()))?;
    Ok(starts(&here)?)
}

/// The unit's own command line, up to the point where it would listen.
fn starts(unit: &str) -> Result<(), Failure> {
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).ok_or("no ExecStart")?;
    let mut words = line.split(' ');
    let mut command = Command::new(words.next().ok_or("an empty ExecStart")?);
    let config = root().join("examples/lambda/upsign.toml");
    let words =
        words.map(|word| if word == "/etc/upsign/upsign.toml" { config.as_os_str() } else { word.as_ref() });
    run(command.args(words).arg("--print-config").stdout(std::process::Stdio::null()))
}

fn told(error: impl std::fmt::Display) -> Failure {
    error.to_string()
}
