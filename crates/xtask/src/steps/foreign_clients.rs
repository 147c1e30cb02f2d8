//! Clients of other projects, unmodified, on a page in Chromium: to `upsign dev`, and to `upsign serve`
//! and two S3 servers, under the generated CORS rules.

use std::path::Path;
use std::process::Command;

use super::common::{BUCKET, json_output, start_json, text, with_credentials};
use super::{Context, StepError};
use crate::process::{Failure, failure, free_port, own, root, run, scratch};
use crate::servers::{ministack, seaweedfs};

/// A client, and how it is tested.
struct Client {
    /// The name of the step and of its folder.
    name: &'static str,
    /// Its folders of packages below `tools/clients`: each runs `script` once.
    packages: &'static [&'static str],
    /// The script, below this crate.
    script: &'static str,
    /// The page of the manual, whose examples the script runs as printed.
    manual: &'static str,
    /// The name of the dialect in `upsign.toml`.
    dialect: &'static str,
    /// The routes of `upsign.toml`.
    routes: &'static str,
}

pub(super) fn better_upload(context: &Context) -> Result<(), StepError> {
    on_all(
        context,
        &Client {
            name: "better-upload",
            packages: &["better-upload", "better-upload-2"],
            script: "browser/better_upload.mjs",
            manual: "better_upload.rs",
            dialect: "better-upload",
            routes: include_str!("../../browser/better_upload.toml"),
        },
    )
}

pub(super) fn active_storage(context: &Context) -> Result<(), StepError> {
    on_all(
        context,
        &Client {
            name: "active-storage",
            packages: &["active-storage"],
            script: "browser/active_storage.mjs",
            manual: "active_storage.rs",
            dialect: "active-storage",
            routes: include_str!("../../browser/active_storage.toml"),
        },
    )
}

pub(super) fn companion(context: &Context) -> Result<(), StepError> {
    on_all(
        context,
        &Client {
            name: "companion",
            packages: &["uppy-5", "uppy-4"],
            script: "browser/companion.mjs",
            manual: "companion.rs",
            dialect: "companion",
            routes: include_str!("../../browser/companion.toml"),
        },
    )
}

pub(super) fn uppy(context: &Context) -> Result<(), StepError> {
    on_all(
        context,
        &Client {
            name: "uppy",
            packages: &["uppy-6"],
            script: "browser/uppy.mjs",
            manual: "uppy.rs",
            dialect: "uppy",
            routes: include_str!("../../browser/uppy.toml"),
        },
    )
}

fn on_all(context: &Context, client: &Client) -> Result<(), StepError> {
    on_dev(context, client)?;
    on_two_stores(context, client)
}

/// Runs the client's script against `upsign dev`, with its store and its user pool.
fn on_dev(context: &Context, client: &Client) -> Result<(), StepError> {
    let (tools, folder, port) = (&context.tools, scratch(&format!("{}-dev", client.name))?, free_port()?);
    let (dialect, routes) = (client.dialect, client.routes);
    let config = format!(
        "dialects = [\"{dialect}\"]\n\n[bucket]\nname = \"{BUCKET}\"\nregion = \"us-east-1\"\n\n[token]\nkeys = \
         [\"env:TOKEN_SECRET\"]\n\n[auth]\nuser_pool = \"us-east-1_AbCdEf123\"\nclient_ids = [\"3n4b5urk1ft4fl3mg5e62d9ado\"]\n\
         token_use = \"access\"\n\n[cors]\norigins = [\"http://127.0.0.1:{port}\"]\n\n{routes}"
    );
    std::fs::write(folder.join("upsign.toml"), config).map_err(failure)?;
    let mut dev = Command::new(context.build.upsign()?);
    dev.args([
        "dev",
        "--user=alice",
        "--user=bob",
        "--listen",
        "127.0.0.1:0",
        "--json",
        "--config",
        "upsign.toml",
    ]);
    dev.args(["--origin", &format!("http://127.0.0.1:{port}")]).current_dir(&folder);
    dev.env("TOKEN_SECRET", "a secret of this test, with 32 bytes or more");
    let (_dev, ready) = start_json(&mut dev)?;
    let keys = ready.get("s3Credentials").cloned().unwrap_or_default();
    for packages in client.packages {
        println!("{packages} and upsign dev:");
        let mut node = tools.foreign_client_node(packages)?;
        node.arg(own(client.script)).arg(text(&ready, "api")?).arg(port.to_string());
        node.arg(text(&ready, "s3")?).arg(BUCKET);
        node.arg(root().join("crates/upsign/src/manual/howto").join(client.manual));
        node.env("CHROMIUM", tools.chromium()?).env("TOKEN_URL", text(&ready, "token")?);
        node.env("PYTHON", tools.python("python")?)
            .env("STORED", own("tools/stored.py"))
            .env("PACKAGES", packages);
        node.env("AWS_ACCESS_KEY_ID", text(&keys, "accessKeyId")?);
        node.env("AWS_SECRET_ACCESS_KEY", text(&keys, "secretAccessKey")?)
            .env("AWS_DEFAULT_REGION", "us-east-1");
        run(&mut node)?;
    }
    Ok(())
}

