//! The embedded servers over real HTTP, asked with URLs that `aws-sigv4` signed.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test's panic is its report, and s3s holds signatures against the real clock"
)]

mod bodies;
mod cors;
mod echo;
mod forms;
mod keys;
mod multipart;
mod mutations;
mod objects;
mod pool;
mod race;
mod refusals;
mod secrets;
mod servers;
mod sign;
mod support;
