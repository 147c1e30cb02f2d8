//! The workspace's own commands: `cargo xtask test`, `ci`, `nightly`, `bench`, `soak`, `api`, `reference`, `semver` and
//! `weights`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a developer's tool prints, and reads its environment and the clock"
)]

mod api;
mod build;
mod cpu;
mod packages;
mod postgres;
mod process;
mod reference;
mod semver;
mod servers;
mod steps;
mod tools;
mod weights;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::process::Failure;
use crate::steps::{Outcome, Step};

#[derive(Parser)]
#[command(about = "The workspace's own commands")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every test: the Rust tests, then those against real servers and a real browser
    ///
    /// Installs Python and Node packages into target/tools (or XTASK_TOOLS) and, as root on Debian, system packages. A
    /// step whose component is missing is skipped and listed at the end; with CI=true it fails. After the tests of the workspace,
    /// steps that wait for servers run next to steps that compute; the output of each is printed when it has ended.
    Test {
        #[command(flatten)]
        selection: Selection,
    },
    /// Run everything that a change must pass: format, lints, documentation, dependencies, packages, then every test
    Ci {
        #[command(flatten)]
        selection: Selection,
    },
    /// Run the long versions of the randomized tests and the benchmarks with bounds, and build each feature and Rust version
    /// (hours)
    Nightly {
        #[command(flatten)]
        selection: Selection,
    },
    /// Compare the public API of the published libraries with crates/*/public-api.txt
    ///
    /// Fails on differences, and if a public signature names a type of a foreign crate that has no stable version.
    Api {
        /// Write the files
        #[arg(long)]
        update: bool,
    },
    /// Write the pages of the manual that are generated: the commands, and the error codes
    Reference {
        /// Write nothing; fail if a page is not current
        #[arg(long)]
        check: bool,
    },
    /// Write the pictures of the page of upsign dev that the README and the manual show
    Screenshots,
    /// Check that the version numbers allow the changes of the public API since a release, with cargo-semver-checks
    ///
    /// Installs cargo-semver-checks into target/tools (or XTASK_TOOLS) first, which takes minutes.
    Semver {
        /// Compare with this commit or tag [default: the latest tag of a release]
        #[arg(long, value_name = "REV")]
        baseline: Option<String>,
    },
    /// Print what each library costs to compile, as a Markdown table (minutes; run it on an idle machine)
    Weights {
        /// Measure only these crates
        #[arg(value_name = "CRATE")]
        crates: Vec<String>,
    },
    /// Run upsign serve under load while what it depends on fails in turn; wrong answers and growth fail
    ///
    /// Prints a table of the phases. One run of all of them takes two minutes to twelve.
    Soak {
        /// How long to run
        #[arg(long, value_name = "N", default_value_t = 3.0)]
        minutes: f64,
    },
    /// Run one step in this process and write how it ended to a file
    #[command(name = steps::RUN_STEP, hide = true)]
    RunStep {
        step: String,
        report: PathBuf,
        /// Build like the step `workspace`
        #[arg(long)]
        workspace_build: bool,
    },
    /// Measure signing, verification, serving and start-up next to other implementations
    Bench {
        #[command(flatten)]
        selection: Selection,
    },
}

#[derive(clap::Args)]
struct Selection {
    /// Run only this step (repeatable)
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// List the steps and exit
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    if let Some(code) = api::rustdoc::forwarded().or_else(steps::stands_in_for_rustc) {
        return code;
    }
    let (command, available, selection): (&str, Vec<&Step>, Selection) = match Cli::parse().command {
        Command::Test { selection } => ("test", steps::TESTS.iter().collect(), selection),
        Command::Ci { selection } => ("ci", steps::CHECKS.iter().chain(steps::TESTS).collect(), selection),
        Command::Nightly { selection } => ("nightly", steps::NIGHTLY.iter().collect(), selection),
        Command::Api { update } => return report(api::check(update)),
        Command::Reference { check } => return report(reference::pages(check)),
        Command::Screenshots => return report(steps::screenshots(build::Build::Package)),
        Command::Semver { baseline } => return report(semver::check(baseline)),
        Command::Soak { minutes } => return report(steps::soak(build::Build::Package, minutes)),
        Command::RunStep { step, report: file, workspace_build } => {
            return report(run_step(&step, workspace_build, &file));
        }
        Command::Weights { crates } => return report(weights::table(&crates)),
        Command::Bench { selection } => ("bench", steps::BENCHES.iter().collect(), selection),
    };
    if selection.list {
        for step in available {
            println!("{:<13} {}", step.name, step.description);
        }
        return ExitCode::SUCCESS;
    }
    let selected = match steps::select(&available, &selection.only) {
        Ok(selected) => selected,
        Err(unknown) => {
            let names: Vec<&str> = available.iter().map(|step| step.name).collect();
            eprintln!("unknown step {unknown:?}: expected one of {}", names.join(", "));
            return ExitCode::from(2);
        }
    };
    let outcomes = steps::run(command, &selected);
    if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed)) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Runs a step of `cargo xtask test` and writes its report to `file`.
fn run_step(name: &str, workspace_build: bool, file: &Path) -> Result<(), Failure> {
    let step = steps::TESTS.iter().find(|step| step.name == name);
    let step =
        step.ok_or_else(|| format!("unknown step {name:?}: expected one of cargo xtask test --list"))?;
    let build = if workspace_build { build::Build::Workspace } else { build::Build::Package };
    std::fs::write(file, steps::run_reported(step, build).to_string()).map_err(process::failure)
}

/// Prints the failure of a command that has no steps.
fn report(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
