//! The cache of verified tokens.

use std::sync::Arc;

use upsign_jwt::{CacheLimits, Rejection, Verifier, VerifyError};

use crate::endpoint::{Endpoint, Response};
use crate::pool::{NOW, at, claims, config, jwks, sign, token};

fn verifier(endpoint: &Arc<Endpoint>, limits: CacheLimits) -> Verifier<Arc<Endpoint>> {
    Verifier::new(config(), Arc::clone(endpoint)).with_token_cache(limits)
}

fn old_and_new() -> Response {
    Response::Keys(jwks(&["old", "new"]))
}

#[tokio::test]
async fn hit_returns_the_first_result() {
    let endpoint = Endpoint::new(old_and_new());
    let verifier = verifier(&endpoint, CacheLimits::default());
    let token = token("old");
    let first = verifier.verify(&token, at(0)).await.unwrap();
    assert_eq!(verifier.verify(&token, at(1)).await.unwrap(), first);
}

#[tokio::test]
async fn whole_token_is_compared() {
    let endpoint = Endpoint::new(old_and_new());
    let verifier = verifier(&endpoint, CacheLimits::default());
    let token = token("old");
    verifier.verify(&token, at(0)).await.unwrap();
    let last = if token.ends_with('A') { 'B' } else { 'A' };
    for index in [token.len() - 1, token.len() - 100, token.len() / 2, 5] {
        let mut other = token.clone();
        other.replace_range(index..=index, &last.to_string());
        if other != token {
            assert!(verifier.verify(&other, at(0)).await.is_err());
        }
    }
}

#[tokio::test]
async fn expiry_is_checked_on_every_hit() {
    let endpoint = Endpoint::new(old_and_new());
    let verifier = verifier(&endpoint, CacheLimits::new(10, 3_600));
    let token = sign("old", &claims(NOW + 100));
    for second in [0, 50, 100, 159] {
        assert!(verifier.verify(&token, at(second)).await.is_ok(), "{second}");
    }
    let error = verifier.verify(&token, at(160)).await.unwrap_err();
    assert!(matches!(error, VerifyError::Rejected(Rejection::Expired { .. })), "{error}");
}

#[tokio::test]
async fn refreshed_key_set_clears_the_cache() {
    let endpoint = Endpoint::new(old_and_new());
    let verifier = verifier(&endpoint, CacheLimits::new(10, 86_400));
    let token = token("old");
    verifier.verify(&token, at(0)).await.unwrap();
    endpoint.respond_with(Response::Keys(jwks(&["new"])));
    // The cached token makes the verifier look its key up, which refreshes the stale set.
    assert!(verifier.verify(&token, at(3_600)).await.is_ok());
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(verifier.verify(&token, at(3_601)).await.is_err());
    assert_eq!(endpoint.fetches(), 2);
}

/// The issuer replaces a key and keeps its id.
#[tokio::test]
async fn replaced_key_clears_the_cache() {
    let endpoint = Endpoint::new(old_and_new());
    let verifier = verifier(&endpoint, CacheLimits::new(10, 86_400));
    let token = token("old");
    verifier.verify(&token, at(0)).await.unwrap();
    verifier.jwks().preload(jwks(&["new"]).replace("\"new\"", "\"old\"").as_bytes(), at(1)).unwrap();
    let error = verifier.verify(&token, at(1)).await.unwrap_err();
    assert_eq!(error.code(), "signature");
}

#[tokio::test]
async fn zero_limits_disable_the_cache() {
    let endpoint = Endpoint::new(old_and_new());
    for limits in [CacheLimits::new(0, 60), CacheLimits::new(1, 0)] {
        let verifier = verifier(&endpoint, limits);
        for second in 0..3 {
            assert!(verifier.verify(&token("old"), at(second)).await.is_ok());
        }
    }
}

#[tokio::test]
async fn clones_share_the_keys_and_the_cache() {
    let endpoint = Endpoint::new(old_and_new());
    let verifier = verifier(&endpoint, CacheLimits::default());
    let clone = verifier.clone();
    let token = token("old");
    let first = verifier.verify(&token, at(0)).await.unwrap();
    // Without the shared cache the claims would be equal too, but read again from the token.
    let again = clone.verify(&token, at(1)).await.unwrap();
    assert!(std::ptr::eq(first.claims(), again.claims()));
    assert_eq!((endpoint.fetches(), clone.jwks().fetched_at()), (1, Some(at(0))));
}
