//! The API's committed description, put to the server by somebody else's judge: schemathesis sends what the description
//! allows and what it does not, and compares every answer with it.

use std::process::Command;

use serde_json::Value;

use super::Ended;
use super::article::{config, keys, output, text};
use super::browser::upsign;
use crate::process::{Running, cargo, own, root, run};
use crate::servers::ministack;
use crate::tools::Tools;

pub(crate) fn schemathesis(tools: &Tools) -> Result<(), Ended> {
    let python = tools.python("python")?;
    let judge = tools.http_python("schemathesis")?;
    run(cargo().args(["build", "--locked", "-p", "upsign-cli"]))?;
    let aws = ministack(tools)?;
    let folder = root().join("target/tools-run/contract");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let pool = output(keys(Command::new(python).arg(own("tools/pool.py")).arg(&aws.endpoint)))?;
    let configured = config(&aws.endpoint, "https://app.example.com", &pool)?;
    std::fs::write(folder.join("upsign.toml"), configured).map_err(|error| error.to_string())?;
    let mut serve = upsign();
    let serve = keys(serve.args(["serve", "--listen", "127.0.0.1:0", "--json"]).current_dir(&folder));
    let (_serve, ready) = Running::start_told(serve)?;
    let ready: Value = serde_json::from_str(&ready).map_err(|error| error.to_string())?;

    let mut command = Command::new(judge);
    command.arg("--config-file").arg(own("tools/schemathesis.toml")).arg("run");
    command.arg(root().join("crates/upsign-http/openapi.json")).args(["--url", text(&ready, "listening")?]);
    command.arg("--header").arg(format!("Authorization: Bearer {}", text(&pool, "access_token")?));
    // The same cases each time, and no files left behind.
    command.args(["--max-examples", "200", "--seed", "1", "--generation-database", "none", "--no-color"]);
    Ok(run(command.current_dir(&folder))?)
}
