//! `upsign init`: a first upsign.toml.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use crate::exit::{Exit, Failed};
use crate::say;

/// The file, commented: what must be there stands in it, what has a default stands as a comment.
pub(crate) const FILE: &str = include_str!("init.toml");

pub(crate) fn run(path: &Path, force: bool) -> Result<Exit, Failed> {
    if path == Path::new("-") {
        say::answer(FILE.trim_end());
        return Ok(Exit::Success);
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).create_new(!force).truncate(force);
    let mut file = options.open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failed::usage(format!("{} is there already, and stays as it is", path.display()))
                .hint("write another file, or over this one with --force")
        }
        _ => Failed::usage(format!("{} cannot be written: {error}", path.display())),
    })?;
    let written = file.write_all(FILE.as_bytes());
    written.map_err(|error| Failed::usage(format!("{} cannot be written: {error}", path.display())))?;
    say::line(&format!("wrote {}", path.display()));
    say::detail("next", "change what is marked CHANGE, then: upsign check");
    say::detail("then", "upsign documents cors, upsign documents iam, upsign serve");
    Ok(Exit::Success)
}
