//! Reads the URL or the form, and the rules.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use upsign_diagnose::Subject;

use crate::exit::CommandError;

/// Returns the bytes of an argument, a file or standard input, and how errors name it: empty for the argument itself.
pub(super) fn read(argument: &str) -> Result<(Vec<u8>, String), CommandError> {
    if argument.contains("://") || argument.starts_with(['{', '<']) {
        return Ok((argument.as_bytes().to_vec(), String::new()));
    }
    let file = Path::new(argument);
    let bytes = bounded(file).map_err(|error| {
        let help = "pass a URL that begins with https://, a file, or - for standard input";
        // What is neither a URL nor a file may still contain a signature, so it is not repeated.
        match argument.contains(['?', '=']) {
            true => CommandError::usage("this is neither a URL nor a file").with_help(help),
            false => CommandError::unreadable(file, &error).with_help(help),
        }
    })?;
    Ok((bytes, name(file)))
}

/// Reads a file as text.
pub(super) fn text(file: &Path) -> Result<String, CommandError> {
    let bytes = bounded(file).map_err(|error| CommandError::unreadable(Path::new(&name(file)), &error))?;
    String::from_utf8(bytes).map_err(|_| CommandError::usage(format!("{}: this is not text", name(file))))
}

/// Returns how errors name a file.
pub(super) fn name(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() }
}

/// Reads one byte more than is accepted, which shows that an input is too long.
fn bounded(file: &Path) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(Subject::MAX_BYTES).unwrap_or(u64::MAX) + 1;
    let mut bytes = Vec::new();
    match file == Path::new("-") {
        true => io::stdin().take(limit).read_to_end(&mut bytes),
        false => File::open(file).and_then(|open| open.take(limit).read_to_end(&mut bytes)),
    }?;
    Ok(bytes)
}
