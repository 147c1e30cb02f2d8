//! Counts uploads in a Redis server that is killed and restarted, in a cluster, in the DynamoDB of an emulator, and in two
//! processes of `upsign serve` with one Redis server.

use super::{Context, StepError};
use crate::process::{cargo, run};
use crate::servers::ministack;
use crate::tools::system;

/// Tests by package and target, with the part of their names that selects them.
const TESTS: [(&str, &str, &str); 3] = [
    ("upsign-redis", "redis", ""),
    ("upsign-dynamodb", "dynamodb", ""),
    ("upsign-cli", "it", "two_servers_with_one_redis_count_as_one"),
];

pub(super) fn of_every_store(context: &Context) -> Result<(), StepError> {
    // The tests start and kill the server themselves.
    let redis = system("redis-server", "redis-server")?;
    let stack = ministack(&context.tools)?;
    for (package, target, name) in TESTS {
        let mut test = cargo();
        test.args(context.build.test(package, target)).args(["--", "--nocapture", name]);
        test.env("TEST_SERVERS", "required");
        test.env("TEST_REDIS_SERVER", &redis).env("TEST_S3_MINISTACK", &stack.endpoint);
        run(&mut test)?;
    }
    Ok(())
}
