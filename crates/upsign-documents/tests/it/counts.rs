//! Writes what the tests with counts have checked to files. `cargo xtask test` prints them after the run.

use std::path::Path;

/// Writes one line to `counts/NAME` in the folder of cargo for the files of tests. `cargo xtask test` names each file.
pub(crate) fn write(name: &str, line: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("counts");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), line).unwrap();
}
