//! Runs steps and prints how each ended, how long it took and what is missing.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Context, Lane, Step, StepError, WORKSPACE, lanes};
use crate::build::Build;
use crate::cpu;
use crate::tools::{Missing, Tools};

/// How a step ended.
pub(crate) enum Outcome {
    Passed,
    Failed,
    Skipped,
}

/// How a step ended, and what it took.
pub(super) struct Report {
    wall: Duration,
    /// `None` where CPU time is not available.
    cpu: Option<Duration>,
    result: Result<(), StepError>,
}

impl Report {
    /// Runs a step in this process.
    fn of(step: &Step, context: &Context) -> Self {
        let start = Measured::now();
        let result = (step.run)(context);
        let (wall, cpu) = start.elapsed();
        Self { wall, cpu, result }
    }

    /// Returns the report about a step whose process ended without one.
    pub(super) fn without(start: &Measured, failure: String) -> Self {
        Self { wall: start.wall.elapsed(), cpu: None, result: Err(StepError::Failed(failure)) }
    }

    fn to_json(&self) -> Value {
        let result = match &self.result {
            Ok(()) => Value::Null,
            Err(StepError::Failed(failure)) => json!({ "failure": failure }),
            Err(StepError::Missing(missing)) => {
                json!({ "missing": missing.component, "remedy": missing.remedy })
            }
        };
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        json!({ "wall": milliseconds(self.wall), "cpu": self.cpu.map(milliseconds), "error": result })
    }

    /// Reads what [`to_json`](Self::to_json) has written.
    pub(super) fn from_json(json: &Value) -> Option<Self> {
        let time = |name| json.get(name).and_then(Value::as_u64).map(Duration::from_millis);
        let error = json.get("error")?;
        let text = |name| error.get(name).and_then(Value::as_str);
        let result = match (text("failure"), text("missing")) {
            (Some(failure), _) => Err(StepError::Failed(failure.to_owned())),
            (None, Some(component)) => {
                Err(StepError::Missing(Missing::new(component, text("remedy").unwrap_or_default())))
            }
            (None, None) if error.is_null() => Ok(()),
            (None, None) => return None,
        };
        Some(Self { wall: time("wall")?, cpu: time("cpu"), result })
    }

    fn columns(&self) -> String {
        columns(self.wall, self.cpu)
    }
}

/// A component that is not installed, and the steps that need it.
struct Absence {
    missing: Missing,
    steps: Vec<&'static str>,
}

/// The lines of the summary, in the order in which steps ended.
struct Summary {
    /// Whether a missing component is a failure: with `CI=true`.
    strict: bool,
    lines: Vec<String>,
    outcomes: Vec<Outcome>,
    absences: Vec<Absence>,
}

impl Summary {
    fn add(&mut self, step: &Step, report: Report) {
        let columns = report.columns();
        let (outcome, result) = match report.result {
            Ok(()) => (Outcome::Passed, "passed".to_owned()),
            Err(StepError::Failed(failure)) => (Outcome::Failed, format!("FAILED: {failure}")),
            Err(StepError::Missing(missing)) => {
                let result = format!("{} is missing", missing.component);
                note(&mut self.absences, missing, step.name);
                if self.strict {
                    (Outcome::Failed, format!("FAILED: {result}"))
                } else {
                    (Outcome::Skipped, format!("skipped: {result}"))
                }
            }
        };
        self.lines.push(format!("{:<17} {columns}  {result}", step.name));
        self.outcomes.push(outcome);
    }
}

/// Runs the steps and prints a summary: those that run alone one after the other, then the others in two lanes at the same time.
/// `command` is the subcommand that the advice names. With `CI=true` a missing component is a failure.
pub(crate) fn run(command: &str, steps: &[&Step]) -> Vec<Outcome> {
    let build = match steps.iter().any(|step| step.name == WORKSPACE) {
        true => Build::Workspace,
        false => Build::Package,
    };
    let strict = std::env::var("CI").is_ok_and(|value| value == "true");
    let mut summary = Summary { strict, lines: Vec::new(), outcomes: Vec::new(), absences: Vec::new() };
    let started = Measured::now();
    let of = |lane| steps.iter().copied().filter(|step| step.lane == lane).collect::<Vec<&Step>>();
    let (busy, mut waiting, mut either) = (of(Lane::Busy), of(Lane::Waiting), of(Lane::Either));
    if !build.is_workspace() {
        waiting.append(&mut either);
    }
    let has_lanes = !busy.is_empty() && !waiting.is_empty();
    let context = Context { tools: Tools::new(), build };
    for step in steps.iter().filter(|step| !has_lanes || step.lane == Lane::Alone) {
        println!("\n== {}: {}", step.name, step.description);
        summary.add(step, Report::of(step, &context));
    }
    if has_lanes {
        println!("\n== two lanes: the output of a step follows its end");
        lanes::run(build, [busy, waiting], either, |step, report, output| {
            println!("\n== {}: {}\n{}", step.name, step.description, output.trim_end());
            summary.add(step, report);
        });
    }
    let Summary { lines, outcomes, absences, .. } = summary;
    println!("\n{:<17} {:>7} {:>7}", "step", "wall", "CPU");
    println!("{}", lines.join("\n"));
    let (wall, cpu) = started.elapsed();
    println!("{:<17} {}", "total", columns(wall, cpu));
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

/// Runs one step in this process, which another one has started for a lane, and returns the report as JSON.
pub(crate) fn run_reported(step: &Step, build: Build) -> Value {
    Report::of(step, &Context { tools: Tools::new(), build }).to_json()
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
pub(super) struct Measured {
    wall: Instant,
    cpu: Option<Duration>,
}

impl Measured {
    pub(super) fn now() -> Self {
        Self { wall: Instant::now(), cpu: cpu::of_children() }
    }

    /// Returns wall and CPU time since then.
    fn elapsed(&self) -> (Duration, Option<Duration>) {
        let cpu = self.cpu.and_then(|start| Some(cpu::of_children()?.saturating_sub(start)));
        (self.wall.elapsed(), cpu)
    }
}

/// Returns wall and CPU time as two columns.
fn columns(wall: Duration, cpu: Option<Duration>) -> String {
    format!("{:>7} {:>7}", minutes(wall), cpu.map_or_else(|| "-".into(), minutes))
}

fn minutes(duration: Duration) -> String {
    format!("{}:{:02}", duration.as_secs() / 60, duration.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn report_of_another_process_is_read_back() {
        let results = [
            Ok(()),
            Err(StepError::Failed("cargo ended with 101".into())),
            Err(StepError::Missing(Missing::new("node", "Node.js 20"))),
        ];
        for result in results {
            let report = Report { wall: Duration::from_secs(61), cpu: Some(Duration::from_secs(9)), result };
            let read = Report::from_json(&report.to_json());
            assert_eq!(read.as_ref().map(Report::columns).as_deref(), Some("   1:01    0:09"));
            assert_eq!(read.map(|read| read.to_json()), Some(report.to_json()));
        }
        assert!(Report::from_json(&json!({ "wall": 1, "error": {} })).is_none());
    }
}
