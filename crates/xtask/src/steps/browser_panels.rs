//! What the page of `upsign dev` says about an upload, in Chromium, and the programs that it offers, run as printed.

use std::fs;
use std::process::Command;

use super::common::{start_json, text};
use super::{Context, StepError};
use crate::process::{failure, own, root, run, scratch};
use crate::tools::system;

/// Routes by PUT, by form, in parts, and with an inspection; for texts also one that requires a checksum.
const CONFIG: &str = r#"[bucket]
name = "documents-bucket"
region = "eu-central-1"

[route.photos]
key = "photos/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "refuse"

[route.form]
key = "forms/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "refuse"
method = "post"

[route.videos]
key = "videos/{id}.{ext}"
types = ["video/mp4"]
max_size = "1 GiB"
bodyless = "refuse"
multipart = "auto"
multipart_above = "5 MiB"
part_size = "5 MiB"

[route.checked]
key = "checked/{id}.{ext}"
pending_key = "pending/checked/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "refuse"
confirm = true
inspect = "magic"

[route.hashed]
key = "hashed/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "refuse"
checksums = ["sha256"]
require_checksum = true

[token]
keys = ["env:UPSIGN_TOKEN_SECRET"]

[auth]
user_pool = "eu-central-1_AbCdEf123"
client_ids = ["client"]
token_use = "access"

[cors]
origins = ["https://app.example.com"]
"#;

pub(super) fn panels(context: &Context) -> Result<(), StepError> {
    let folder = scratch("dev-panels")?;
    fs::write(folder.join("upsign.toml"), CONFIG).map_err(failure)?;
    for program in ["curl", "jq"] {
        system(program, program)?;
    }
    let mut dev = Command::new(context.build.upsign()?);
    dev.args([
        "dev",
        "--listen",
        "127.0.0.1:0",
        "--json",
        "--config",
        "upsign.toml",
        "--user=alice",
        "--user=bob",
    ]);
    let (_dev, ready) = start_json(dev.current_dir(&folder))?;
    let (page, photo) = (text(&ready, "page")?, root().join("crates/upsign-cli/assets/demo.jpg"));
    let screenshots = root().join("target/screenshots");

    let mut node = context.tools.node()?;
    node.arg(own("browser/dev_panels.mjs")).arg(page).arg(&photo).arg(&screenshots);
    run(node.env("CHROMIUM", context.tools.chromium()?))?;

    let mut node = context.tools.node()?;
    node.arg(own("browser/dev_parts.mjs")).arg(page).arg(&screenshots);
    run(node.env("CHROMIUM", context.tools.chromium()?))?;

    let mut node = context.tools.node()?;
    node.arg(own("browser/dev_snippets.mjs")).arg(page).arg(&photo).arg(folder.join("texts"));
    node.args(["photos", "form", "checked", "hashed"]).env("PYTHON", context.tools.python("python")?);
    Ok(run(node.env("CHROMIUM", context.tools.chromium()?))?)
}
