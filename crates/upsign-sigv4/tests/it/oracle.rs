//! Random requests signed here and with `aws-sigv4`: 20,000 by default, or the number in `TEST_ORACLE_CASES`.

use proptest::test_runner::{Config, TestRunner};
use upsign_aws::AwsSigV4;
use upsign_core::{PresignRequest, Sign};
use upsign_sigv4::SigV4;
use upsign_testing::requests;

const CASES: u32 = 20_000;

/// One signer for all requests, so that its cache sees changes of the day and of the credentials.
#[test]
#[expect(clippy::disallowed_methods, reason = "the environment sets the length of a long test run")]
fn random_requests_equal_aws_sigv4() {
    let cases = std::env::var("TEST_ORACLE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let (signer, reference) = (SigV4::new(), AwsSigV4::new());
    // Some of the drawn texts are not valid keys and are rejected: a few thousand in a long run.
    let config =
        Config { failure_persistence: None, max_local_rejects: u32::MAX, ..Config::with_cases(cases) };
    let mut runner = TestRunner::new(config);
    let inputs = (requests::all(), requests::credentials(), requests::times());
    let result = runner.run(&inputs, |(request, credentials, at)| {
        if reference.check(&request).is_err() {
            return Ok(());
        }
        let expected = reference.sign(&request, &credentials, at).unwrap();
        let signed = signer.sign(&request, &credentials, at).unwrap();
        assert_eq!(signed.url.expose(), expected.url.expose(), "{:?}", describe(&request));
        Ok(())
    });
    result.unwrap();
}

fn describe(request: &PresignRequest) -> String {
    format!("{request:?} at {}", request.key())
}
