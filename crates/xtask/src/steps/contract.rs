//! Tests `upsign serve` against the OpenAPI description that it derives from its configuration: schemathesis sends requests that
//! the description allows and requests that it does not, and compares every response with the description.

use std::path::Path;
use std::process::Command;

use super::common::{json_output, start_json, text, upload_config, with_credentials};
use super::{Context, StepError};
use crate::process::{Failure, failure, own, run, scratch};
use crate::servers::ministack;

/// A second and a third route, which have every member of a request that the first one lacks.
const ROUTES: &str = r#"
[route.photos]
key = "photos/{sub}/{id}.{ext}"
types = ["image/jpeg", "image/png"]
max_size = "5 MiB"
bodyless = "refuse"
checksums = ["sha256", "crc32c"]
require_checksum = true
client_metadata = ["title"]
client_tags = true

[route.documents]
method = "post"
no_overwrite = false
key = "documents/{id}-{filename}"
types = ["text/plain", "application/json"]
min_size = "10 bytes"
max_size = "1 MiB"
bodyless = "refuse"
disposition = "from-client"
"#;

pub(super) fn schemathesis(context: &Context) -> Result<(), StepError> {
    let tools = &context.tools;
    let python = tools.python("python")?;
    let schemathesis = tools.http_python("schemathesis")?;
    let upsign = context.build.upsign()?;
    let aws = ministack(tools)?;
    let mut pool = Command::new(python);
    let pool = json_output(with_credentials(pool.arg(own("tools/pool.py")).arg(&aws.endpoint)))?;
    let one_route = upload_config(&aws.endpoint, "https://app.example.com", &pool)?;
    let token = text(&pool, "access_token")?;
    for (name, config) in [("one-route", one_route.clone()), ("three-routes", one_route + ROUTES)] {
        compare(&upsign, &schemathesis, name, &config, token)?;
    }
    Ok(())
}

/// Runs the service with a configuration and compares it with the description that it prints.
fn compare(upsign: &Path, schemathesis: &Path, name: &str, config: &str, token: &str) -> Result<(), Failure> {
    let folder = scratch(&format!("contract-{name}"))?;
    std::fs::write(folder.join("upsign.toml"), config).map_err(failure)?;
    let mut print = Command::new(upsign);
    let description = json_output(print.args(["serve", "--print-openapi"]).current_dir(&folder))?;
    std::fs::write(folder.join("openapi.json"), description.to_string()).map_err(failure)?;
    let mut serve = Command::new(upsign);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--json"]).current_dir(&folder);
    let (_serve, ready) = start_json(with_credentials(&mut serve))?;

    let mut command = Command::new(schemathesis);
    command.arg("--config-file").arg(own("tools/schemathesis.toml")).args(["run", "openapi.json"]);
    command.args(["--url", text(&ready, "listening")?]);
    command.arg("--header").arg(format!("Authorization: Bearer {token}"));
    // A fixed seed and no database: every run sends the same requests and leaves no files behind.
    command.args(["--max-examples", "200", "--seed", "1", "--generation-database", "none", "--no-color"]);
    run(command.current_dir(&folder))
}
