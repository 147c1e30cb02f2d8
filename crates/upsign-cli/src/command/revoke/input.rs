//! Reads the URL and the present policy.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use upsign_diagnose::{Subject, SubjectError};

use crate::exit::CommandError;

/// The longest file that is read: a policy has up to 20 KB, and a URL is shorter.
const MAX_BYTES: u64 = 1 << 20;

pub(super) fn subject(argument: &str) -> Result<Subject, CommandError> {
    if argument.contains("://") {
        return Subject::read(argument.as_bytes()).map_err(|error| refused("", &error));
    }
    let bytes = read(Path::new(argument))?;
    let name = if argument == "-" { "standard input" } else { argument };
    Subject::read(&bytes).map_err(|error| refused(&format!("{name}: "), &error))
}

pub(super) fn text(file: &Path) -> Result<String, CommandError> {
    String::from_utf8(read(file)?)
        .map_err(|_| CommandError::usage(format!("{}: this is not text", file.display())))
}

fn read(file: &Path) -> Result<Vec<u8>, CommandError> {
    let bounded = |source: &mut dyn Read| {
        let mut bytes = Vec::new();
        source.take(MAX_BYTES).read_to_end(&mut bytes).map(|_| bytes)
    };
    let read = if file == Path::new("-") {
        bounded(&mut io::stdin())
    } else {
        File::open(file).and_then(|mut open| bounded(&mut open))
    };
    read.map_err(|error| {
        let help = "pass a URL that begins with https://, a file, or - for standard input";
        // What is neither a URL nor a file may still contain a signature, so it is not repeated.
        match file.to_string_lossy().contains(['?', '=']) {
            true => CommandError::usage("this is neither a URL nor a file").with_help(help),
            false => CommandError::unreadable(file, &error).with_help(help),
        }
    })
}

fn refused(place: &str, error: &SubjectError) -> CommandError {
    CommandError::usage(format!("{place}{error}")).with_code(format!("input-{}", error.code()))
}
