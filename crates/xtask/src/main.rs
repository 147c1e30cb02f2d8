//! The workspace's own commands: `cargo xtask test`, `cargo xtask ci`, `cargo xtask bench`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a developer's tool prints, and reads its environment and the clock"
)]

mod process;
mod servers;
mod steps;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::steps::Outcome;

#[derive(Parser)]
#[command(about = "The workspace's own commands")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Every test: Rust's, then those against real servers and a real browser. Sets up what it needs.
    Test {
        /// Run these steps alone; may be given again.
        #[arg(long)]
        only: Vec<String>,
        /// List the steps.
        #[arg(long)]
        list: bool,
    },
    /// What has to hold before a change goes in: format, lints, documentation, then every test.
    Ci,
    /// What signing, verifying, serving and starting cost, beside other people's code.
    Bench {
        /// Run these measurements alone: signing, load, lambda; may be given again.
        #[arg(long)]
        only: Vec<String>,
    },
}

fn main() -> ExitCode {
    let steps = match Cli::parse().command {
        Command::Test { list: true, .. } => {
            for step in steps::TESTS {
                println!("{:<12} {}", step.name, step.what);
            }
            return ExitCode::SUCCESS;
        }
        Command::Test { only, .. } => match steps::chosen(steps::TESTS, &only) {
            Ok(chosen) => chosen,
            Err(unknown) => {
                eprintln!("there is no step {unknown}; cargo xtask test --list names them");
                return ExitCode::from(2);
            }
        },
        Command::Ci => steps::CHECKS.iter().chain(steps::TESTS).collect(),
        Command::Bench { only } => match steps::chosen(steps::BENCHES, &only) {
            Ok(chosen) => chosen,
            Err(unknown) => {
                eprintln!("there is no measurement {unknown}; cargo xtask bench --help names them");
                return ExitCode::from(2);
            }
        },
    };
    let outcomes = steps::run(&steps);
    if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed)) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
