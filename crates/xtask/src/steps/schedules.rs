//! Runs the unit tests that only exist with `--cfg shuttle`: shuttle schedules their threads and tasks.

use super::{Context, StepError};
use crate::build::target;
use crate::process::{cargo, run};

/// The crates with a file `schedules.rs`.
const CRATES: [&str; 3] = ["upsign-core", "upsign-jwt", "upsign-sigv4"];

/// A target directory of its own, because the flag applies to every crate of the build. Without optimization of the
/// dependencies, whose build would take longer than the tests.
pub(super) fn of_shared_state(_: &Context) -> Result<(), StepError> {
    let mut test = cargo();
    test.args(["test", "--locked", "--lib", "--features", "upsign-core/renewing"]);
    for name in CRATES {
        test.args(["-p", name]);
    }
    test.arg("--target-dir").arg(target().join("schedules")).arg("schedules::");
    // A failure shows the schedule; the stack of the scheduler adds nothing.
    Ok(run(test.env("RUSTFLAGS", "--cfg shuttle").env("RUST_BACKTRACE", "0"))?)
}
