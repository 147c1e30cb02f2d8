//! Experiments against a scripted store and the embedded server.
#![expect(clippy::unwrap_used, reason = "a test's panic is its report")]

mod cleanup;
mod findings;
mod script;
