//! Runs the unit tests that only exist with `--cfg shuttle`: shuttle schedules their threads and tasks.

use std::env;
use std::process::{Command, ExitCode};

use super::{Context, StepError};
use crate::process::{cargo, failure, run};

/// The crates with a file `schedules.rs`.
const CRATES: [&str; 3] = ["upsign-core", "upsign-jwt", "upsign-sigv4"];

/// If set, this program stands in for rustc: it compiles a crate of the workspace with `--cfg shuttle`. With `RUSTFLAGS`, every
/// dependency would be compiled again too.
const WRAPPED: &str = "XTASK_SHUTTLE";

pub(super) fn of_shared_state(_: &Context) -> Result<(), StepError> {
    let mut test = cargo();
    test.args(["test", "--locked", "--lib", "--features", "upsign-core/renewing"]);
    for name in CRATES {
        test.args(["-p", name]);
    }
    // They are compiled here only, and their scheduler takes most of the time of the tests.
    for name in ["shuttle-engine", "shuttle-schedulers", "shuttle-std", "corosensei", "upsign-jwt"] {
        test.arg("--config").arg(format!("profile.dev.package.{name}.opt-level=2"));
    }
    test.env("RUSTC_WORKSPACE_WRAPPER", env::current_exe().map_err(failure)?).env(WRAPPED, "1");
    // A failure shows the schedule; the stack of the scheduler adds nothing.
    Ok(run(test.arg("schedules::").env("RUST_BACKTRACE", "0"))?)
}

/// Returns the exit code of rustc if this process was started as its wrapper. The first argument is the path of rustc.
pub(crate) fn forwarded() -> Option<ExitCode> {
    env::var_os(WRAPPED)?;
    let mut arguments = env::args_os().skip(1);
    let status = Command::new(arguments.next()?).args(arguments).args(["--cfg", "shuttle"]).status();
    let code = status.ok().and_then(|status| status.code()).and_then(|code| u8::try_from(code).ok());
    Some(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
