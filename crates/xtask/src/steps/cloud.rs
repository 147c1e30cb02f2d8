//! The article's system, whole, on an emulator of AWS: Cognito, API Gateway, the function in the zip that Lambda takes, the
//! URL signed with its role's temporary credentials, S3, SQS, and a consumer at the far end. Both kinds of API, and a page.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Ended;
use super::article::{config, keys, output};
use super::browser::upsign;
use crate::process::{Failure, cargo, free_port, own, root, run};
use crate::servers::ministack;
use crate::tools::Tools;

const BUCKET: &str = "article-images-bucket";
const PHOTO: &str = "crates/upsign-cli/assets/demo.jpg";

pub(crate) fn whole(tools: &Tools) -> Result<(), Ended> {
    let chromium = tools.chromium()?;
    let mut node = tools.node()?;
    let python = tools.python("python")?;
    let zips = zips(tools)?;
    run(cargo().args(["build", "--locked", "-p", "upsign-cli"]))?;
    let aws = ministack(tools)?;
    let origin = format!("http://127.0.0.1:{}", free_port()?);

    // Both documents are what the policy's own file gives.
    let folder = root().join("target/tools-run/cloud");
    std::fs::create_dir_all(&folder).map_err(told)?;
    let nobody = serde_json::json!({"issuer": "http://127.0.0.1:1/x", "pool": "x", "client": "x"});
    std::fs::write(folder.join("upsign.toml"), config(&aws.endpoint, &origin, &nobody)?).map_err(told)?;
    for document in ["cors", "iam"] {
        let mut derive = upsign();
        let derived = output(derive.args(["documents", document]).current_dir(&folder))?;
        std::fs::write(folder.join(document).with_extension("json"), derived.to_string()).map_err(told)?;
    }
    let mut deploy = Command::new(&python);
    deploy.arg(own("tools/cloud.py")).arg(&aws.endpoint).args(&zips);
    deploy.args([folder.join("cors.json"), folder.join("iam.json")]).args([BUCKET, &origin]);
    let system = folder.join("system.json");
    std::fs::write(&system, output(keys(&mut deploy))?.to_string()).map_err(told)?;

    let mut walk = Command::new(&python);
    walk.arg(own("tools/cloud_walk.py")).args([&aws.endpoint, BUCKET]).arg(root().join(PHOTO));
    run(keys(&mut walk).stdin(read(&system)?))?;
    node.arg(own("browser/cloud.mjs")).arg(&origin).arg(root().join(PHOTO)).env("CHROMIUM", chromium);
    Ok(run(node.stdin(read(&system)?))?)
}

/// The function's zip and the consumer's, as `cargo lambda` makes them. Unoptimised: what they do is the same.
fn zips(tools: &Tools) -> Result<[PathBuf; 2], Ended> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let folder = root().join(target).join("lambda");
    let mut build = Command::new(tools.cargo_lambda()?);
    build.args(["lambda", "build", "--package", "example-lambda", "--package", "example-consumer"]);
    build.args(["--compiler", "cargo", "--output-format", "zip", "--lambda-dir"]).arg(&folder);
    run(build.current_dir(root()))?;
    Ok(["bootstrap", "consumer"].map(|name| folder.join(name).join("bootstrap.zip")))
}

fn read(path: &Path) -> Result<Stdio, Failure> {
    Ok(Stdio::from(std::fs::File::open(path).map_err(told)?))
}

fn told(error: impl std::fmt::Display) -> Failure {
    error.to_string()
}
