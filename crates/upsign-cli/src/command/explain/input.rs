//! Reads what is to be explained: from the argument, a file, or standard input.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use upsign_diagnose::{NotASignedUrl, Subject, SubjectError};

use crate::exit::CommandError;

pub(super) fn read(argument: &str) -> Result<Subject, CommandError> {
    if argument == "-" {
        let bytes = bounded(io::stdin())
            .map_err(|error| CommandError::caused("standard input", &error).into_usage())?;
        return Subject::read(&bytes).map_err(|error| refused("standard input", &error));
    }
    if argument.contains("://") || argument.starts_with(['{', '<']) {
        return Subject::read(argument.as_bytes()).map_err(|error| refused("", &error));
    }
    let path = Path::new(argument);
    match File::open(path).and_then(bounded) {
        Ok(bytes) => Subject::read(&bytes).map_err(|error| refused(argument, &error)),
        // The text after ? is more likely that of a URL than of a file.
        Err(error) if error.kind() == ErrorKind::NotFound && argument.contains(['?', '=']) => Err(refused(
            "",
            &Subject::read(argument.as_bytes()).err().unwrap_or(SubjectError::Url(NotASignedUrl::Host)),
        )),
        Err(error) => {
            let help = "pass a URL that begins with https://, a file, or - for standard input";
            Err(CommandError::unreadable(path, &error).with_help(help))
        }
    }
}

/// Reads one byte more than is accepted, which shows that an input is too long.
fn bounded(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(Subject::MAX_BYTES).unwrap_or(u64::MAX) + 1;
    source.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn refused(source: &str, error: &SubjectError) -> CommandError {
    let place = if source.is_empty() { String::new() } else { format!("{source}: ") };
    CommandError::usage(format!("{place}{error}")).with_code(format!("input-{}", error.code()))
}
