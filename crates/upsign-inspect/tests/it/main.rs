//! True and spoofed files of many types, and properties of the inspection.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

mod documents;
mod images;
mod long_files;
mod media;
mod properties;
mod sound;
mod spoofed;
mod text;
mod true_files;
mod zip;

use upsign::confirm::ConfirmReason;
use upsign_inspect::{Rejection, Sample, inspect, ranges};

/// Inspects a complete file as the inspector does: it sees the start and the end.
pub(crate) fn judge(content_type: &str, bytes: &[u8]) -> Result<(), Rejection> {
    let content_type = content_type.parse().unwrap();
    let (head, tail) = ranges(&content_type, bytes.len() as u64);
    let tail = &bytes[bytes.len() - tail..];
    inspect(&Sample::new(&content_type, bytes.len() as u64, &bytes[..head], tail))
}

pub(crate) fn reason(content_type: &str, bytes: &[u8]) -> Option<ConfirmReason> {
    judge(content_type, bytes).err().map(|rejection| rejection.reason)
}
