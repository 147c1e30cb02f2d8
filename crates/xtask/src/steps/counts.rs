//! Runs the tests of the workspace and prints what those with counts have checked.

use std::path::Path;

use crate::build::target;
use crate::process::{Failure, cargo, failure, run};

/// The tests of upsign-documents that write a line with counts. A test that does not run writes none.
const COUNTED: [&str; 11] = [
    "agreement of documents and policies",
    "mutations of SAM in JSON",
    "mutations of SAM in YAML",
    "mutations of Terraform in HCL",
    "mutations of Terraform in JSON",
    "mutations of single documents",
    "mutations of single documents in XML",
    "neutral variants of stacks",
    "additions to single documents",
    "additions to stacks",
    "additions to answers of AWS",
];

/// Runs every test that needs only Rust.
pub(super) fn of_the_workspace() -> Result<(), Failure> {
    // Cargo gives integration tests this folder as `CARGO_TARGET_TMPDIR`.
    let folder = target().join("tmp/counts");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(failure)?;
    }
    run(cargo().args(["test", "--workspace", "--all-features", "--locked"]))?;
    println!("{}", table(&folder)?);
    Ok(())
}

/// Returns the counts as one line per test.
fn table(folder: &Path) -> Result<String, Failure> {
    let line = |name: &&str| match std::fs::read_to_string(folder.join(name)) {
        Ok(counts) => Ok(format!("{name}: {counts}")),
        Err(error) => Err(format!("no counts of the {name}: {error}")),
    };
    Ok(COUNTED.iter().map(line).collect::<Result<Vec<_>, _>>()?.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_counts_are_a_failure() {
        let folder = std::env::temp_dir().join(format!("xtask-counts-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap_or_default();
        for name in COUNTED {
            let absent = table(&folder).err().unwrap_or_default();
            assert!(absent.starts_with(&format!("no counts of the {name}")), "{absent}");
            std::fs::write(folder.join(name), "7 mutants").unwrap_or_default();
        }
        let table = table(&folder).unwrap_or_default();
        assert_eq!(table.lines().filter(|line| line.ends_with(": 7 mutants")).count(), COUNTED.len());
        drop(std::fs::remove_dir_all(folder));
    }
}