/// Runs the client's script against `upsign serve` over SeaweedFS and over Ministack, whose user pool signs the tokens.
fn on_two_stores(context: &Context, client: &Client) -> Result<(), StepError> {
    let tools = &context.tools;
    let (folder, port, python) = (scratch(client.name)?, free_port()?, tools.python("python")?);
    let (weed, aws) = (seaweedfs(tools)?, ministack(tools)?);
    let mut pool = Command::new(&python);
    let pool = json_output(with_credentials(pool.arg(own("tools/pool.py")).arg(&aws.endpoint)))?;
    let auth = format!(
        "issuer = \"{}\"\njwks_uri = \"{}/{}/.well-known/jwks.json\"\ndanger_http_keys = true\nclient_ids = [\"{}\"]\n\
         token_use = \"access\"\n",
        text(&pool, "issuer")?,
        aws.endpoint,
        text(&pool, "pool")?,
        text(&pool, "client")?
    );
    for (name, provider, store) in
        [("SeaweedFS", "provider = \"seaweedfs\"\n", &weed.endpoint), ("Ministack", "", &aws.endpoint)]
    {
        let bucket =
            format!("name = \"{BUCKET}\"\nregion = \"us-east-1\"\n{provider}endpoint = \"{store}\"\n");
        let (dialect, routes) = (client.dialect, client.routes);
        let config = format!(
            "dialects = [\"{dialect}\"]\n\n[bucket]\n{bucket}\n[token]\nkeys = [\"env:TOKEN_SECRET\"]\n\n[auth]\n{auth}\n[cors]\norigins = \
             [\"http://127.0.0.1:{port}\"]\n\n{routes}"
        );
        std::fs::write(folder.join("upsign.toml"), config).map_err(failure)?;
        make_bucket(context, &folder, store)?;
        let mut serve = Command::new(context.build.upsign()?);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--json"]).current_dir(&folder);
        serve.env("TOKEN_SECRET", "a secret of this test, with 32 bytes or more");
        let (_serve, ready) = start_json(with_credentials(&mut serve))?;
        for packages in client.packages {
            println!("{packages} and {name}:");
            let mut node = tools.foreign_client_node(packages)?;
            node.arg(own(client.script)).arg(text(&ready, "listening")?).arg(port.to_string());
            node.arg(store)
                .arg(BUCKET)
                .arg(root().join("crates/upsign/src/manual/howto").join(client.manual));
            node.env("CHROMIUM", tools.chromium()?).env("ACCESS_TOKEN", text(&pool, "access_token")?);
            node.env("OTHER_ACCESS_TOKEN", text(&pool, "other_access_token")?);
            node.env("PYTHON", &python).env("STORED", own("tools/stored.py")).env("PACKAGES", packages);
            run(with_credentials(&mut node))?;
        }
    }
    Ok(())
}

/// Creates the bucket with the CORS rules that upsign derives from the configuration.
fn make_bucket(context: &Context, folder: &Path, endpoint: &str) -> Result<(), StepError> {
    let mut cors = Command::new(context.build.upsign()?);
    let cors = json_output(cors.args(["documents", "cors"]).current_dir(folder))?;
    let file = folder.join("cors.json");
    std::fs::write(&file, cors.to_string()).map_err(failure)?;
    let mut bucket = Command::new(context.tools.python("python")?);
    bucket.arg(own("tools/bucket.py")).args([endpoint, BUCKET]).arg(file);
    let made: Result<(), Failure> = run(with_credentials(&mut bucket));
    Ok(made?)
}
