//! The page of `upsign dev` as people use it, in a real browser: several files, pauses and cancelled uploads, a browser that is offline,
//! a phone with a large file, a configuration that is saved, and a server that is started again.

use std::fs;
use std::process::Command;

use super::common::{start_json, text};
use super::{Context, StepError};
use crate::process::{failure, own, root, run, scratch};

/// A route with parts for photos, films and documents.
const CONFIG: &str = include_str!("../../browser/dev_people.toml");

pub(super) fn page(context: &Context) -> Result<(), StepError> {
    let (upsign, chromium) = (context.build.upsign()?, context.tools.chromium()?);
    let screenshots = root().join("target/screenshots");
    let file = scratch("browser-dev")?.join("upsign.toml");
    fs::write(&file, CONFIG).map_err(failure)?;
    let mut dev = Command::new(&upsign);
    let (_dev, ready) =
        start_json(dev.args(["dev", "--listen", "127.0.0.1:0", "--json", "--config"]).arg(&file))?;
    let page = text(&ready, "page")?;
    let script = |name: &str| -> Result<Command, StepError> {
        let mut node = context.tools.node()?;
        node.arg(own(name)).env("CHROMIUM", &chromium);
        Ok(node)
    };
    let photo = root().join("crates/upsign-cli/assets/demo.jpg");
    run(script("browser/dev_uploads.mjs")?.arg(page).arg(photo).arg(&screenshots))?;
    run(script("browser/dev_phone.mjs")?.arg(page).arg(&screenshots))?;
    Ok(run(script("browser/dev_live.mjs")?.arg(upsign).arg(&screenshots))?)
}
