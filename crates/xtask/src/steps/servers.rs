//! Sends 200 signed requests, and every mutation of them, to two independent S3 servers.

use super::{Context, StepError};
use crate::process::{cargo, run};
use crate::servers::{ministack, seaweedfs};

pub(super) fn suite(context: &Context) -> Result<(), StepError> {
    let (weed, stack) = (seaweedfs(&context.tools)?, ministack(&context.tools)?);
    let mut test = cargo();
    test.args(context.build.test("upsign-testing", "servers")).args(["--", "--nocapture"]);
    test.env("TEST_SERVERS", "required");
    test.env("TEST_S3_SEAWEED", &weed.endpoint).env("TEST_S3_MINISTACK", &stack.endpoint);
    Ok(run(&mut test)?)
}
