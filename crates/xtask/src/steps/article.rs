//! The article, as its reader has it: Cognito and S3 (emulated), `upsign serve` between them, and the article's own
//! JavaScript client on a page of another origin, unchanged.

use std::process::Command;

use serde_json::Value;

use super::Ended;
use super::browser::upsign;
use crate::process::{Running, cargo, free_port, own, root, run};
use crate::servers::{ACCESS_KEY, SECRET_KEY, ministack};
use crate::tools::Tools;

const BUCKET: &str = "article-images-bucket";

pub(crate) fn client(tools: &Tools) -> Result<(), Ended> {
    let chromium = tools.chromium()?;
    let mut node = tools.node()?;
    let python = tools.python("python")?;
    run(cargo().args(["build", "--locked", "-p", "upsign-cli"]))?;
    let aws = ministack(tools)?;
    let origin = format!("http://127.0.0.1:{}", free_port()?);

    let folder = root().join("target/tools-run/article");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let mut pool = Command::new(&python);
    pool.arg(own("tools/pool.py")).arg(&aws.endpoint);
    let pool = output(keys(&mut pool))?;
    std::fs::write(folder.join("upsign.toml"), config(&aws.endpoint, &origin, &pool)?)
        .map_err(|e| e.to_string())?;

    // The bucket gets the CORS document that the same file gives.
    let mut cors = upsign();
    let cors = output(cors.args(["documents", "cors"]).current_dir(&folder))?;
    std::fs::write(folder.join("cors.json"), cors.to_string()).map_err(|error| error.to_string())?;
    let mut bucket = Command::new(&python);
    bucket.arg(own("tools/bucket.py")).args([aws.endpoint.as_str(), BUCKET]).arg(folder.join("cors.json"));
    run(keys(&mut bucket))?;

    let mut serve = upsign();
    let serve = keys(serve.args(["serve", "--listen", "127.0.0.1:0", "--json"]).current_dir(&folder));
    let (_serve, ready) = Running::start_told(serve)?;
    let ready: Value = serde_json::from_str(&ready).map_err(|error| error.to_string())?;
    node.arg(own("browser/article_client.mjs")).arg(text(&ready, "listening")?).arg(&origin);
    node.arg(root().join("crates/upsign-cli/assets/demo.jpg")).arg(&aws.endpoint).arg(BUCKET);
    node.env("ACCESS_TOKEN", text(&pool, "access_token")?).env("CHROMIUM", chromium);
    run(keys(node.env("PYTHON", python).env("READ_BACK", own("tools/read_back.py"))))?;
    Ok(())
}

pub(super) fn config(endpoint: &str, origin: &str, pool: &Value) -> Result<String, String> {
    let (issuer, id, client) = (text(pool, "issuer")?, text(pool, "pool")?, text(pool, "client")?);
    Ok(format!(
        r#"[bucket]
name = "{BUCKET}"
region = "us-east-1"
endpoint = "{endpoint}"

[upload]
key = "articles/{{article_id}}/raw/{{id}}.{{ext}}"
ids = ["article_id"]
types = ["image/jpeg", "image/png", "image/webp"]
max_size = "10 MiB"
bodyless = "allow"

[auth]
issuer = "{issuer}"
jwks_uri = "{endpoint}/{id}/.well-known/jwks.json"
danger_http_issuer = true
client_ids = ["{client}"]
token_use = "access"

[cors]
origins = ["{origin}"]
"#
    ))
}

pub(super) fn keys(command: &mut Command) -> &mut Command {
    command
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_DEFAULT_REGION", "us-east-1")
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, String> {
    value.get(name).and_then(Value::as_str).ok_or_else(|| format!("no {name} in {value}"))
}

pub(super) fn output(command: &mut Command) -> Result<Value, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let errors = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).map_err(|error| format!("{error}: {errors}"))
}
