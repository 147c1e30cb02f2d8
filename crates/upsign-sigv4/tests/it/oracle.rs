//! Random requests against `aws-sigv4`: 20,000 in the normal run, as many as `UPSIGN_ORACLE_CASES` says in a long one.

use proptest::test_runner::{Config, TestRunner};
use upsign_aws::AwsSigV4;
use upsign_core::{PresignRequest, Sign};
use upsign_sigv4::SigV4;
use upsign_testing::requests;

const CASES: u32 = 20_000;

/// One signer for all of them, so that days and credentials come and go in its keeping.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test that can be made longer is told so by its environment")]
fn equal_to_aws_sigv4() {
    let cases =
        std::env::var("UPSIGN_ORACLE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let (ours, theirs) = (SigV4::new(), AwsSigV4::new());
    // A long run draws a few thousand keys that are none; each counts as a reject.
    let config =
        Config { failure_persistence: None, max_local_rejects: u32::MAX, ..Config::with_cases(cases) };
    let mut runner = TestRunner::new(config);
    let inputs = (requests::all(), requests::credentials(), requests::times());
    let result = runner.run(&inputs, |(request, credentials, at)| {
        if theirs.check(&request).is_err() {
            return Ok(());
        }
        let wanted = theirs.sign(&request, &credentials, at).unwrap();
        let made = ours.sign(&request, &credentials, at).unwrap();
        assert_eq!(made.url.expose(), wanted.url.expose(), "{:?}", shown(&request));
        Ok(())
    });
    result.unwrap();
}

fn shown(request: &PresignRequest) -> String {
    format!("{request:?} at {}", request.key())
}
