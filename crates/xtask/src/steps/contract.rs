//! Tests `upsign serve` against the committed OpenAPI description: schemathesis sends requests that the description allows and
//! requests that it does not, and compares every response with the description.

use std::process::Command;

use super::common::{json_output, start_json, text, upload_config, with_credentials};
use super::{Context, StepError};
use crate::process::{failure, own, root, run, scratch};
use crate::servers::ministack;

pub(super) fn schemathesis(context: &Context) -> Result<(), StepError> {
    let tools = &context.tools;
    let python = tools.python("python")?;
    let schemathesis = tools.http_python("schemathesis")?;
    let upsign = context.build.upsign()?;
    let aws = ministack(tools)?;
    let folder = scratch("contract")?;
    let mut pool = Command::new(python);
    let pool = json_output(with_credentials(pool.arg(own("tools/pool.py")).arg(&aws.endpoint)))?;
    let config = upload_config(&aws.endpoint, "https://app.example.com", &pool)?;
    std::fs::write(folder.join("upsign.toml"), config).map_err(failure)?;
    let mut serve = Command::new(upsign);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--json"]).current_dir(&folder);
    let (_serve, ready) = start_json(with_credentials(&mut serve))?;

    let mut command = Command::new(schemathesis);
    command.arg("--config-file").arg(own("tools/schemathesis.toml")).arg("run");
    command.arg(root().join("crates/upsign-http/openapi.json")).args(["--url", text(&ready, "listening")?]);
    command.arg("--header").arg(format!("Authorization: Bearer {}", text(&pool, "access_token")?));
    // A fixed seed and no database: every run sends the same requests and leaves no files behind.
    command.args(["--max-examples", "200", "--seed", "1", "--generation-database", "none", "--no-color"]);
    Ok(run(command.current_dir(&folder))?)
}
