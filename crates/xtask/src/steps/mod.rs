//! The steps, in order, and how each ends.

mod article;
mod browser;
mod cloud;
mod contract;
mod deploy;
mod documents;
mod fuzz;
mod instructions;
mod pools;
mod runtimes;
mod servers;

use std::time::{Duration, Instant};

use crate::process::{Failure, cargo, run as run_to_end};
use crate::servers::NotThere;
use crate::tools::{Missing, Tools};

/// One step.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    run: fn(&Tools) -> Result<(), Ended>,
}

/// Why a step did not pass.
pub(crate) enum Ended {
    /// It needs something that is not on this machine.
    Missing(Missing),
    /// It ran and failed.
    Failed(Failure),
}

/// How a step ended.
pub(crate) enum Outcome {
    Passed,
    Failed,
    Skipped,
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Missing> for Ended {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl From<NotThere> for Ended {
    fn from(why: NotThere) -> Self {
        match why {
            NotThere::Missing(missing) => Self::Missing(missing),
            NotThere::Failed(failure) => Self::Failed(failure),
        }
    }
}

const fn step(name: &'static str, what: &'static str, run: fn(&Tools) -> Result<(), Ended>) -> Step {
    Step { name, what, run }
}

/// What has to hold of the text itself.
pub(crate) const CHECKS: &[Step] = &[
    step("fmt", "the format", |_| Ok(run_to_end(cargo().args(["fmt", "--all", "--check"]))?)),
    step("clippy", "the lints, warnings refused", |_| {
        let mut clippy = cargo();
        clippy.args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]);
        Ok(run_to_end(&mut clippy)?)
    }),
    step("rustdoc", "the documentation, warnings refused", |_| {
        let mut doc = cargo();
        doc.args(["doc", "--workspace", "--no-deps", "--all-features", "--locked"])
            .env("RUSTDOCFLAGS", "-D warnings");
        Ok(run_to_end(&mut doc)?)
    }),
];

/// Every test.
pub(crate) const TESTS: &[Step] = &[
    step("workspace", "cargo test --workspace: Rust only", |_| {
        Ok(run_to_end(cargo().args(["test", "--workspace", "--all-features", "--locked"]))?)
    }),
    step("instructions", "instructions per URL within 5 % of the committed figures", instructions::per_url),
    step("servers", "what is signed, put to S3 servers that other people wrote", servers::suite),
    step("backends", "tokens, in a host with both of jsonwebtoken's backends", pools::both_backends),
    step("pools", "tokens of two emulated user pools, verified over HTTP", pools::tokens),
    step(
        "documents",
        "CORS, IAM, lifecycle and stacks before linters, another evaluator, and two servers",
        documents::judged,
    ),
    step("fuzz", "each fuzz target for ten seconds", fuzz::each_target),
    step("browser", "the page of upsign dev in Chromium", browser::dev_page),
    step(
        "article",
        "the article's own client against upsign serve, Cognito and S3 emulated",
        article::client,
    ),
    step("cloud", "the article's system whole: gateway, function, S3, queue, consumer, page", cloud::whole),
    step("contract", "the API's description, put to upsign serve by schemathesis", contract::schemathesis),
    step("deploy", "the systemd unit and the Dockerfile, judged by systemd and hadolint", deploy::files),
];

/// What is measured and printed.
pub(crate) const BENCHES: &[Step] = &[
    step("signing", "signing and verifying beside other people's code", |tools| {
        // Whose tools cannot be set up is not compared with.
        drop((tools.node(), tools.python("python")));
        let mut bench = cargo();
        bench.args(["bench", "--locked", "-p", "upsign-benches", "--bench", "signing", "--bench", "tokens"]);
        Ok(run_to_end(&mut bench)?)
    }),
    step("load", "upsign serve beside servers in other languages", runtimes::load),
    step("lambda", "the Lambda function's size, start and answers", runtimes::lambda),
];

/// The steps of these names, or all of them; or a name that none has.
pub(crate) fn chosen<'a>(steps: &'a [Step], only: &[String]) -> Result<Vec<&'a Step>, String> {
    let known = |name: &String| steps.iter().any(|step| step.name == name);
    match only.iter().find(|name| !known(name)) {
        Some(unknown) => Err(unknown.clone()),
        None => {
            let wanted = |step: &Step| only.is_empty() || only.iter().any(|name| name == step.name);
            Ok(steps.iter().filter(|step| wanted(step)).collect())
        }
    }
}

/// Runs the steps and says how each ended. With `CI=true` what is missing is a failure.
pub(crate) fn run(steps: &[&Step]) -> Vec<Outcome> {
    let strict = std::env::var("CI").is_ok_and(|value| value == "true");
    let tools = Tools::new();
    let mut told = Vec::new();
    let mut outcomes = Vec::new();
    for step in steps {
        println!("\n== {}: {}", step.name, step.what);
        let start = Instant::now();
        let (outcome, words) = match (step.run)(&tools) {
            Ok(()) => (Outcome::Passed, "passed".to_owned()),
            Err(Ended::Failed(failure)) => (Outcome::Failed, format!("FAILED: {failure}")),
            Err(Ended::Missing(missing)) => {
                let words = format!("{} is missing: {}", missing.what, missing.how);
                if strict { (Outcome::Failed, format!("FAILED: {words}")) } else { (Outcome::Skipped, words) }
            }
        };
        told.push(format!("{:<12} {:>5}  {words}", step.name, minutes(start.elapsed())));
        outcomes.push(outcome);
    }
    println!("\n{}", told.join("\n"));
    let count = |wanted: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| wanted(outcome)).count();
    println!(
        "{} passed, {} failed, {} skipped",
        count(|outcome| matches!(outcome, Outcome::Passed)),
        count(|outcome| matches!(outcome, Outcome::Failed)),
        count(|outcome| matches!(outcome, Outcome::Skipped)),
    );
    outcomes
}

fn minutes(taken: Duration) -> String {
    format!("{}:{:02}", taken.as_secs() / 60, taken.as_secs() % 60)
}
