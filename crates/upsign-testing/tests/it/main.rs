//! The rules of the workspace: which crate may use which, what may stand in which file, which names the manual may mention.
//! And upsign's signer on the requests that other signers signed.
#![expect(clippy::unwrap_used, reason = "a test's panic is its report")]

mod corpora;
mod layers;
mod manual;
mod readmes;
mod rust;
mod sources;
mod suite;
mod words;
mod workspace;
