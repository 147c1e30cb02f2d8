//! The signer compared with the examples in AWS's documentation, with `aws-sigv4`, with the plain interfaces of `sha2` and
//! `hmac`, and with the single steps of its own `stages` module.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test reports by panicking")]

mod batches;
mod conformance;
mod differential;
mod docs;
mod forms;
mod oracle;
mod stages;
