//! `upsign init`: writes a first upsign.toml.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use upsign_config::initial_file;

use crate::exit::{CommandError, Exit};
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// File to write; `-` is standard output.
    #[arg(value_name = "FILE", default_value = "upsign.toml")]
    file: PathBuf,
    /// Overwrite an existing file.
    #[arg(long)]
    force: bool,
}

/// The file that is written.
const EXAMPLE: &str = initial_file();

pub(crate) fn run(args: &InitArgs, json: bool) -> Result<Exit, CommandError> {
    let path = args.file.as_path();
    if path == Path::new("-") {
        if json {
            output::result(&json!({"text": EXAMPLE, "change": lines_to_change()}).to_string());
        } else {
            output::result(EXAMPLE.trim_end());
        }
        return Ok(Exit::Success);
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).create_new(!args.force).truncate(args.force);
    let cannot_write = |error| CommandError::usage(format!("cannot write {}: {error}", path.display()));
    let mut file = options.open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            CommandError::usage(format!("{} already exists and was not changed", path.display()))
                .with_help("name another file, or overwrite this one with --force")
        }
        _ => cannot_write(error),
    })?;
    file.write_all(EXAMPLE.as_bytes()).map_err(cannot_write)?;
    if json {
        output::result(&json!({"file": path.display().to_string(), "change": lines_to_change()}).to_string());
        return Ok(Exit::Success);
    }
    output::report().line(&format!("wrote {}", path.display()));
    output::report().detail("next", "edit the lines marked CHANGE, then run: upsign check");
    output::report().detail("then", "upsign documents cors, upsign documents iam, upsign serve");
    Ok(Exit::Success)
}

/// Returns the lines that hold examples, with their numbers.
fn lines_to_change() -> Vec<Value> {
    let lines = EXAMPLE.lines().zip(1..).filter(|(line, _)| line.contains("# CHANGE"));
    lines
        .map(|(line, number)| {
            let key = line.split('=').next().unwrap_or_default().trim();
            json!({"line": number, "key": key})
        })
        .collect()
}
