//! Tests the statements of `upsign revoke`: with a second evaluator of IAM policies, and by their effect on a server.

use std::process::Command;

use super::common::{BUCKET, with_credentials};
use super::{Context, StepError};
use crate::process::{failure, own, root, run, scratch};
use crate::servers::ministack;

const MATRIX: &str = "crates/upsign-diagnose/tests/it/golden/revoke-matrix.json";

pub(super) fn by_effect(context: &Context) -> Result<(), StepError> {
    let mut evaluator = context.tools.iam_node()?;
    run(evaluator.arg(own("tools/iam/agree.cjs")).arg(root().join(MATRIX)))?;
    let python = context.tools.linter("python")?;
    let upsign = context.build.upsign()?;
    let folder = scratch("revocations")?;
    let config = format!(
        r#"[bucket]
name = "{BUCKET}"
region = "us-east-1"

[upload]
key = "articles/{{sub}}/{{article_id}}/{{id}}.{{ext}}"
ids = ["article_id"]
types = ["image/jpeg"]
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
    let server = ministack(&context.tools)?;
    let mut check = Command::new(python);
    check.arg(own("tools/revocations.py")).arg(&server.endpoint).arg(&upsign).arg(&folder);
    Ok(run(with_credentials(&mut check))?)
}
