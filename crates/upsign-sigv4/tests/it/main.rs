//! The signer against the documentation's numbers, against `aws-sigv4`, and against itself, stage by stage.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

mod conformance;
mod differential;
mod docs;
mod many;
mod oracle;
mod stages;
