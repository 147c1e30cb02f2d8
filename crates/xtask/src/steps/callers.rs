//! Runs the examples of the manual's page about programs, as printed, against `upsign dev`: curl, Python, Node.js and Rust.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::common::{start_json, text};
use super::{Context, StepError};
use crate::process::{Failure, failure, root, scratch, which};
use crate::tools::{Missing, system};

const PAGE: &str = "crates/upsign/src/manual/howto/programs.rs";
const EXAMPLE: &str = "crates/upsign-client/examples/upload.rs";

/// The unnamed route of the examples, and one for parts.
const CONFIG: &str = r#"[bucket]
name = "callers-bucket"
region = "eu-central-1"

[upload]
key = "articles/{article_id}/raw/{id}.{ext}"
ids = ["article_id"]
types = ["image/jpeg"]
max_size = "10 MiB"
bodyless = "refuse"

[route.videos]
key = "videos/{id}.{ext}"
types = ["video/mp4"]
max_size = "1 GiB"
bodyless = "refuse"
multipart = "auto"
part_size = "5 MiB"

[token]
keys = ["env:UPSIGN_TOKEN_SECRET"]

[auth]
user_pool = "eu-central-1_AbCdEf123"
client_ids = ["client"]
token_use = "access"

[cors]
origins = ["https://app.example.com"]
"#;

/// What an application would write around the example for parts: a call of it.
const IN_PARTS: &str = r#"
print(upload_in_parts("video.mp4", "video/mp4", "videos"))
"#;

pub(super) fn of_the_manual(context: &Context) -> Result<(), StepError> {
    let python = context.tools.python("python")?;
    let node = which("node").ok_or_else(|| Missing::new("node", "Node.js 20"))?;
    for program in ["curl", "jq"] {
        system(program, program)?;
    }
    let folder = scratch("callers")?;
    fs::write(folder.join("upsign.toml"), CONFIG).map_err(failure)?;
    fs::copy(root().join("crates/upsign-cli/assets/demo.jpg"), folder.join("photo.jpg")).map_err(failure)?;
    // More than two parts, of which the last is short.
    fs::write(folder.join("video.mp4"), vec![7; (11 << 20) + 1]).map_err(failure)?;
    let examples = examples(&fs::read_to_string(root().join(PAGE)).map_err(failure)?);
    let example = |name: &str| examples.get(name).ok_or_else(|| format!("{PAGE} has no example {name}"));
    fs::write(folder.join("upload.sh"), format!("set -euo pipefail\n{}", example("curl")?))
        .map_err(failure)?;
    fs::write(folder.join("upload.py"), example("Python")?).map_err(failure)?;
    let (module, _) = example("Python")?.split_once("if __name__").unwrap_or_default();
    let parts = format!("{module}{}{IN_PARTS}", example("In parts")?);
    fs::write(folder.join("parts.py"), parts).map_err(failure)?;
    fs::write(folder.join("upload.mjs"), example("Node.js")?).map_err(failure)?;
    is_the_example(example("Rust")?)?;
    let program = context.build.example("upsign-client", "upload")?;

    let mut dev = Command::new(context.build.upsign()?);
    dev.args(["dev", "--listen", "127.0.0.1:0", "--json", "--config"]).arg(folder.join("upsign.toml"));
    let (_dev, ready) = start_json(&mut dev)?;
    let token = Command::new("curl").args(["-sS", text(&ready, "token")?]).output().map_err(failure)?;
    let token = String::from_utf8_lossy(&token.stdout).trim().to_owned();
    let run = |program: &Path, arguments: &[&str]| -> Result<(), Failure> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&folder).env("API", text(&ready, "api")?).env("TOKEN", &token);
        let output = command.output().map_err(failure)?;
        let (printed, errors) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let key = printed.lines().last().unwrap_or_default();
        if output.status.success() && (key.starts_with("articles/") || key.starts_with("videos/")) {
            println!("{arguments:?}: {key}");
            return Ok(());
        }
        Err(format!("{} {arguments:?}: {}\n{printed}{errors}", program.display(), output.status))
    };
    run(Path::new("bash"), &["upload.sh"])?;
    run(&python, &["upload.py", "photo.jpg"])?;
    run(&python, &["parts.py"])?;
    run(&node, &["upload.mjs", "photo.jpg"])?;
    run(&program, &["photo.jpg"])?;
    Ok(())
}

/// Returns the examples of a page by the titles of their sections.
fn examples(page: &str) -> BTreeMap<String, String> {
    let (mut examples, mut title, mut is_open) = (BTreeMap::new(), String::new(), false);
    for line in page.lines().filter_map(|line| line.strip_prefix("//!")) {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.starts_with("```") {
            is_open = !is_open;
        } else if is_open {
            let example: &mut String = examples.entry(title.clone()).or_default();
            example.push_str(line);
            example.push('\n');
        } else if line.starts_with('#') {
            line.trim_start_matches('#').trim().clone_into(&mut title);
        }
    }
    examples
}

/// The page prints the example of the client, without its first lines.
fn is_the_example(printed: &str) -> Result<(), Failure> {
    let example = fs::read_to_string(root().join(EXAMPLE)).map_err(failure)?;
    match example.split_once("\n\n") {
        Some((_, code)) if code == printed => Ok(()),
        _ => Err(format!("{PAGE} prints another example than {EXAMPLE}")),
    }
}
