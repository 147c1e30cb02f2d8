//! The `upsign` command.
//!
//! Modules, from top to bottom; each uses only those below it:
//!
//! - `args`, `help`, `usage`: the command line, with one variant per command, its help, and its errors
//! - [`command`]: what each command does
//! - [`batch`]: the `--batch` form of the commands that have one
//! - [`verdict`]: results that a command and its batch share
//! - `sample`, `summary`, `embedded`, `client`, `browser_client`, `listen`: parts that several commands share
//! - `auth`, `target`, `config_file`, `credentials`: options that several commands share
//! - `diagnostic`: problems of a configuration with the lines of the file
//! - `environment`, `json_syntax`, `output`, `exit`, `value_parser`, `missing_feature`: the foundation

mod args;
mod auth;
mod batch;
mod browser_client;
mod callers_summary;
mod client;
mod command;
mod config_file;
mod confirmation_summary;
mod credentials;
mod deployment_summary;
mod diagnostic;
mod dialects_summary;
mod embedded;
mod environment;
mod exit;
mod help;
mod json_syntax;
mod listen;
mod logs;
mod missing_feature;
mod multipart_summary;
mod output;
mod reads_summary;
#[cfg(test)]
mod reference;
mod sample;
mod settings_summary;
mod shell;
mod summary;
mod target;
mod types_summary;
mod usage;
mod value_parser;
mod verdict;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::args::{Cli, Command, GlobalArgs};
use crate::command::serve::LogFormat;
use crate::command::{
    check, demo, dev, diagnose, documents, explain, identity, init, jwks, key, post, preflight, presign,
    probe, revoke, serve, upload, verify,
};
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::logs::Verbosity;
use crate::usage::EarlyOptions;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let early =
        EarlyOptions::find(arguments.iter().cloned(), environment::variable("UPSIGN_LOG_FORMAT").as_deref());
    set_color(early.color);
    let mut definition = Cli::definition().color(early.color);
    if arguments.iter().any(|argument| argument == "-h") {
        definition = help::without_variables(definition);
    }
    let cli = match Cli::parse_from_env(&mut definition) {
        Ok(cli) => cli,
        Err(mut error) => {
            output::configure(early.json, false, early.json_lines);
            usage::suggest_config(&mut error);
            return end_with_usage(&mut definition, &error, &arguments, early);
        }
    };
    let (format, is_server) = match &cli.command {
        Command::Serve(args) => (args.log_format(), true),
        Command::Dev(_) => (LogFormat::Text, true),
        _ => (LogFormat::Text, false),
    };
    let GlobalArgs { json, verbose, quiet, .. } = cli.global;
    output::configure(json, quiet, format == LogFormat::Json);
    let verbosity = Verbosity::new(verbose, quiet);
    let verbosity = if matches!(cli.command, Command::Demo(_)) { verbosity.for_demo() } else { verbosity };
    let (logs, result) = match logs::start(format, is_server, verbosity) {
        Ok(logs) => (Some(logs), start(cli)),
        Err(error) => (None, Err(error)),
    };
    let result = match (result, output::result_error()) {
        (Ok(Exit::Success), Some(error)) => {
            Err(CommandError::failure(format!("cannot write to standard output: {error}")).with_code("io"))
        }
        (result, _) => result,
    };
    let exit = result.unwrap_or_else(|error| report(&error, json));
    // Written last, so that the error is among the lines for which the end of the program waits.
    drop(logs);
    exit.into()
}

/// Maximum number of errors that are printed for people. JSON contains all.
const MAX_PRINTED: usize = 20;

/// Prints the errors on standard error, with `json` also on standard output, unless the command has answered there already.
fn report(error: &CommandError, json: bool) -> Exit {
    error.diagnostics().take(MAX_PRINTED).for_each(output::error);
    let others = error.diagnostics().skip(MAX_PRINTED).count();
    if others > 0 {
        output::error(&Diagnostic::new("more", format!("there are {others} more: correct these first")));
    }
    if let Some(verdict) = error.verdict() {
        output::verdict(&verdict);
    }
    if json && !output::has_result() {
        output::result(&error.to_json().to_string());
    }
    error.exit
}

