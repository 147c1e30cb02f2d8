//! Runs steps in lanes: several at the same time, each in a process of its own, so that its output is not mixed with another's.
//!
//! Most steps after the tests of the workspace wait for servers or a browser and leave a processor idle. Next to them run those that
//! compute or compile.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};

use super::Step;
use super::report::{Measured, Report};
use crate::build::Build;
use crate::process::{Failure, failure, scratch};

/// The hidden subcommand that runs one step of a lane: `STEP REPORT`.
pub(crate) const SUBCOMMAND: &str = "run-step";

/// Runs the steps of each lane in order, and the lanes at the same time. A lane that has ended takes steps of `either`. Calls `ended`
/// with each step's report and output as it ends, one at a time.
pub(super) fn run(
    build: Build,
    lanes: [Vec<&Step>; 2],
    either: Vec<&Step>,
    mut ended: impl FnMut(&Step, Report, &str),
) {
    let (sender, receiver) = mpsc::channel();
    let either = &Mutex::new(VecDeque::from(either));
    std::thread::scope(|scope| {
        for lane in lanes {
            let sender = sender.clone();
            let mut lane = VecDeque::from(lane);
            scope.spawn(move || {
                while let Some(step) = lane.pop_front().or_else(|| next(either)) {
                    let (report, output) = in_process(step.name, build);
                    // The receiver lives until the last sender is dropped.
                    drop(sender.send((step, report, output)));
                }
            });
        }
        drop(sender);
        for (step, report, output) in receiver {
            ended(step, report, &output);
        }
    });
}

fn next<'a>(steps: &Mutex<VecDeque<&'a Step>>) -> Option<&'a Step> {
    steps.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

/// Runs a step in a process of its own, and returns its report and output.
fn in_process(name: &str, build: Build) -> (Report, String) {
    let start = Measured::now();
    let run = || -> Result<(Report, PathBuf), Failure> {
        let folder = scratch(&format!("lanes/{name}"))?;
        let (log, report) = (folder.join("output.txt"), folder.join("report.json"));
        let output = File::create(&log).map_err(failure)?;
        let errors = output.try_clone().map_err(failure)?;
        let mut step = Command::new(this_program()?);
        step.arg(SUBCOMMAND).arg(name).arg(&report).args(build.is_workspace().then_some("--workspace-build"));
        let status = step.stdin(Stdio::null()).stdout(output).stderr(errors).status().map_err(failure)?;
        let report = read(&report).unwrap_or_else(|| {
            Report::without(
                &start,
                format!("the process of the step ended with {status} and without a report"),
            )
        });
        Ok((report, log))
    };
    match run() {
        Ok((report, log)) => {
            let output = std::fs::read(log).unwrap_or_default();
            (report, String::from_utf8_lossy(&output).into_owned())
        }
        Err(failure) => (Report::without(&start, failure), String::new()),
    }
}

fn read(report: &Path) -> Option<Report> {
    Report::from_json(&serde_json::from_slice(&std::fs::read(report).ok()?).ok()?)
}

/// Returns a path that starts this program, also after cargo has replaced its file.
fn this_program() -> Result<PathBuf, Failure> {
    let link = Path::new("/proc/self/exe");
    if link.exists() { Ok(link.to_owned()) } else { std::env::current_exe().map_err(failure) }
}
