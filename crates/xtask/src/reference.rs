//! Writes the pages of the manual that are generated from the code.
//!
//! The tests of two crates generate them, because they can see what the pages list. `cargo test` compares the committed pages.

use crate::process::{Failure, cargo, run};

/// Writes the pages, or compares them.
pub(crate) fn pages(check: bool) -> Result<(), Failure> {
    for (package, target) in [("upsign-cli", ["--bin", "upsign"]), ("upsign-testing", ["--test", "it"])] {
        let mut test = cargo();
        test.args(["test", "--quiet", "--locked", "-p", package]).args(target).arg("reference::");
        test.env("XTASK_REFERENCE", if check { "check" } else { "update" });
        run(&mut test)?;
    }
    Ok(())
}
