//! The architecture, checked by machine, and what other signers signed.
#![expect(clippy::unwrap_used, reason = "a test's panic is its report")]

mod arrows;
mod corpora;
mod manual;
mod sources;
mod suite;
