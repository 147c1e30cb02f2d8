//! `upsign init`: writes a first upsign.toml.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::json;
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
    print_next(&path.display().to_string());
    Ok(Exit::Success)
}

fn print_next(file: &str) {
    let report = output::report();
    report.line(&format!("wrote {file}. Change these lines:"));
    let lines = lines_to_change();
    let width = lines.iter().map(|line| line.key.len()).max().unwrap_or_default();
    for LineToChange { line, key, value } in &lines {
        report.line(&format!("   {file}:{line:<3} {key:<width$} = {value}"));
    }
    let next = match file {
        "upsign.toml" => "upsign check".to_owned(),
        other => format!("upsign check --config {other}"),
    };
    report.next(&next);
}

/// A line that holds an example.
#[derive(Debug, Serialize)]
struct LineToChange {
    line: usize,
    /// The complete name of the key.
    key: String,
    /// The example, in the format of the file.
    value: String,
}

/// Returns the lines that hold examples.
fn lines_to_change() -> Vec<LineToChange> {
    let mut section = "";
    let mut lines = Vec::new();
    for (text, line) in EXAMPLE.lines().zip(1..) {
        if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            section = name;
        }
        let Some((assignment, _)) = text.split_once("# CHANGE") else { continue };
        if let Some((name, value)) = assignment.split_once('=') {
            lines.push(LineToChange {
                line,
                key: format!("{section}.{}", name.trim()),
                value: value.trim().to_owned(),
            });
        }
    }
    lines
}
