//! Entrances for fuzzing. Not part of the public API.

use crate::state::record;

/// Reads a state and writes it again, or returns `None` if it is refused.
#[must_use]
pub fn state(bytes: &[u8]) -> Option<serde_json::Result<Vec<u8>>> {
    let (upload, parts) = record::read(bytes)?;
    let write = || {
        let mut text = upload.line()?;
        for part in parts.values() {
            text.push_str(&part.line()?);
        }
        Ok(text.into_bytes())
    };
    Some(write())
}
