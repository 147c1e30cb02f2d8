//! Reads files up to the size that evidence can have.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use upsign_diagnose::{Evidence, UnreadableEvidence};

use crate::exit::CommandError;

/// Returns how errors name a file.
pub(super) fn name(file: &Path) -> String {
    if is_stdin(file) { "standard input".to_owned() } else { file.display().to_string() }
}

/// Reads a file, and not more of it than is accepted.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, CommandError> {
    // One byte more than is accepted shows that a file is too large.
    let limit = u64::try_from(Evidence::MAX_BYTES).unwrap_or(u64::MAX) + 1;
    let mut bytes = Vec::new();
    let read = match is_stdin(file) {
        true => io::stdin().take(limit).read_to_end(&mut bytes).map(|_| false),
        false => File::open(file).and_then(|open| {
            // The length of a large file is enough. That of a pipe is 0.
            let is_larger = open.metadata()?.len() >= limit;
            if !is_larger {
                open.take(limit).read_to_end(&mut bytes)?;
            }
            Ok(is_larger)
        }),
    };
    let is_larger = read.map_err(|error| CommandError::unreadable(Path::new(&name(file)), &error))?;
    if is_larger || bytes.len() > Evidence::MAX_BYTES {
        return Err(super::refused(&name(file), &UnreadableEvidence::TooLarge));
    }
    Ok(bytes)
}

/// Reads a file as text.
pub(super) fn text(file: &Path) -> Result<String, CommandError> {
    String::from_utf8(read(file)?).map_err(|_| super::refused(&name(file), &UnreadableEvidence::Binary))
}

fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}
