//! The memory of verified tokens.

use std::sync::Arc;

use upsign_cognito::{CacheLimits, Rejection, Verifier, VerifyError};

use crate::endpoint::{Answer, Endpoint};
use crate::pool::{NOW, at, claims, config, jwks, sign, token};

fn verifier(endpoint: &Arc<Endpoint>, limits: CacheLimits) -> Verifier<Arc<Endpoint>> {
    Verifier::new(config(), Arc::clone(endpoint)).with_token_cache(limits)
}

fn old_and_new() -> Answer {
    Answer::Keys(jwks(&["old", "new"]))
}

#[tokio::test]
async fn a_hit_says_what_the_first_time_said() {
    let endpoint = Endpoint::new(old_and_new());
    let verifier = verifier(&endpoint, CacheLimits::default());
    let token = token("old");
    let first = verifier.verify(&token, at(0)).await.unwrap();
    assert_eq!(verifier.verify(&token, at(1)).await.unwrap(), first);
}

#[tokio::test]
async fn the_whole_token_is_compared() {
    let endpoint = Endpoint::new(old_and_new());
    let verifier = verifier(&endpoint, CacheLimits::default());
    let token = token("old");
    verifier.verify(&token, at(0)).await.unwrap();
    let last = if token.ends_with('A') { 'B' } else { 'A' };
    for at_byte in [token.len() - 1, token.len() - 100, token.len() / 2, 5] {
        let mut other = token.clone();
        other.replace_range(at_byte..=at_byte, &last.to_string());
        if other != token {
            assert!(verifier.verify(&other, at(0)).await.is_err());
        }
    }
}

#[tokio::test]
async fn times_are_checked_at_every_hit() {
    let endpoint = Endpoint::new(old_and_new());
    let verifier = verifier(&endpoint, CacheLimits::new(10, 3_600));
    let token = sign("old", &claims(NOW + 100));
    for second in [0, 50, 100, 159] {
        assert!(verifier.verify(&token, at(second)).await.is_ok(), "{second}");
    }
    let why = verifier.verify(&token, at(160)).await.unwrap_err();
    assert!(matches!(why, VerifyError::Rejected(Rejection::Expired { .. })), "{why}");
}

#[tokio::test]
async fn a_new_key_set_empties_it() {
    let endpoint = Endpoint::new(old_and_new());
    let verifier = verifier(&endpoint, CacheLimits::new(10, 86_400));
    let token = token("old");
    verifier.verify(&token, at(0)).await.unwrap();
    endpoint.says(Answer::Keys(jwks(&["new"])));
    // The hit finds the set stale and has it renewed: the cache does not keep a withdrawn key alive.
    assert!(verifier.verify(&token, at(3_600)).await.is_ok());
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(verifier.verify(&token, at(3_601)).await.is_err());
    assert_eq!(endpoint.fetches(), 2);
}

/// Another key under the same name: the memory does not outlive the key it was made with.
#[tokio::test]
async fn a_replaced_key_empties_it() {
    let endpoint = Endpoint::new(old_and_new());
    let verifier = verifier(&endpoint, CacheLimits::new(10, 86_400));
    let token = token("old");
    verifier.verify(&token, at(0)).await.unwrap();
    verifier.jwks().preload(jwks(&["new"]).replace("\"new\"", "\"old\"").as_bytes(), at(1)).unwrap();
    let why = verifier.verify(&token, at(1)).await.unwrap_err();
    assert_eq!(why.code(), "signature");
}

#[tokio::test]
async fn nothing_is_kept_when_nothing_may_be() {
    let endpoint = Endpoint::new(old_and_new());
    for limits in [CacheLimits::new(0, 60), CacheLimits::new(1, 0)] {
        let verifier = verifier(&endpoint, limits);
        for second in 0..3 {
            assert!(verifier.verify(&token("old"), at(second)).await.is_ok());
        }
    }
}
