//! Sends 200 signed requests, every mutation of them, and every file of the corpus of content types to independent S3 servers,
//! multipart uploads through a service with wrong bytes, lost answers and several clients, makes the calls of `upsign-objects`, and
//! reads secrets of one of the servers and passes webhooks through its queue.

use super::{Context, StepError};
use crate::process::{cargo, run};
use crate::servers::{ACCESS_KEY, ministack, seaweedfs};

pub(super) fn suite(context: &Context) -> Result<(), StepError> {
    let (weed, stack) = (seaweedfs(&context.tools)?, ministack(&context.tools)?);
    if std::env::var_os("TEST_S3_RUSTFS").is_none() {
        // The crate rustfs 1.0.1 needs Rust 1.98.1, and the other registries have no program of it.
        println!(
            "RustFS is not tested: set TEST_S3_RUSTFS to the endpoint of one with the access key {ACCESS_KEY}"
        );
    }
    for (package, name) in [
        ("upsign-testing", "servers"),
        ("upsign-testing", "uploads"),
        ("upsign-objects", "stores"),
        ("upsign-aws", "secrets"),
        ("upsign-webhooks", "sqs_server"),
    ] {
        let mut test = cargo();
        test.args(context.build.test(package, name)).args(["--", "--nocapture"]);
        test.env("TEST_SERVERS", "required");
        test.env("TEST_S3_SEAWEED", &weed.endpoint).env("TEST_S3_MINISTACK", &stack.endpoint);
        run(&mut test)?;
    }
    Ok(())
}

/// Uploads 5 GiB and one byte through a service to SeaweedFS, and reads them back.
pub(super) fn huge_upload(context: &Context) -> Result<(), StepError> {
    let weed = seaweedfs(&context.tools)?;
    let mut test = cargo();
    test.args(context.build.test("upsign-testing", "uploads"));
    test.args(["--", "--nocapture", "--ignored", "five_gibibytes_and_one_byte_are_stored"]);
    Ok(run(test.env("TEST_S3_SEAWEED", &weed.endpoint))?)
}
