//! Checks documents derived from a policy with third-party programs: linters, an evaluator of IAM policies, and two S3
//! servers. The step `deployments` deploys whole stacks.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::common::{BUCKET, with_credentials};
use super::{Context, StepError};
use crate::process::{Failure, failure, own, root, run, scratch, which};
use crate::servers::{ministack, seaweedfs};
use crate::tools::Tools;

const GOLDEN: &str = "crates/upsign-documents/tests/it/golden";
const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:uploads";

pub(super) fn external_checks(context: &Context) -> Result<(), StepError> {
    let python = context.tools.linter("python")?;
    let golden = root().join(GOLDEN);
    run(Command::new(&python).arg(own("tools/documents_lint.py")).arg(&golden).stderr(Stdio::inherit()))?;
    let mut evaluator = context.tools.iam_node()?;
    let tables = ["iam-matrix.json", "iam-language.json", "iam-mutants.json"].map(|name| golden.join(name));
    run(evaluator.arg(own("tools/iam/agree.cjs")).args(tables))?;
    check_terraform_format(&golden)?;
    let upsign = context.build.upsign()?;
    check_on_servers(&context.tools, &upsign, &python, &golden)
}

/// Runs `terraform fmt -check`, or OpenTofu's, if one of them is installed.
fn check_terraform_format(golden: &Path) -> Result<(), Failure> {
    let Some(terraform) = which("terraform").or_else(|| which("tofu")) else { return Ok(()) };
    run(Command::new(terraform)
        .args(["fmt", "-check", "-diff", "-recursive"])
        .arg(golden)
        .stderr(Stdio::null()))
}

/// Returns a new folder with an `upsign.toml`.
fn configured() -> Result<PathBuf, Failure> {
    let folder = scratch("documents")?;
    let config = format!(
        r#"[bucket]
name = "{BUCKET}"
region = "us-east-1"

[upload]
key = "articles/{{article_id}}/raw/{{id}}.{{ext}}"
ids = ["article_id"]
types = ["image/jpeg", "image/png", "image/webp"]
max_size = "10 MiB"
bodyless = "allow"

[auth]
user_pool = "us-east-1_AbCdEf123"
client_ids = ["client"]
token_use = "access"

[cors]
origins = ["https://app.example.com"]
"#
    );
    std::fs::write(folder.join("upsign.toml"), config).map_err(failure)?;
    Ok(folder)
}

/// Writes the output of `upsign documents ARGUMENTS` to a file of `folder`.
fn write_document(upsign: &Path, folder: &Path, name: &str, arguments: &str) -> Result<(), Failure> {
    let mut command = Command::new(upsign);
    command.arg("documents").args(arguments.split_whitespace()).current_dir(folder).stderr(Stdio::null());
    let output = command.output().map_err(failure)?;
    if !output.status.success() {
        return Err(format!("upsign documents {arguments} ended with {}", output.status));
    }
    std::fs::write(folder.join(name), output.stdout).map_err(failure)
}

/// Uploads the documents to both S3 servers, reads them back, and checks preflights.
fn check_on_servers(tools: &Tools, upsign: &Path, python: &Path, golden: &Path) -> Result<(), StepError> {
    let folder = configured()?;
    for (name, arguments) in [
        ("cors.json", "cors"),
        ("lifecycle.json", "lifecycle"),
        ("bucket-policy.json", "bucket-policy"),
        (
            "bucket-policy-guarded.json",
            "bucket-policy --guard none --guard tls --guard signature-age --guard auth-type --guard acl",
        ),
        ("notification.json", &format!("notification --queue-arn {QUEUE}")),
        (
            "queue-policy.json",
            &format!("notification --queue-arn {QUEUE} --account 000000000000 --format queue-policy"),
        ),
    ] {
        write_document(upsign, &folder, name, arguments)?;
    }
    for name in [
        "cors-several.json",
        "lifecycle-several.json",
        "lifecycle-gated.json",
        "notification-gated.json",
        "policy-bucket-gated.json",
        "preflights.json",
    ] {
        std::fs::copy(golden.join(name), folder.join(name)).map_err(failure)?;
    }
    for (name, server) in [("seaweedfs", seaweedfs(tools)?), ("ministack", ministack(tools)?)] {
        let mut check = Command::new(python);
        check.arg(own("tools/documents_servers.py")).args([name, &server.endpoint]).arg(&folder);
        run(with_credentials(check.arg(own("tools/documents_deviations.json"))))?;
    }
    Ok(())
}
