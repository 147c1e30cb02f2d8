//! Files as people have them, in a real browser: recordings, files of unknown types, and the corpora of hosts and content types.

use std::fs;
use std::process::Command;

use super::common::{start_json, text};
use super::{Context, StepError};
use crate::process::{failure, own, root, run, scratch};

/// A route for any file, and routes for recordings by PUT and by form.
const CONFIG: &str = r#"
[bucket]
name = "files-bucket"
region = "eu-central-1"

[route.any]
key = "any/{id}.{ext}"
types = "any"
max_size = "10 MiB"
bodyless = "refuse"

[route.recordings]
key = "recordings/{id}.{ext}"
types = ["video/*", "audio/*"]
max_size = "10 MiB"
bodyless = "refuse"

[route.forms]
key = "forms/{id}.{ext}"
types = ["video/webm", "video/mp4", "video/matroska", "audio/webm", "audio/mp4"]
max_size = "10 MiB"
bodyless = "refuse"
method = "post"

[auth]
user_pool = "eu-central-1_AbCdEf123"
client_ids = ["client"]
token_use = "id"

[cors]
origins = ["https://app.example.com"]
"#;

/// Records with MediaRecorder, and uploads recordings and odd files through `upsign dev`.
pub(super) fn recordings(context: &Context) -> Result<(), StepError> {
    let file = scratch("dev-files")?.join("upsign.toml");
    fs::write(&file, CONFIG).map_err(failure)?;
    let mut dev = Command::new(context.build.upsign()?);
    let dev = dev.args(["dev", "--listen", "127.0.0.1:0", "--json", "--config"]).arg(&file);
    let (_dev, ready) = start_json(dev)?;
    let mut node = context.tools.node()?;
    node.arg(own("browser/recordings.mjs")).arg(text(&ready, "page")?);
    Ok(run(node.env("CHROMIUM", context.tools.chromium()?))?)
}

/// Compares the corpora of hosts and content types with what the browser does.
pub(super) fn corpora(context: &Context) -> Result<(), StepError> {
    let vectors = root().join("crates/upsign-testing/vectors");
    let mut node = context.tools.node()?;
    node.arg(own("browser/corpora.mjs")).arg(vectors.join("hosts.json"));
    node.arg(vectors.join("content_types.json"));
    Ok(run(node.env("CHROMIUM", context.tools.chromium()?))?)
}
