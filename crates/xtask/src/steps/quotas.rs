//! Counts uploads in a Redis server that is killed and restarted, in a cluster, in the DynamoDB of an emulator, and in two
//! processes of `upsign serve` with one Redis server or one table.

use std::process::Command;

use super::common::with_credentials;
use super::{Context, StepError};
use crate::process::{cargo, own, run};
use crate::servers::{ACCESS_KEY, SECRET_KEY, ministack};
use crate::tools::system;

/// The table that two servers share.
const TABLE: &str = "uploads-of-two-servers";

/// Tests by package and target, with the part of their names that selects them.
const TESTS: [(&str, &str, &str); 3] = [
    ("upsign-redis", "redis", ""),
    ("upsign-dynamodb", "dynamodb", ""),
    ("upsign-cli", "it", "two_servers_with_one_"),
];

pub(super) fn of_every_store(context: &Context) -> Result<(), StepError> {
    // The tests start and kill the server themselves.
    let redis = system("redis-server", "redis-server")?;
    let stack = ministack(&context.tools)?;
    let mut table = Command::new(context.tools.python("python")?);
    table.arg(own("tools/quota_table.py")).args([stack.endpoint.as_str(), TABLE]);
    run(with_credentials(&mut table))?;
    for (package, target, name) in TESTS {
        let mut test = cargo();
        test.args(context.build.test(package, target)).args(["--", "--nocapture", name]);
        test.env("TEST_SERVERS", "required");
        test.env("TEST_REDIS_SERVER", &redis).env("TEST_S3_MINISTACK", &stack.endpoint);
        test.env("TEST_DYNAMODB_TABLE", TABLE);
        test.env("TEST_DYNAMODB_KEYS", format!("{ACCESS_KEY}:{SECRET_KEY}"));
        run(&mut test)?;
    }
    Ok(())
}
