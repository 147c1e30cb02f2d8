//! Runs the tests of the example `confirm` with PostgreSQL in addition to SQLite.

use super::{Context, StepError};
use crate::build::Build;
use crate::postgres;
use crate::process::{cargo, run};

pub(super) fn example(context: &Context) -> Result<(), StepError> {
    let server = postgres::start()?;
    let packages: &[&str] = match context.build {
        Build::Package => &["-p", "example-confirm"],
        Build::Workspace => &["--workspace"],
    };
    let mut test = cargo();
    test.args(["test", "--locked"]).args(packages).args(["--all-features", "--bin", "example-confirm"]);
    // `CREATE TABLE IF NOT EXISTS` fails if another connection creates the table at the same time.
    test.args(["--", "--test-threads=1"]);
    Ok(run(test.env("TEST_POSTGRES", &server.url))?)
}
