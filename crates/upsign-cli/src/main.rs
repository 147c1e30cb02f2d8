//! The `upsign` command.
//!
//! Modules, from top to bottom; each uses only those below it:
//!
//! - `args`: the command line, with one variant per command
//! - [`command`]: what each command does
//! - [`batch`]: the `--batch` form of the commands that have one
//! - [`verdict`]: results that a command and its batch share
//! - `sample`, `summary`, `embedded`, `client`, `listen`: parts that several commands share
//! - `auth`, `target`, `config_file`: options that several commands share
//! - `environment`, `output`, `exit`, `value_parser`, `missing_feature`: the foundation

mod args;
mod auth;
mod batch;
mod client;
mod command;
mod config_file;
mod embedded;
mod environment;
mod exit;
mod listen;
mod logs;
mod missing_feature;
mod output;
mod sample;
mod summary;
mod target;
mod value_parser;
mod verdict;

use std::process::ExitCode;

use clap::CommandFactory;

use crate::args::{Cli, Command};
use crate::command::serve::LogFormat;
use crate::command::{check, demo, dev, documents, identity, init, jwks, key, post, presign, serve, verify};
use crate::exit::{CommandError, Exit};

fn main() -> ExitCode {
    let cli = Cli::from_command_line().unwrap_or_else(|error| error.exit());
    let json = cli.json;
    let (format, is_server) = match &cli.command {
        Command::Serve(args) => (args.log_format(), true),
        _ => (LogFormat::Text, false),
    };
    let (logs, result) = match logs::start(format, is_server) {
        Ok(logs) => (Some(logs), start(cli)),
        Err(error) => (None, Err(error)),
    };
    let result = match (result, output::result_error()) {
        (Ok(Exit::Success), Some(error)) => {
            Err(CommandError::failure(format!("cannot write to standard output: {error}")))
        }
        (result, _) => result,
    };
    let exit = result.unwrap_or_else(|error| {
        error.diagnostics().for_each(output::error);
        if json {
            output::result(&error.to_json().to_string());
        }
        error.exit
    });
    // Written last, so that the error is among the lines for which the end of the program waits.
    drop(logs);
    exit.into()
}

fn start(cli: Cli) -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CommandError::caused("cannot start the async runtime", &error))?;
    runtime.block_on(run(cli))
}

async fn run(cli: Cli) -> Result<Exit, CommandError> {
    match cli.command {
        Command::Demo(args) => demo::run(&args, cli.json).await,
        Command::Dev(args) => dev::run(&args, cli.json).await,
        Command::Serve(args) => serve::run(&args, cli.json).await,
        Command::Presign(args) => presign::run(&args, cli.json).await,
        Command::Post(args) => post::run(&args, cli.json).await,
        Command::Verify(args) => verify::run(&args, cli.json).await,
        Command::Jwks(args) => jwks::run(&args, cli.json).await,
        Command::Identity(args) => identity::run(&args, cli.json).await,
        Command::Check(args) => check::run(&args, cli.json).await,
        Command::Init(args) => init::run(&args),
        Command::Schema => print_schema(),
        Command::Key(args) => key::run(&args, cli.json).await,
        Command::Documents(args) => documents::run(&args, cli.json).await,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "upsign", &mut script);
            output::result(String::from_utf8_lossy(&script).trim_end());
            Ok(Exit::Success)
        }
    }
}

fn print_schema() -> Result<Exit, CommandError> {
    let schema = serde_json::to_string_pretty(&upsign_config::schema());
    output::result(&schema.map_err(|error| CommandError::caused("the schema", &error))?);
    Ok(Exit::Success)
}
