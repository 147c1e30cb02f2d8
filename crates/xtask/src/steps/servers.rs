//! Two S3 servers that other people wrote, put to the same 200 requests and every mutation of them.

use super::Ended;
use crate::process::{cargo, run};
use crate::servers::{ministack, seaweedfs};
use crate::tools::Tools;

pub(crate) fn suite(tools: &Tools) -> Result<(), Ended> {
    let (weed, stack) = (seaweedfs(tools)?, ministack(tools)?);
    let mut test = cargo();
    test.args(["test", "--locked", "-p", "upsign-testing", "--test", "servers", "--", "--nocapture"]);
    test.env("UPSIGN_TEST_SERVERS", "required");
    test.env("UPSIGN_TEST_S3_SEAWEED", &weed.endpoint).env("UPSIGN_TEST_S3_MINISTACK", &stack.endpoint);
    Ok(run(&mut test)?)
}