/// Prints help, the version, or an error of the command line.
fn end_with_usage(
    definition: &mut clap::Command,
    error: &clap::Error,
    arguments: &[OsString],
    early: EarlyOptions,
) -> ExitCode {
    if usage::is_display(error) && early.json {
        output::result(&serde_json::json!({"text": error.render().to_string()}).to_string());
        return Exit::Success.into();
    }
    if usage::is_display(error) {
        // The reader may have closed the pipe, as in `upsign --help | head -1`.
        let _ = error.print();
        return Exit::Success.into();
    }
    definition.build();
    if let Some(error) = usage::variable_error(definition, error, arguments) {
        return report(&error, early.json).into();
    }
    if early.json_lines {
        return report(&usage::as_command_error(error), early.json).into();
    }
    if error.kind() == ErrorKind::MissingSubcommand {
        let documents = arguments.iter().any(|argument| argument == "documents");
        let help = match definition.find_subcommand_mut("documents").filter(|_| documents) {
            Some(documents) => documents.render_help(),
            None => definition.render_help(),
        };
        anstream::eprint!("{}", help.ansi());
    } else {
        let _ = error.print();
    }
    if early.json {
        output::result(&usage::as_command_error(error).to_json().to_string());
    }
    Exit::Usage.into()
}

fn set_color(choice: clap::ColorChoice) {
    match choice {
        clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
        clap::ColorChoice::Always => anstream::ColorChoice::Always,
        clap::ColorChoice::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

fn start(cli: Cli) -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CommandError::caused("cannot start the async runtime", &error))?;
    let result = runtime.block_on(run(cli));
    if matches!(result, Ok(Exit::Interrupted)) {
        // Reading standard input cannot be cancelled, so waiting for it would end with its writer only.
        runtime.shutdown_background();
    }
    result
}

async fn run(cli: Cli) -> Result<Exit, CommandError> {
    let json = cli.global.json;
    match cli.command {
        Command::Demo(args) => demo::run(&args, json).await,
        Command::Dev(args) => dev::run(&args, json).await,
        Command::Serve(args) => serve::run(&args, json).await,
        Command::Upload(args) => upload::run(&args, json).await,
        Command::Presign(args) => presign::run(&args, json).await,
        Command::Post(args) => post::run(&args, json).await,
        Command::Explain(args) => explain::run(&args, json),
        Command::Diagnose(args) => diagnose::run(&args, json),
        Command::Probe(args) => probe::run(&args, json).await,
        Command::Preflight(args) => preflight::run(&args, json).await,
        Command::Revoke(args) => revoke::run(&args, json),
        Command::Verify(args) => verify::run(&args, json).await,
        Command::Jwks(args) => jwks::run(&args, json).await,
        Command::Identity(args) => identity::run(&args, json).await,
        Command::Check(args) => check::run(&args, json).await,
        Command::Init(args) => init::run(&args, json),
        Command::Schema => print_schema(),
        Command::Key(args) => key::run(&args, json).await,
        Command::Documents(args) => documents::run(&args, json).await,
        Command::Completions { shell } => print_completions(shell, json),
    }
}

fn print_completions(shell: clap_complete::Shell, json: bool) -> Result<Exit, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::definition(), "upsign", &mut script);
    let script = String::from_utf8_lossy(&script);
    if json {
        output::result(&serde_json::json!({"shell": shell.to_string(), "script": script}).to_string());
    } else {
        output::result(script.trim_end());
    }
    Ok(Exit::Success)
}

fn print_schema() -> Result<Exit, CommandError> {
    let schema = serde_json::to_string_pretty(&upsign_config::schema());
    output::result(&schema.map_err(|error| CommandError::caused("the schema", &error))?);
    Ok(Exit::Success)
}
