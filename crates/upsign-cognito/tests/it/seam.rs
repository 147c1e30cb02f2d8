//! What must never reach the network.

use mockall::mock;
use serde_json::json;
use upsign_cognito::{FetchError, FetchKeys, FetchedKeys, Verifier, VerifyError};

use crate::corpus::{cases, corpus, text};
use crate::pool::{at, config, forged, sign_text};

mock! {
    #[derive(Debug)]
    Fetcher {}

    #[async_trait::async_trait]
    impl FetchKeys for Fetcher {
        async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError>;
    }
}

fn never_fetching() -> Verifier<MockFetcher> {
    let mut fetcher = MockFetcher::new();
    fetcher.expect_fetch().never();
    Verifier::new(config(), fetcher)
}

#[tokio::test]
async fn what_is_no_token_fetches_nothing() {
    let verifier = never_fetching();
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
        let verdict = verifier.verify(&token, at(0)).await;
        assert!(matches!(verdict, Err(VerifyError::Rejected(_))), "{token}: {verdict:?}");
    }
}

/// Addresses in a token are never followed: the one fetch there is goes to the configured address.
#[tokio::test]
async fn addresses_in_a_token_are_never_followed() {
    let corpus = corpus!("jwt_attack.json");
    for case in cases(&corpus) {
        let mut fetcher = MockFetcher::new();
        fetcher.expect_fetch().times(0..=1).returning(|uri| {
            assert_eq!(uri, config().issuer().jwks_uri());
            Err(FetchError::Timeout)
        });
        let verdict = Verifier::new(config(), fetcher).verify(text(&case["token"]), at(0)).await;
        assert!(verdict.is_err());
    }
}

#[tokio::test]
async fn without_an_answer_nobody_is_let_in_and_nobody_is_blamed() {
    let mut fetcher = MockFetcher::new();
    fetcher.expect_fetch().once().returning(|_| Err(FetchError::Timeout));
    let verifier = Verifier::new(config(), fetcher);
    for _ in 0..3 {
        let why = verifier.verify(&forged("k"), at(0)).await.unwrap_err();
        assert_eq!(why.code(), "keys-unavailable");
    }
}
