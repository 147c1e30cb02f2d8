//! `upsign init`: writes a first upsign.toml.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Serialize, Serializer};
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
            output::result(
                &json!({"text": EXAMPLE, "change": lines_to_change(), "review": lines_to_review()})
                    .to_string(),
            );
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
        output::result(&json!({"file": path.display().to_string(), "change": lines_to_change(), "review": lines_to_review()}).to_string());
        return Ok(Exit::Success);
    }
    print_next(&path.display().to_string());
    Ok(Exit::Success)
}

fn print_next(file: &str) {
    let report = output::report();
    if output::is_quiet() {
        return report.line(&format!("wrote {file}"));
    }
    report.line(&format!("wrote {file}. Change these lines:"));
    let (change, review) = (lines_to_change(), lines_to_review());
    let width = change.iter().chain(&review).map(|line| line.key.len()).max().unwrap_or_default();
    let print = |lines: &[ExampleLine]| {
        for ExampleLine { line, key, value } in lines {
            report.line(&format!("   {file}:{line:<3} {key:<width$} = {value}"));
        }
    };
    print(&change);
    report.line("Then probably:");
    print(&review);
    let next = match file {
        "upsign.toml" => "upsign check".to_owned(),
        other => format!("upsign check --config {other}"),
    };
    report.next(&format!("{next}   (or try it without AWS: upsign dev --config {file})"));
}

/// A line that holds an example.
#[derive(Debug, Serialize)]
struct ExampleLine {
    line: usize,
    /// The complete name of the key.
    key: String,
    /// The example, in the format of the file. In JSON, it is the value itself.
    #[serde(serialize_with = "as_json")]
    value: String,
}

/// Serializes a string, a list of strings, a number or a Boolean of TOML. Those of the example are the same text in JSON.
fn as_json<S: Serializer>(value: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)).serialize(serializer)
}

/// The keys whose examples work, but rarely suit an application of one's own.
const REVIEWED: [&str; 4] = ["upload.key", "upload.ids", "upload.types", "upload.max_size"];

/// Returns the lines that hold examples which must be changed.
fn lines_to_change() -> Vec<ExampleLine> {
    let marked = |(line, text): (ExampleLine, &str)| text.contains("# CHANGE").then_some(line);
    lines().into_iter().filter_map(marked).collect()
}

/// Returns the lines of [`REVIEWED`].
fn lines_to_review() -> Vec<ExampleLine> {
    let reviewed = |line: &ExampleLine| REVIEWED.contains(&line.key.as_str());
    lines().into_iter().map(|(line, _)| line).filter(reviewed).collect()
}

/// Returns the lines that set a key, with their text.
fn lines() -> Vec<(ExampleLine, &'static str)> {
    let mut section = "";
    let mut lines = Vec::new();
    for (text, line) in EXAMPLE.lines().zip(1..) {
        if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            section = name;
        }
        let assignment = text.split_once(" #").map_or(text, |(assignment, _)| assignment);
        match assignment.split_once('=') {
            Some((name, value)) if !text.starts_with('#') => {
                let (key, value) = (format!("{section}.{}", name.trim()), value.trim().to_owned());
                lines.push((ExampleLine { line, key, value }, text));
            }
            _ => {}
        }
    }
    lines
}
