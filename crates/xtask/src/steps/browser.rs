//! The page of `upsign dev`, in a real browser.

use serde_json::Value;

use super::Ended;
use crate::process::{Running, cargo, own, root, run};
use crate::tools::Tools;

pub(crate) fn dev_page(tools: &Tools) -> Result<(), Ended> {
    let chromium = tools.chromium()?;
    let mut node = tools.node()?;
    run(cargo().args(["build", "--locked", "-p", "upsign-cli"]))?;
    let mut dev = upsign();
    let (_dev, ready) = Running::start_told(dev.args(["dev", "--listen", "127.0.0.1:0", "--json"]))?;
    let ready: Value = serde_json::from_str(&ready).map_err(|error| error.to_string())?;
    let page = ready
        .get("page")
        .and_then(Value::as_str)
        .ok_or_else(|| "upsign dev told no page".to_owned())?
        .to_owned();
    node.arg(own("browser/dev_page.mjs")).arg(page).arg(root().join("crates/upsign-cli/assets/demo.jpg"));
    Ok(run(node.arg(root().join("target/screenshots")).env("CHROMIUM", chromium))?)
}

/// The command as it was built last.
pub(crate) fn upsign() -> std::process::Command {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    std::process::Command::new(root().join(target).join("debug/upsign"))
}
