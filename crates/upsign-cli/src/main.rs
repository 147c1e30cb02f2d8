//! The `upsign` command.

mod args;
mod batch;
mod check;
mod client;
mod demo;
mod describe;
mod dev;
mod documents;
mod environment;
mod exit;
mod init;
mod judge;
mod key;
mod logs;
mod post;
mod presign;
mod say;
mod serve;
mod server;
mod stack;
mod trust;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::args::{Cli, Command};
use crate::exit::{Exit, Failed};

fn main() -> ExitCode {
    let cli = Cli::parse();
    logs::start(match &cli.command {
        Command::Serve(serve) => serve.log_format,
        _ => serve::LogFormat::Text,
    });
    let ended = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(error) => Err(Failed::caused("no runtime", &error)),
    };
    match ended {
        Ok(exit) => exit.into(),
        Err(failed) => {
            say::failed(&failed.to_string(), failed.hint.as_deref());
            failed.exit.into()
        }
    }
}

async fn run(cli: Cli) -> Result<Exit, Failed> {
    match cli.command {
        Command::Demo { file } => demo::run(file.as_deref(), cli.json).await,
        Command::Dev { listen } => dev::run(listen, cli.json).await,
        Command::Serve(arguments) => serve::run(&arguments, cli.json).await,
        Command::Presign(presign) if presign.batch => batch::presign().await,
        Command::Presign(presign) => presign::run(&presign, cli.json).await,
        Command::Post(post) if post.batch => batch::post().await,
        Command::Post(post) => post::run(&post, cli.json).await,
        Command::Verify(verify) if verify.signature_only => judge::signatures(),
        Command::Verify(verify) if verify.batch => judge::tokens(),
        Command::Verify(verify) => verify::run(&verify, cli.json).await,
        Command::Jwks { document: Some(document), .. } => judge::jwks_document(&document, cli.json),
        Command::Jwks { .. } => judge::jwks(),
        Command::Identity { .. } => judge::identity(),
        Command::Check(check) => check::run(&check, cli.json).await,
        Command::Init { file, force } => init::run(&file, force),
        Command::Schema => schema(),
        Command::Key(key) if key.batch => judge::keys(),
        Command::Key(key) => key::run(&key, cli.json),
        Command::Documents { document } => documents::run(&document, cli.json).await,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "upsign", &mut std::io::stdout());
            Ok(Exit::Success)
        }
    }
}

fn schema() -> Result<Exit, Failed> {
    let schema = serde_json::to_string_pretty(&upsign_config::schema());
    say::answer(&schema.map_err(|error| Failed::caused("the schema", &error))?);
    Ok(Exit::Success)
}
