//! The workspace's own commands: `cargo xtask test`, `ci`, `nightly`, `api` and `bench`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a developer's tool prints, and reads its environment and the clock"
)]

mod api;
mod build;
mod cpu;
mod process;
mod servers;
mod steps;
mod tools;

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
    /// Installs Python and Node packages into target/tools (or UPSIGN_TOOLS) and, as root on Debian, system packages. A
    /// step whose component is missing is skipped and listed at the end; with CI=true it fails.
    Test {
        #[command(flatten)]
        selection: Selection,
    },
    /// Run everything that a change must pass: format, lints, documentation, dependencies, packages, then every test
    Ci {
        #[command(flatten)]
        selection: Selection,
    },
    /// Run the long versions of the randomized tests (hours)
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
    if let Some(code) = api::rustdoc::forwarded() {
        return code;
    }
    let (command, available, selection): (&str, Vec<&Step>, Selection) = match Cli::parse().command {
        Command::Test { selection } => ("test", steps::TESTS.iter().collect(), selection),
        Command::Ci { selection } => ("ci", steps::CHECKS.iter().chain(steps::TESTS).collect(), selection),
        Command::Nightly { selection } => ("nightly", steps::NIGHTLY.iter().collect(), selection),
        Command::Api { update } => return report(api::check(update)),
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
