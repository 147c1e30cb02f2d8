//! Fetchers made of closures.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use upsign_jwt::{FetchError, FetchKeys, FetchedKeys, Verifier, fetch_keys_fn};

use crate::pool::{at, config, jwks, token};

#[tokio::test]
async fn closure_receives_the_url_of_the_key_set() {
    let fetcher = fetch_keys_fn(|uri| async move {
        assert_eq!(uri, "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test1/.well-known/jwks.json");
        Ok(FetchedKeys::new(200, jwks(&["old"])))
    });
    let verifier = Verifier::new(config(), fetcher);
    assert_eq!(verifier.verify(&token("old"), at(0)).await.unwrap().subject(), "alice");
}

#[tokio::test]
async fn error_of_the_closure_is_reported_with_its_cause() {
    let fetcher = fetch_keys_fn(|_| async { Err(FetchError::transport("connection refused")) });
    let verifier = Verifier::new(config(), fetcher);
    let error = verifier.verify(&token("old"), at(0)).await.unwrap_err();
    assert_eq!(
        upsign_core::error_chain(&error).to_string(),
        "cannot fetch https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test1/.well-known/jwks.json: \
         the request failed: connection refused"
    );
}

#[tokio::test(start_paused = true)]
async fn closure_can_have_a_longer_time_limit() {
    let slow = || {
        fetch_keys_fn(|_| async {
            tokio::time::sleep(Duration::from_secs(8)).await;
            Ok(FetchedKeys::new(200, jwks(&["old"])))
        })
    };
    let error = Verifier::new(config(), slow()).verify(&token("old"), at(0)).await.unwrap_err();
    assert_eq!(error.code(), "keys-unavailable");
    let patient = Verifier::new(config(), slow().with_time_limit(Duration::from_secs(9)));
    assert!(patient.verify(&token("old"), at(0)).await.is_ok());
}

#[tokio::test]
async fn refreshes_are_spawned_only_with_a_spawn_function() {
    let spawned = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&spawned);
    let fetcher = fetch_keys_fn(|_| async { Ok(FetchedKeys::new(200, jwks(&["old"]))) });
    assert!(fetcher.spawn(Box::pin(async {})).is_err());
    let fetcher = fetcher.with_spawn(move |refresh| {
        count.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(refresh);
    });
    let verifier = Verifier::new(config(), fetcher);
    for second in [0, 3_600] {
        verifier.verify(&token("old"), at(second)).await.unwrap();
    }
    assert_eq!(spawned.load(Ordering::Relaxed), 1);
}
