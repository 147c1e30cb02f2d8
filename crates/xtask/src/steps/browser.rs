//! Tests the page of `upsign dev` in a real browser.

use std::process::Command;

use super::common::{start_json, text};
use super::{Context, StepError};
use crate::process::{own, root, run};

pub(super) fn dev_page(context: &Context) -> Result<(), StepError> {
    let chromium = context.tools.chromium()?;
    let mut node = context.tools.node()?;
    let mut dev = Command::new(context.build.upsign()?);
    let (_dev, ready) = start_json(dev.args(["dev", "--listen", "127.0.0.1:0", "--json"]))?;
    node.arg(own("browser/dev_page.mjs")).arg(text(&ready, "page")?);
    node.arg(root().join("crates/upsign-cli/assets/demo.jpg")).arg(root().join("target/screenshots"));
    Ok(run(node.env("CHROMIUM", chromium))?)
}
