//! Counts uploads in a Redis server that is killed and restarted, in a cluster, and in the DynamoDB of an emulator.

use super::{Context, StepError};
use crate::process::{cargo, run};
use crate::servers::ministack;
use crate::tools::system;

pub(super) fn of_every_store(context: &Context) -> Result<(), StepError> {
    // The tests start and kill the server themselves.
    let redis = system("redis-server", "redis-server")?;
    let stack = ministack(&context.tools)?;
    for (package, name) in [("upsign-redis", "redis"), ("upsign-dynamodb", "dynamodb")] {
        let mut test = cargo();
        test.args(context.build.test(package, name)).args(["--", "--nocapture"]);
        test.env("TEST_SERVERS", "required");
        test.env("TEST_REDIS_SERVER", &redis).env("TEST_S3_MINISTACK", &stack.endpoint);
        run(&mut test)?;
    }
    Ok(())
}
