//! Multipart uploads of a page in a real browser, under the CORS rules that upsign generates: to the embedded store and to SeaweedFS.

use std::path::Path;
use std::process::Command;

use super::common::{BUCKET, json_output, start_json, text, with_credentials};
use super::{Context, StepError};
use crate::process::{Failure, failure, free_port, own, run, scratch};
use crate::servers::{ministack, seaweedfs};

/// The policy, which does not depend on the store.
const UPLOAD: &str = r#"[upload]
key = "files/{id}"
types = ["application/octet-stream"]
max_size = "1 GiB"
bodyless = "refuse"
multipart = "always"
part_size = "5 MiB"
"#;

pub(super) fn page(context: &Context) -> Result<(), StepError> {
    let folder = scratch("browser-multipart")?;
    embedded(context, &folder)?;
    seaweed(context, &folder)
}

/// Uploads through `upsign dev`, whose store has the rules of the configuration.
fn embedded(context: &Context, folder: &Path) -> Result<(), StepError> {
    let port = free_port()?;
    let auth = "user_pool = \"us-east-1_AbCdEf123\"\nclient_ids = [\"3n4b5urk1ft4fl3mg5e62d9ado\"]\n";
    write_config(folder, "", auth, port)?;
    let mut dev = Command::new(context.build.upsign()?);
    dev.args(["dev", "--config", "upsign.toml", "--listen", "127.0.0.1:0", "--json"]).current_dir(folder);
    let (_dev, ready) = start_json(&mut dev)?;
    println!("embedded:");
    upload(context, text(&ready, "api")?, text(&ready, "token")?, port)
}

/// Uploads through `upsign serve` to a bucket of SeaweedFS with the printed rules. The tokens are those of an emulated user pool.
fn seaweed(context: &Context, folder: &Path) -> Result<(), StepError> {
    let (port, python, upsign) = (free_port()?, context.tools.python("python")?, context.build.upsign()?);
    let (weed, pools) = (seaweedfs(&context.tools)?, ministack(&context.tools)?);
    let mut pool = Command::new(&python);
    let pool = json_output(with_credentials(pool.arg(own("tools/pool.py")).arg(&pools.endpoint)))?;
    let auth = format!(
        "issuer = \"{}\"\njwks_uri = \"{}/{}/.well-known/jwks.json\"\ndanger_http_keys = true\nclient_ids = [\"{}\"]\n",
        text(&pool, "issuer")?,
        pools.endpoint,
        text(&pool, "pool")?,
        text(&pool, "client")?
    );
    let store = format!(
        "provider = \"seaweedfs\"\nendpoint = \"{}\"\n[token]\nkeys = [\"env:TOKEN_SECRET\"]\n",
        weed.endpoint
    );
    write_config(folder, &store, &auth, port)?;

    let mut cors = Command::new(&upsign);
    let cors = json_output(cors.args(["documents", "cors"]).current_dir(folder))?;
    std::fs::write(folder.join("cors.json"), cors.to_string()).map_err(failure)?;
    let mut bucket = Command::new(&python);
    bucket.arg(own("tools/bucket.py")).args([weed.endpoint.as_str(), BUCKET]).arg(folder.join("cors.json"));
    run(with_credentials(&mut bucket))?;

    let mut serve = Command::new(&upsign);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--json"]).current_dir(folder);
    serve.env("TOKEN_SECRET", "a secret of this test, with 32 bytes or more");
    let (_serve, ready) = start_json(with_credentials(&mut serve))?;
    println!("SeaweedFS:");
    upload(context, text(&ready, "listening")?, text(&pool, "access_token")?, port)
}

/// Writes `upsign.toml`. `store` continues `[bucket]`, and `auth` is `[auth]`.
fn write_config(folder: &Path, store: &str, auth: &str, port: u16) -> Result<(), Failure> {
    let config = format!(
        "[bucket]\nname = \"{BUCKET}\"\nregion = \"us-east-1\"\n{store}{UPLOAD}[auth]\n{auth}token_use = \"access\"\n[cors]\norigins \
         = [\"http://127.0.0.1:{port}\"]\n"
    );
    std::fs::write(folder.join("upsign.toml"), config).map_err(failure)
}

/// Uploads from a page on the port.
fn upload(context: &Context, api: &str, token: &str, port: u16) -> Result<(), StepError> {
    let mut node = context.tools.node()?;
    node.arg(own("browser/multipart.mjs")).args([api, token]).arg(port.to_string());
    Ok(run(node.env("CHROMIUM", context.tools.chromium()?))?)
}
