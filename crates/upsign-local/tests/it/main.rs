//! Tests of the embedded servers over HTTP. `aws-sigv4`, not this workspace, signs the requests.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a panic is how a test reports a failure, and s3s compares signatures with the system clock"
)]

mod bodies;
mod concurrency;
mod copies;
mod cors;
mod echoes;
#[cfg(feature = "faults")]
mod faults;
mod files;
mod forms;
mod grants;
mod hostile_forms;
mod keys;
mod lifecycle;
mod listing;
mod multipart;
mod mutations;
mod notifications;
mod objects;
mod openid;
mod part_checksums;
mod pool;
mod rejections;
mod secrets;
mod sign;
mod stored_headers;
mod support;
mod tags;
mod versions;
