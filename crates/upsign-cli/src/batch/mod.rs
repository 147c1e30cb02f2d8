//! Batches: `--batch` reads one JSON object per line and answers each line with one JSON object.
//!
//! [`engine`] reads and writes the lines, [`members`] declares what a line contains, and one module per command answers
//! its lines. All commands share the format:
//!
//! - Lines are answered in order. Each answer is written before the command waits for further input.
//! - An answer starts with the line's `id`. A line that cannot be answered gets
//!   `{"id","error":{"code","message","line"}}`, and the command ends with exit code 3 after it has answered the others.
//! - Empty lines are skipped. A line has at most 16 MiB.
//! - A line with an unknown member is an error, so that a misspelled option is never ignored.

mod engine;
mod error;
pub(crate) mod identity;
mod issuer;
pub(crate) mod jwks;
pub(crate) mod key;
mod members;
pub(crate) mod post;
pub(crate) mod presign;
mod signers;
mod target;
pub(crate) mod verify;
