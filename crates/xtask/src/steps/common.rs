//! Helpers of several steps: configuration files, credentials of the emulators, JSON output of programs.

use std::process::Command;

use serde_json::Value;

use crate::process::{Failure, Running, failure};
use crate::servers::{ACCESS_KEY, SECRET_KEY};

pub(super) const BUCKET: &str = "article-images-bucket";

/// Returns the `upsign.toml` of a service whose bucket and user pool are at `endpoint`. `pool` is the output of `pool.py`.
pub(super) fn upload_config(endpoint: &str, origin: &str, pool: &Value) -> Result<String, Failure> {
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
danger_http_keys = true
client_ids = ["{client}"]
token_use = "access"

[cors]
origins = ["{origin}"]
"#
    ))
}

/// Adds the emulators' credentials and region to a program's environment.
pub(super) fn with_credentials(command: &mut Command) -> &mut Command {
    command
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_DEFAULT_REGION", "us-east-1")
}

/// Starts `upsign serve` or `upsign dev` with `--json` and returns the JSON object of its first line.
pub(super) fn start_json(command: &mut Command) -> Result<(Running, Value), Failure> {
    let (running, line) = Running::start_until_ready(command)?;
    Ok((running, serde_json::from_str(&line).map_err(failure)?))
}

/// Runs a program that prints one JSON document.
pub(super) fn json_output(command: &mut Command) -> Result<Value, Failure> {
    let output = command.output().map_err(failure)?;
    let errors = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).map_err(|error| format!("{error}: {errors}"))
}

/// Returns a text member of a JSON object.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, Failure> {
    value.get(name).and_then(Value::as_str).ok_or_else(|| format!("no text member {name:?} in {value}"))
}
