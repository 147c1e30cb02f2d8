//! Checks the rules of the workspace: which crate may use which, which file may use which API, which compilers and targets
//! the crates need, and that the manual and the READMEs are current. Also compares upsign's signer with test vectors and with
//! requests that other signers signed.
#![expect(clippy::unwrap_used, reason = "a test's panic is its report")]

mod claims;
mod corpora;
mod documentation;
mod examples;
mod hosts;
mod layers;
mod manual;
mod programs;
mod readme;
mod readmes;
mod reference;
mod rust;
mod sources;
mod suite;
mod versions;
mod wasm;
mod words;
mod workspace;
