//! The signers compared with google-cloud-storage for Python, what they refuse, and how keys are read.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test reports by panicking")]

mod keys;
mod refused;
mod vectors;
