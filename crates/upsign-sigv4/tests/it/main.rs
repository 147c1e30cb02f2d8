//! The signer against the documentation's numbers and against itself, stage by stage.
#![expect(clippy::unwrap_used, reason = "a test's panic is its report")]

mod conformance;
mod docs;
mod stages;
