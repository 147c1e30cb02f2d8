//! Tokens that must not cause a fetch, and URLs that must not be fetched.

use serde_json::json;
use upsign_jwt::{FetchError, Verifier, VerifyError};
use upsign_testing::mocks::MockFetchKeys;

use crate::corpus::{cases, corpus, text};
use crate::endpoint::forged;
use crate::pool::{at, config, sign_text};

fn verifier_without_fetch() -> Verifier<MockFetchKeys> {
    let mut fetcher = MockFetchKeys::new();
    fetcher.expect_fetch().never();
    Verifier::new(config(), fetcher)
}

#[tokio::test]
async fn malformed_token_starts_no_fetch() {
    let verifier = verifier_without_fetch();
    let header = |header: serde_json::Value| sign_text(&header.to_string(), "{}", "old");
    for token in [
        String::new(),
        "a.b.c".into(),
        "..".into(),
        forged("k").replacen('.', ".A.", 1),
        forged(&"k".repeat(10_000)),
        header(json!({"alg": "none", "kid": "old"})),
        header(json!({"alg": "HS256", "kid": "old"})),
        header(json!({"alg": "RS512", "kid": "old"})),
        header(json!({"alg": "RS256"})),
        header(json!({"alg": "RS256", "kid": 1})),
        header(json!({"alg": "RS256", "kid": "old", "crit": ["exp"]})),
        header(json!({"alg": "RS256", "kid": "old", "b64": false})),
    ] {
        let result = verifier.verify(&token, at(0)).await;
        assert!(matches!(result, Err(VerifyError::Rejected(_))), "{token}: {result:?}");
    }
}

/// The only URL that is fetched is the configured one.
#[tokio::test]
async fn urls_in_a_token_are_never_fetched() {
    let corpus = corpus!("jwt_attack.json");
    for case in cases(&corpus) {
        let mut fetcher = MockFetchKeys::new();
        fetcher.expect_fetch().times(0..=1).returning(|uri| {
            assert_eq!(uri, config().issuer().jwks_uri());
            Err(FetchError::Timeout)
        });
        let result = Verifier::new(config(), fetcher).verify(text(&case["token"]), at(0)).await;
        assert!(result.is_err());
    }
}

#[tokio::test]
async fn failed_fetch_makes_keys_unavailable() {
    let mut fetcher = MockFetchKeys::new();
    fetcher.expect_fetch().once().returning(|_| Err(FetchError::Timeout));
    let verifier = Verifier::new(config(), fetcher);
    for _ in 0..3 {
        let error = verifier.verify(&forged("k"), at(0)).await.unwrap_err();
        assert_eq!(error.code(), "keys-unavailable");
    }
}
