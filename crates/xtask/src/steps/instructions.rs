//! Counts the instructions per presigned URL with callgrind. The count does not depend on the load of the machine.
//!
//! Valgrind hides the processor's SHA instructions from the program, so the counted program hashes in portable code. Changes
//! outside the hash function remain visible.

use std::process::{Command, Stdio};

use super::{Context, StepError};
use crate::build::binary;
use crate::process::{Failure, cargo, failure, root, run};
use crate::tools::system;

/// Largest accepted difference from the committed figure.
const TOLERANCE_PERCENT: f64 = 5.0;

/// The largest number of files in one request.
const FILES: u32 = 255;

/// Instructions of one of 255 grants, above which all of them take more than 1 ms: 91,798 took 2.94 µs (`benches/signing.rs`),
/// and 1 ms is 3.92 µs for each.
const MAX_OF_GRANT: f64 = 122_000.0;

pub(super) fn per_url(_: &Context) -> Result<(), StepError> {
    let valgrind = system("valgrind", "valgrind")?;
    let mut build = cargo();
    build.args(["build", "--locked", "--profile", "bench", "-p", "upsign-benches", "--bin", "instructions"]);
    run(&mut build)?;
    let program = binary("release", "instructions");
    let committed = std::fs::read_to_string(root().join("benches/instructions.txt")).map_err(failure)?;
    let mut deviations = Vec::new();
    for line in committed.lines().filter(|line| !line.starts_with('#')) {
        let (variant, figure) =
            line.split_once(' ').ok_or_else(|| format!("instructions.txt: no figure in {line:?}"))?;
        let figure: f64 =
            figure.trim().parse().map_err(|error| format!("instructions.txt: {line:?}: {error}"))?;
        let count = |urls: &str| {
            let mut command = Command::new(&valgrind);
            command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(&program);
            collected(command.args([variant, urls]))
        };
        // The difference of two runs excludes start-up.
        let counted = (count("2000")? - count("1000")?) / 1000.0;
        let percent = (counted / figure - 1.0) * 100.0;
        println!(
            "{variant:<16} {counted:>8.0} instructions per URL, committed {figure:>8.0}: {percent:+.1} %"
        );
        if variant == "grants" && counted > MAX_OF_GRANT {
            deviations.push(format!("{FILES} grants take more than 1 ms"));
        }
        if percent.abs() > TOLERANCE_PERCENT {
            deviations.push(format!("{variant} {percent:+.1} %"));
        }
    }
    if deviations.is_empty() {
        return Ok(());
    }
    let deviations = deviations.join(", ");
    Err(format!("more than {TOLERANCE_PERCENT} % from benches/instructions.txt: {deviations}").into())
}

/// Returns the `Collected : N` of callgrind's report.
fn collected(command: &mut Command) -> Result<f64, Failure> {
    let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().map_err(failure)?;
    let text = String::from_utf8_lossy(&output.stderr);
    let found =
        text.split_once("Collected : ").map(|(_, rest)| rest.split_whitespace().next().unwrap_or_default());
    found
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| format!("callgrind reported no instruction count: {text}"))
}
