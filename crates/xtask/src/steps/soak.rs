//! Runs `upsign serve` under load while its credentials provider, its key endpoint and its log reader fail.

use std::process::Command;

use super::{Context, StepError};
use crate::build::{Build, binary};
use crate::process::{Failure, run as run_to_end};

/// The length of the step in `cargo xtask test`.
const MINUTES: f64 = 3.0;

pub(super) fn short(context: &Context) -> Result<(), StepError> {
    Ok(run(context.build, MINUTES)?)
}

/// Runs the soak for this time.
pub(crate) fn run(build: Build, minutes: f64) -> Result<(), Failure> {
    // The provider chain, from which the server takes credentials that end, is a feature.
    let upsign = build.upsign_with_all_features()?;
    build.binaries(&["upsign-bench-runtimes"], &["soak"], &[])?;
    run_to_end(Command::new(binary("debug", "soak")).arg(upsign).arg(minutes.to_string()))
}
