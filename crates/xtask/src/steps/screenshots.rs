//! The pictures of the page of `upsign dev` that the README and the manual show.

use std::fs;
use std::process::Command;

use super::common::{start_json, text};
use crate::build::Build;
use crate::process::{Failure, failure, own, root, run};
use crate::tools::{Missing, Tools};

/// Where the pictures are. The manual shows them from the repository, because documentation of Rust has no files of its own.
const FOLDER: &str = "crates/upsign/src/manual/pictures";

/// Writes the pictures. Each run gives other keys and times, so that two runs never write the same bytes.
pub(crate) fn write(build: Build) -> Result<(), Failure> {
    let folder = root().join(FOLDER);
    fs::create_dir_all(&folder).map_err(failure)?;
    let (tools, upsign) = (Tools::new(), build.upsign()?);
    let dev = |config: Option<&str>| {
        let mut dev = Command::new(&upsign);
        dev.args(["dev", "--listen", "127.0.0.1:0", "--json"]);
        if let Some(config) = config {
            dev.arg("--config").arg(own(config));
        }
        start_json(&mut dev)
    };
    let (_photos, photos) = dev(None)?;
    let (_parts, parts) = dev(Some("browser/dev_people.toml"))?;
    let missing = |Missing { component, remedy }| format!("{component} is missing: {remedy}");
    let mut node = tools.node().map_err(missing)?;
    node.arg(own("browser/screenshots.mjs")).arg(text(&photos, "page")?).arg(text(&parts, "page")?);
    node.arg(root().join("crates/upsign-cli/assets/demo.jpg")).arg(&folder);
    run(node.env("CHROMIUM", tools.chromium().map_err(missing)?))
}
