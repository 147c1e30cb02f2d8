//! Runs steps and prints how each ended, how long it took and what is missing.

use std::time::{Duration, Instant};

use super::{Context, Step, StepError, WORKSPACE};
use crate::build::Build;
use crate::cpu;
use crate::tools::{Missing, Tools};

/// How a step ended.
pub(crate) enum Outcome {
    Passed,
    Failed,
    Skipped,
}

/// A component that is not installed, and the steps that need it.
struct Absence {
    missing: Missing,
    steps: Vec<&'static str>,
}

/// Runs the steps one after the other and prints a summary. `command` is the subcommand that the advice names. With `CI=true`
/// a missing component is a failure.
pub(crate) fn run(command: &str, steps: &[&Step]) -> Vec<Outcome> {
    let strict = std::env::var("CI").is_ok_and(|value| value == "true");
    let build = match steps.iter().any(|step| step.name == WORKSPACE) {
        true => Build::Workspace,
        false => Build::Package,
    };
    let context = Context { tools: Tools::new(), build };
    let (mut lines, mut outcomes, mut absences) = (Vec::new(), Vec::new(), Vec::new());
    let started = Measured::now();
    for step in steps {
        println!("\n== {}: {}", step.name, step.description);
        let start = Measured::now();
        let (outcome, result) = match (step.run)(&context) {
            Ok(()) => (Outcome::Passed, "passed".to_owned()),
            Err(StepError::Failed(failure)) => (Outcome::Failed, format!("FAILED: {failure}")),
            Err(StepError::Missing(missing)) => {
                let result = format!("{} is missing", missing.component);
                note(&mut absences, missing, step.name);
                if strict {
                    (Outcome::Failed, format!("FAILED: {result}"))
                } else {
                    (Outcome::Skipped, format!("skipped: {result}"))
                }
            }
        };
        lines.push(format!("{:<13} {}  {result}", step.name, start.columns()));
        outcomes.push(outcome);
    }
    println!("\n{:<13} {:>7} {:>7}", "step", "wall", "CPU");
    println!("{}", lines.join("\n"));
    println!("{:<13} {}", "total", started.columns());
    print_absences(command, &absences);
    let count = |wanted: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| wanted(outcome)).count();
    println!(
        "\n{} passed, {} failed, {} skipped",
        count(|outcome| matches!(outcome, Outcome::Passed)),
        count(|outcome| matches!(outcome, Outcome::Failed)),
        count(|outcome| matches!(outcome, Outcome::Skipped)),
    );
    outcomes
}

fn note(absences: &mut Vec<Absence>, missing: Missing, step: &'static str) {
    match absences.iter_mut().find(|absence| absence.missing.component == missing.component) {
        Some(absence) => absence.steps.push(step),
        None => absences.push(Absence { missing, steps: vec![step] }),
    }
}

fn print_absences(command: &str, absences: &[Absence]) {
    if absences.is_empty() {
        return;
    }
    println!("\nmissing components:");
    for Absence { missing, steps } in absences {
        println!("  {}: install {}", missing.component, missing.remedy);
        println!("      then run: cargo xtask {command} --only {}", steps.join(" --only "));
    }
}

/// A point in time, and the CPU time of all programs that had ended by then.
struct Measured {
    wall: Instant,
    cpu: Option<Duration>,
}

impl Measured {
    fn now() -> Self {
        Self { wall: Instant::now(), cpu: cpu::of_children() }
    }

    /// Returns wall and CPU time since then as two columns. The second is `-` where CPU time is not available.
    fn columns(&self) -> String {
        let cpu = self.cpu.and_then(|start| Some(minutes(cpu::of_children()?.saturating_sub(start))));
        format!("{:>7} {:>7}", minutes(self.wall.elapsed()), cpu.unwrap_or_else(|| "-".into()))
    }
}

fn minutes(duration: Duration) -> String {
    format!("{}:{:02}", duration.as_secs() / 60, duration.as_secs() % 60)
}
