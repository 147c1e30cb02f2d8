//! The command as a person runs it: what it prints and how it exits.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

mod batch;
mod corpora;
mod demo;
mod dev;
mod documents;
mod judge;
mod policy;
mod presign;
#[cfg(feature = "chain")]
mod roles;
mod run;
mod secrecy;
mod serve;
mod strangers;
mod verify;
