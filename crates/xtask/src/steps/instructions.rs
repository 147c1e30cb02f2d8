//! Instructions per URL, counted by callgrind: the same count whatever else the machine does.
//!
//! Valgrind shows no SHA instructions to the program, so what is counted hashes in plain code; that hides nothing of
//! what stands around the hashing.

use std::process::{Command, Stdio};

use super::Ended;
use crate::process::{Failure, cargo, root, run, which};
use crate::tools::{Missing, Tools, install};

/// How far a count may be from the committed figure.
const WITHIN_PERCENT: f64 = 5.0;

pub(crate) fn per_url(_tools: &Tools) -> Result<(), Ended> {
    let valgrind = which("valgrind").or_else(|| install("valgrind"));
    let missing = || Missing { what: "valgrind".into(), how: "apt-get install valgrind".into() };
    let valgrind = valgrind.ok_or_else(missing)?;
    let mut build = cargo();
    build.args(["build", "--locked", "--profile", "bench", "-p", "upsign-benches", "--bin", "instructions"]);
    run(&mut build)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let program = target.join("release/instructions");
    let figures =
        std::fs::read_to_string(root().join("benches/instructions.txt")).map_err(|e| e.to_string())?;
    let mut off = Vec::new();
    for line in figures.lines().filter(|line| !line.starts_with('#')) {
        let (variant, figure) = line.split_once(' ').ok_or_else(|| format!("not a figure: {line}"))?;
        let figure: f64 = figure.trim().parse().map_err(|error| format!("{line}: {error}"))?;
        let count = |urls: &str| {
            let mut command = Command::new(&valgrind);
            command
                .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
                .arg(&program)
                .args([variant, urls]);
            collected(&mut command)
        };
        let counted = (count("2000")? - count("1000")?) / 1000.0;
        let percent = (counted / figure - 1.0) * 100.0;
        println!("{variant:<16} {counted:>8.0} instructions a URL, committed {figure:>8.0}: {percent:+.1} %");
        if percent.abs() > WITHIN_PERCENT {
            off.push(format!("{variant} {percent:+.1} %"));
        }
    }
    if off.is_empty() {
        Ok(())
    } else {
        Err(format!("more than 5 % off the committed figure: {}", off.join(", ")).into())
    }
}

/// The `Collected : N` of callgrind's report.
fn collected(command: &mut Command) -> Result<f64, Failure> {
    let output =
        command.stdout(Stdio::null()).stderr(Stdio::piped()).output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stderr);
    let found =
        text.split_once("Collected : ").map(|(_, rest)| rest.split_whitespace().next().unwrap_or_default());
    found.and_then(|number| number.parse().ok()).ok_or_else(|| format!("callgrind counted nothing: {text}"))
}
