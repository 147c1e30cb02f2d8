//! Git LFS with Debian's git-lfs, unmodified: pushes and pulls through `upsign serve` over two S3 servers, with the setup of the manual.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use super::common::{BUCKET, json_output, start_json, text, with_credentials};
use super::{Context, StepError};
use crate::process::{Failure, failure, own, root, run, scratch};
use crate::servers::{ministack, seaweedfs};
use crate::tools::system;

/// A server, and how much it stores: the whole amount of the issue on one, and less on the emulator, which keeps objects in memory.
struct Store {
    name: &'static str,
    provider: &'static str,
    megabytes: u32,
    files: u32,
}

const SEAWEEDFS: Store =
    Store { name: "SeaweedFS", provider: "provider = \"seaweedfs\"\n", megabytes: 1024, files: 2_000 };
const MINISTACK: Store = Store { name: "Ministack", provider: "", megabytes: 64, files: 200 };

pub(super) fn pushes_and_pulls(context: &Context) -> Result<(), StepError> {
    let tools = &context.tools;
    let _git_lfs = system("git-lfs", "git-lfs")?;
    let (folder, python, upsign) = (scratch("git-lfs")?, tools.python("python")?, context.build.upsign()?);
    let (weed, aws) = (seaweedfs(tools)?, ministack(tools)?);
    let mut pool = Command::new(&python);
    let pool = json_output(with_credentials(pool.arg(own("tools/pool.py")).arg(&aws.endpoint)))?;
    let auth = format!(
        "[auth]\nissuer = \"{}\"\njwks_uri = \"{}/{}/.well-known/jwks.json\"\ndanger_http_keys = true\nclient_ids = [\"{}\"]\n\
         token_use = \"access\"\n",
        text(&pool, "issuer")?,
        aws.endpoint,
        text(&pool, "pool")?,
        text(&pool, "client")?
    );
    let manual = root().join("crates/upsign/src/manual/howto/git_lfs.rs");
    for (store, endpoint) in [(SEAWEEDFS, &weed.endpoint), (MINISTACK, &aws.endpoint)] {
        println!("git-lfs and {}:", store.name);
        std::fs::write(folder.join("upsign.toml"), config(&manual, &store, endpoint, &auth)?)
            .map_err(failure)?;
        make_bucket(&upsign, &python, &folder, endpoint)?;
        let log = folder.join("serve.log");
        let mut serve = Command::new(&upsign);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--json"]).current_dir(&folder);
        serve.env("TOKEN_SECRET", "a secret of this test, with 32 bytes or more").env("RUST_LOG", "debug");
        serve.stderr(Stdio::from(File::create(&log).map_err(failure)?));
        let (_serve, ready) = start_json(with_credentials(&mut serve))?;
        let mut test = Command::new(&python);
        test.arg(own("tools/git_lfs.py")).arg(text(&ready, "listening")?).args([endpoint, BUCKET]);
        test.arg(&manual).arg(&log).args([store.megabytes.to_string(), store.files.to_string()]);
        test.env("TOKEN", text(&pool, "access_token")?)
            .env("OTHER_TOKEN", text(&pool, "other_access_token")?);
        run(with_credentials(&mut test))?;
    }
    println!("git-lfs and upsign dev:");
    on_dev(&upsign, &python, &folder, &manual)
}

/// Uses the same configuration with the bucket and the users of `upsign dev`.
fn on_dev(upsign: &Path, python: &Path, folder: &Path, manual: &Path) -> Result<(), StepError> {
    let log = folder.join("dev.log");
    let mut dev = Command::new(upsign);
    dev.args(["dev", "--config", "upsign.toml", "--listen", "127.0.0.1:0", "--json"]).current_dir(folder);
    dev.env("TOKEN_SECRET", "a secret of this test, with 32 bytes or more").env("RUST_LOG", "debug");
    dev.stderr(Stdio::from(File::create(&log).map_err(failure)?));
    let (_dev, ready) = start_json(&mut dev)?;
    let credentials = ready.get("s3Credentials").ok_or_else(|| failure("no credentials of the bucket"))?;
    let mut test = Command::new(python);
    test.arg(own("tools/git_lfs.py")).args([text(&ready, "api")?, text(&ready, "s3")?, BUCKET]);
    test.arg(manual).arg(&log).args(["8", "20"]).env("TOKEN_URL", text(&ready, "token")?);
    test.env("AWS_ACCESS_KEY_ID", text(credentials, "accessKeyId")?);
    test.env("AWS_SECRET_ACCESS_KEY", text(credentials, "secretAccessKey")?);
    test.env("AWS_DEFAULT_REGION", text(credentials, "region")?);
    Ok(run(&mut test)?)
}

/// Returns the configuration of the manual with the bucket, the callers and the other routes of this test.
fn config(manual: &Path, store: &Store, endpoint: &str, auth: &str) -> Result<String, Failure> {
    let page = std::fs::read_to_string(manual).map_err(failure)?;
    let lines = page.lines().map(|line| line.trim_start_matches("//!").trim_start_matches(' '));
    let shown = lines.skip_while(|line| *line != "```toml").skip(1).take_while(|line| *line != "```");
    let shown = shown.collect::<Vec<_>>().join("\n");
    let routes = include_str!("../../tools/git_lfs.toml");
    let provider = store.provider;
    Ok(format!(
        "{shown}\n\n{routes}\n[bucket]\nname = \"{BUCKET}\"\nregion = \"us-east-1\"\n{provider}endpoint = \"{endpoint}\"\n\n\
         [token]\nkeys = [\"env:TOKEN_SECRET\"]\n\n{auth}\n[cors]\norigins = [\"http://localhost:3000\"]\n"
    ))
}

/// Creates the bucket with the CORS rules that upsign derives from the configuration.
fn make_bucket(upsign: &Path, python: &Path, folder: &Path, endpoint: &str) -> Result<(), StepError> {
    let mut cors = Command::new(upsign);
    let cors = json_output(cors.args(["documents", "cors"]).current_dir(folder))?;
    let file = folder.join("cors.json");
    std::fs::write(&file, cors.to_string()).map_err(failure)?;
    let mut bucket = Command::new(python);
    bucket.arg(own("tools/bucket.py")).args([endpoint, BUCKET]).arg(file);
    Ok(run(with_credentials(&mut bucket))?)
}
