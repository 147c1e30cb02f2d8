//! Compares the table of file extensions with the npm package from which it was made.

use std::fs;

use super::{Context, StepError};
use crate::process::{failure, own, root};

/// Fails if `crates/upsign-policy/assets/mime_types.txt` is not what `tools/mime-types.mjs` prints for the version of mime-db that
/// `tools/package.json` pins.
pub(super) fn of_mime_db(context: &Context) -> Result<(), StepError> {
    let mut node = context.tools.node()?;
    node.arg(own("tools/mime-types.mjs")).arg(context.tools.node_module(""));
    let output = node.output().map_err(failure)?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() || printed.is_empty() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(StepError::Failed(format!("mime-types.mjs: {errors}")));
    }
    let file = "crates/upsign-policy/assets/mime_types.txt";
    let committed = fs::read_to_string(root().join(file)).map_err(failure)?;
    let different: Vec<&str> =
        committed.lines().filter(|line| !printed.lines().any(|new| new == *line)).collect();
    if committed != printed {
        return Err(StepError::Failed(format!(
            "{file} is not what mime-types.mjs prints; {} lines differ, for example {:?}",
            different.len(),
            different.first()
        )));
    }
    println!("{} types", committed.lines().count());
    Ok(())
}
