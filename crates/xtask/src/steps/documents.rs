//! The documents that are derived from a policy, before other people's judges: linters, an evaluator of IAM policies, two
//! servers that take them, and an emulator of AWS on which the whole stack goes up.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::Ended;
use super::article::{keys, output, text};
use super::browser::upsign;
use crate::process::{Failure, cargo, own, root, run, which};
use crate::servers::{ministack, seaweedfs};
use crate::tools::Tools;

const GOLDEN: &str = "crates/upsign-documents/tests/it/golden";
const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:uploads";

pub(crate) fn judged(tools: &Tools) -> Result<(), Ended> {
    let python = tools.linter("python")?;
    let golden = root().join(GOLDEN);
    run(Command::new(&python).arg(own("tools/documents_lint.py")).arg(&golden).stderr(Stdio::inherit()))?;
    let mut agree = tools.iam_node()?;
    run(agree.arg(own("tools/iam/agree.cjs")).arg(golden.join("iam-matrix.json")))?;
    formatted(&golden)?;
    run(cargo().args(["build", "--locked", "-p", "upsign-cli"]))?;
    on_servers(tools, &python, &golden)?;
    deployed(tools, &python)
}

/// Where Terraform is at hand, it finds nothing to lay out otherwise.
fn formatted(golden: &Path) -> Result<(), Failure> {
    let Some(terraform) = which("terraform").or_else(|| which("tofu")) else { return Ok(()) };
    run(Command::new(terraform).args(["fmt", "-check", "-diff"]).arg(golden).stderr(Stdio::null()))
}

/// A folder with an `upsign.toml`.
fn folder(name: &str, bucket: &str, pool: &str) -> Result<PathBuf, Failure> {
    let folder = root().join("target/tools-run").join(name);
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let config = format!(
        r#"[bucket]
name = "{bucket}"
region = "us-east-1"

[upload]
key = "articles/{{article_id}}/raw/{{id}}.{{ext}}"
ids = ["article_id"]
types = ["image/jpeg", "image/png", "image/webp"]
max_size = "10 MiB"
bodyless = "allow"

[auth]
user_pool = "{pool}"
client_ids = ["client"]
token_use = "access"

[cors]
origins = ["https://app.example.com"]
"#
    );
    std::fs::write(folder.join("upsign.toml"), config).map_err(|error| error.to_string())?;
    Ok(folder)
}

/// Leaves the answer of `upsign documents …` in a file.
fn document(folder: &Path, name: &str, arguments: &str) -> Result<(), Failure> {
    let mut upsign = upsign();
    let arguments = arguments.split_whitespace();
    let made = upsign.arg("documents").args(arguments).current_dir(folder).stderr(Stdio::null()).output();
    let made = made.map_err(|error| error.to_string())?;
    if !made.status.success() {
        return Err(format!("upsign documents for {name} ended with {}", made.status));
    }
    std::fs::write(folder.join(name), made.stdout).map_err(|error| error.to_string())
}

fn on_servers(tools: &Tools, python: &Path, golden: &Path) -> Result<(), Ended> {
    let folder = folder("documents", "article-images-bucket", "us-east-1_AbCdEf123")?;
    for (name, arguments) in [
        ("cors.json", "cors"),
        ("lifecycle.json", "lifecycle"),
        ("bucket-policy.json", "bucket-policy"),
        (
            "bucket-policy-guarded.json",
            "bucket-policy --guard tls --guard signature-age --guard auth-type --guard acl",
        ),
        ("notification.json", &format!("notification --queue-arn {QUEUE}")),
        (
            "queue-policy.json",
            &format!("notification --queue-arn {QUEUE} --account 000000000000 --format queue-policy"),
        ),
    ] {
        document(&folder, name, arguments)?;
    }
    for name in ["cors-several.json", "lifecycle-several.json", "preflights.json"] {
        std::fs::copy(golden.join(name), folder.join(name)).map_err(|error| error.to_string())?;
    }
    for (name, server) in [("seaweedfs", seaweedfs(tools)?), ("ministack", ministack(tools)?)] {
        let mut judge = Command::new(python);
        judge.arg(own("tools/documents_servers.py")).args([name, &server.endpoint]).arg(&folder);
        run(keys(judge.arg(own("tools/documents_deviations.json"))))?;
    }
    Ok(())
}

/// The stack with each kind of API, on an emulator of its own each.
fn deployed(tools: &Tools, python: &Path) -> Result<(), Ended> {
    for api in ["rest", "http"] {
        let aws = ministack(tools)?;
        let mut pool = Command::new(tools.python("python")?);
        let pool = output(keys(pool.arg(own("tools/pool.py")).arg(&aws.endpoint)))?;
        let bucket = "stack-images-bucket";
        let folder = folder("stack", bucket, text(&pool, "pool")?)?;
        let stack =
            "sam --format json --code s3://code/bootstrap.zip --multipart service --confirm --guard none";
        document(&folder, "template.json", &format!("{stack} --api {api}"))?;
        document(&folder, "guarded.json", "bucket-policy --guard tls")?;
        let mut judge = Command::new(python);
        judge.arg(own("tools/documents_stack.py")).arg(&aws.endpoint).arg(folder.join("template.json"));
        run(keys(judge.arg(bucket).arg(folder.join("guarded.json"))))?;
        if api == "http" {
            live(&folder, &aws.endpoint)?;
        }
    }
    Ok(())
}

/// `check --live` on the bucket that the stack has made: all is as derived but for the lifecycle rules, which the
/// emulator's CloudFormation passes over.
fn live(folder: &Path, endpoint: &str) -> Result<(), Failure> {
    // With the features of the workspace's own tests, so that what they have built is not built again.
    run(cargo().args(["build", "--locked", "--workspace", "--all-features", "--bin", "upsign"]))?;
    let mut check = upsign();
    check.args(["documents", "check", "--live", "--json", "--multipart", "service", "--guard", "none"]);
    let told = output(keys(check.current_dir(folder).env("UPSIGN_ENDPOINT", endpoint)))?;
    let differences = told.get("differences").and_then(Value::as_array).ok_or("no differences")?;
    let what: Vec<&str> = differences.iter().filter_map(|it| it.get("what")?.as_str()).collect();
    if what != ["incomplete multipart uploads of every key end never"] {
        return Err(format!("check --live says {what:?}"));
    }
    println!("check --live names what the bucket lacks, and nothing else");
    Ok(())
}
