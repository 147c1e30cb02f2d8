//! Tests the two-step upload design end to end: emulated Cognito and S3, `upsign serve` between them, and the unchanged
//! JavaScript client of the published design, on a page of another origin.

use std::process::Command;

use super::common::{BUCKET, json_output, start_json, text, upload_config, with_credentials};
use super::{Context, StepError};
use crate::process::{failure, free_port, own, root, run, scratch};
use crate::servers::ministack;

pub(super) fn client(context: &Context) -> Result<(), StepError> {
    let tools = &context.tools;
    let chromium = tools.chromium()?;
    let mut node = tools.node()?;
    let python = tools.python("python")?;
    let upsign = context.build.upsign()?;
    let aws = ministack(tools)?;
    let origin = format!("http://127.0.0.1:{}", free_port()?);

    let folder = scratch("two-step")?;
    let mut pool = Command::new(&python);
    let pool = json_output(with_credentials(pool.arg(own("tools/pool.py")).arg(&aws.endpoint)))?;
    std::fs::write(folder.join("upsign.toml"), upload_config(&aws.endpoint, &origin, &pool)?)
        .map_err(failure)?;

    // The bucket gets the CORS configuration that upsign derives from the same file.
    let mut cors = Command::new(&upsign);
    let cors = json_output(cors.args(["documents", "cors"]).current_dir(&folder))?;
    std::fs::write(folder.join("cors.json"), cors.to_string()).map_err(failure)?;
    let mut bucket = Command::new(&python);
    bucket.arg(own("tools/bucket.py")).args([aws.endpoint.as_str(), BUCKET]).arg(folder.join("cors.json"));
    run(with_credentials(&mut bucket))?;

    let mut serve = Command::new(&upsign);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--json"]).current_dir(&folder);
    let (_serve, ready) = start_json(with_credentials(&mut serve))?;
    node.arg(own("browser/two_step.mjs")).arg(text(&ready, "listening")?).arg(&origin);
    node.arg(root().join("crates/upsign-cli/assets/demo.jpg")).arg(&aws.endpoint).arg(BUCKET);
    node.env("ACCESS_TOKEN", text(&pool, "access_token")?).env("CHROMIUM", chromium);
    run(with_credentials(node.env("PYTHON", python).env("READ_BACK", own("tools/read_back.py"))))?;
    Ok(())
}
