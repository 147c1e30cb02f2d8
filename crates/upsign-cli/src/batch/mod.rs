//! Presigning by the line: `upsign presign --batch`, `upsign post --batch`.
//!
//! One JSON object a line comes in on standard input, one goes out on standard output, in order, as soon as it is made.
//! A line that cannot be answered gets `{"id","error":{"code","message"}}` and stops nothing; the command then ends
//! with exit code 3. Empty lines are skipped.

mod address;
mod lines;
mod post;
mod refused;
mod sign;
mod url;

pub(crate) use post::batch as post;
pub(crate) use url::batch as presign;
