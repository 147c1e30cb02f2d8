//! Scans uploads with ClamAV: the tests of the example `scanner`, with the real daemon and a signature of the test.

use super::{Context, StepError};
use crate::build::Build;
use crate::process::{cargo, run};
use crate::tools::system;

pub(super) fn clamav(context: &Context) -> Result<(), StepError> {
    // The program is in `/usr/sbin`, where the test starts it.
    system("clamd", "clamav-daemon")?;
    let packages: &[&str] = match context.build {
        Build::Package => &["-p", "example-scanner"],
        Build::Workspace => &["--workspace"],
    };
    let mut test = cargo();
    test.args(["test", "--locked"]).args(packages).args(["--all-features", "--bin", "scanner"]);
    Ok(run(test.env("TEST_CLAMD", "required"))?)
}
