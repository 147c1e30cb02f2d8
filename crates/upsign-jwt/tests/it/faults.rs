//! Faults of the key endpoint and their effect on callers. Time is an argument, so no test waits.

use std::sync::Arc;

use futures_util::FutureExt;
use tokio::task::{JoinSet, yield_now};
use upsign_jwt::{Rejection, VerifiedClaims, Verifier, VerifyError};

use crate::endpoint::{Endpoint, Response, forged};
use crate::pool::{at, config, jwks, token};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

fn keys(kids: &[&str]) -> Response {
    Response::Keys(jwks(kids))
}

fn verifier(endpoint: &Arc<Endpoint>) -> Verifier<Arc<Endpoint>> {
    Verifier::new(config(), Arc::clone(endpoint))
}

/// Returns a verifier that has fetched the key set.
async fn warm(endpoint: &Arc<Endpoint>) -> Verifier<Arc<Endpoint>> {
    let verifier = verifier(endpoint);
    verifier.jwks().warm(at(0)).await.unwrap();
    verifier
}

fn is_unknown(result: &Result<VerifiedClaims, VerifyError>) -> bool {
    matches!(result, Err(VerifyError::Rejected(Rejection::UnknownKid { .. })))
}

fn is_unavailable(result: &Result<VerifiedClaims, VerifyError>) -> bool {
    matches!(result, Err(VerifyError::KeysUnavailable { .. }))
}

/// Runs spawned tasks until they wait.
async fn settle() {
    for _ in 0..10 {
        yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cold_start_with_a_thousand_callers_is_one_fetch() {
    let endpoint = Endpoint::blocked(keys(&["old"]));
    let verifier = Arc::new(verifier(&endpoint));
    let token: Arc<str> = token("old").into();
    let mut callers = JoinSet::new();
    for _ in 0..1_000 {
        let (verifier, token) = (Arc::clone(&verifier), Arc::clone(&token));
        callers.spawn(async move { verifier.verify(&token, at(0)).await.is_ok() });
    }
    while endpoint.fetches() == 0 {
        yield_now().await;
    }
    endpoint.release_one();
    assert!(callers.join_all().await.into_iter().all(|accepted| accepted));
    assert_eq!(endpoint.fetches(), 1);
}

#[tokio::test]
async fn cancelled_caller_does_not_end_the_fetch_of_others() {
    let endpoint = Endpoint::blocked(keys(&["old"]));
    let verifier = Arc::new(verifier(&endpoint));
    let token = token("old");
    let call = || {
        let (verifier, token) = (Arc::clone(&verifier), token.clone());
        tokio::spawn(async move { verifier.verify(&token, at(0)).await.is_ok() })
    };
    let (first, second) = (call(), call());
    settle().await;
    first.abort();
    settle().await;
    endpoint.release_one();
    assert!(second.await.unwrap());
    assert_eq!(endpoint.fetches(), 1);
}

#[tokio::test]
async fn abandoned_fetch_is_resumed_or_replaced() {
    let endpoint = Endpoint::blocked(keys(&["old"]));
    let verifier = verifier(&endpoint);
    let token = token("old");
    assert!(verifier.verify(&token, at(0)).now_or_never().is_none());
    assert!(verifier.verify(&token, at(5)).now_or_never().is_none());
    assert_eq!(endpoint.fetches(), 1, "resumed");
    assert!(verifier.verify(&token, at(10)).now_or_never().is_none());
    assert_eq!(endpoint.fetches(), 2, "replaced");
    endpoint.release_one();
    assert!(verifier.verify(&token, at(11)).await.is_ok());
    assert_eq!(endpoint.fetches(), 2);
}

#[tokio::test]
async fn endpoint_down_with_cached_keys_is_tolerated_for_a_day() {
    let endpoint = Endpoint::new(keys(&["old"]));
    let verifier = warm(&endpoint).await;
    let token = token("old");
    endpoint.respond_with(Response::Down);
    for minute in 0..DAY / 60 {
        assert!(verifier.verify(&token, at(minute * 60)).await.is_ok(), "after {minute} minutes");
        settle().await;
    }
    assert_eq!(verifier.jwks().last_error().unwrap().code(), "key-set-transport");
    assert!(verifier.verify(&token, at(DAY - 1)).await.is_ok());
    assert!(is_unavailable(&verifier.verify(&token, at(DAY)).await));
    endpoint.respond_with(keys(&["old"]));
    assert!(verifier.verify(&token, at(DAY + 10)).await.is_ok());
    assert!(verifier.jwks().last_error().is_none());
}

#[tokio::test]
async fn endpoint_down_without_keys_recovers_within_ten_seconds() {
    let endpoint = Endpoint::new(Response::Down);
    let verifier = verifier(&endpoint);
    let token = token("old");
    assert!(is_unavailable(&verifier.verify(&token, at(0)).await));
    endpoint.respond_with(keys(&["old"]));
    for second in 1..10 {
        let result = verifier.verify(&token, at(second)).now_or_never();
        assert!(is_unavailable(&result.expect("no wait")), "after {second} seconds");
    }
    assert_eq!(endpoint.fetches(), 1);
    assert!(verifier.verify(&token, at(10)).await.is_ok());
}

#[tokio::test]
async fn known_key_never_waits() {
    let endpoint = Endpoint::blocked(keys(&["old"]));
    let verifier = verifier(&endpoint);
    endpoint.release_one();
    verifier.jwks().warm(at(0)).await.unwrap();
    let (known, unknown) = (token("old"), forged("unknown"));
    assert!(verifier.verify(&unknown, at(20)).now_or_never().is_none());
    for second in [0, 20, HOUR, 2 * HOUR, DAY - 1] {
        let result = verifier.verify(&known, at(second)).now_or_never();
        assert!(result.expect("no wait").is_ok(), "after {second} seconds");
        settle().await;
    }
}

#[tokio::test]
async fn invalid_response_never_replaces_a_key_set() {
    for response in [
        Response::Down,
        Response::Other(200, b"<html>maintenance</html>".to_vec()),
        Response::Other(200, b"{\"keys\":[]}".to_vec()),
        Response::Other(200, b"{\"keys\":[{\"kty\":\"oct\",\"kid\":\"old\",\"k\":\"AAAA\"}]}".to_vec()),
        Response::Other(200, vec![b' '; 300 * 1024]),
        Response::Other(200, Vec::new()),
        Response::Other(204, Vec::new()),
        Response::Other(301, jwks(&["new"]).into_bytes()),
        Response::Other(304, Vec::new()),
        Response::Other(403, jwks(&["new"]).into_bytes()),
        Response::Other(500, jwks(&["new"]).into_bytes()),
    ] {
        let endpoint = Endpoint::new(keys(&["old"]));
        let verifier = warm(&endpoint).await;
        endpoint.respond_with(response.clone());
        assert!(verifier.verify(&token("old"), at(2 * HOUR)).await.is_ok());
        settle().await;
        assert_eq!(endpoint.fetches(), 2);
        assert!(verifier.verify(&token("old"), at(2 * HOUR + 1)).await.is_ok(), "{response:?}");
        let result = verifier.verify(&token("new"), at(2 * HOUR + 2)).await;
        assert!(is_unavailable(&result), "{response:?}: {result:?}");
        assert_eq!(verifier.jwks().fetched_at(), Some(at(0)));
    }
}

#[tokio::test]
async fn intermittent_endpoint_is_tolerated() {
    let endpoint = Endpoint::new(keys(&["old"]));
    let verifier = warm(&endpoint).await;
    for round in 0..1_000 {
        endpoint.respond_with(if round % 2 == 0 { Response::Down } else { keys(&["old"]) });
        assert!(verifier.verify(&token("old"), at(round * 600)).await.is_ok(), "round {round}");
        settle().await;
    }
}

#[tokio::test]
async fn new_key_is_accepted_within_ten_seconds() {
    let endpoint = Endpoint::new(keys(&["old"]));
    let verifier = warm(&endpoint).await;
    endpoint.respond_with(keys(&["old", "new"]));
    // 100 s after the last fetch, the unknown key id starts another.
    assert!(verifier.verify(&token("new"), at(100)).await.is_ok());
    endpoint.respond_with(keys(&["old", "new", "newer"]));
    // Less than 10 s after the last fetch, the key is unknown; from then on it is accepted.
    assert!(is_unknown(&verifier.verify(&token("newer"), at(105)).await));
    assert!(verifier.verify(&token("newer"), at(110)).await.is_ok());
    assert_eq!(endpoint.fetches(), 3);
}

#[tokio::test]
async fn new_key_is_accepted_within_ten_seconds_during_a_flood() {
    let endpoint = Endpoint::new(keys(&["old"]));
    let verifier = warm(&endpoint).await;
    let new = token("new");
    let mut accepted_at = None;
    for second in 20..60 {
        for n in 0..50 {
            let result = verifier.verify(&forged(&format!("forged-{second}-{n}")), at(second)).await;
            assert!(is_unknown(&result));
        }
        if second == 33 {
            endpoint.respond_with(keys(&["old", "new"]));
        }
        if second >= 33 && accepted_at.is_none() {
            accepted_at = verifier.verify(&new, at(second)).await.is_ok().then_some(second);
        }
    }
    assert!(accepted_at.is_some_and(|second| second <= 43), "{accepted_at:?}");
    assert!(endpoint.fetches() <= 1 + 4 + 1);
}

#[tokio::test]
async fn removed_key_is_rejected_after_the_set_is_stale() {
    let endpoint = Endpoint::new(keys(&["old", "new"]));
    let verifier = warm(&endpoint).await;
    endpoint.respond_with(keys(&["new"]));
    assert!(verifier.verify(&token("old"), at(HOUR - 1)).await.is_ok());
    // The set is stale: this caller is still served, and starts the background refresh.
    assert!(verifier.verify(&token("new"), at(HOUR)).await.is_ok());
    settle().await;
    assert!(is_unknown(&verifier.verify(&token("old"), at(HOUR + 1)).await));
}

#[tokio::test]
async fn flood_of_unknown_keys_costs_few_fetches() {
    let endpoint = Endpoint::new(keys(&["old"]));
    let verifier = warm(&endpoint).await;
    let known = token("old");
    for second in 10..70 {
        for n in 0..100 {
            let kid = format!("forged-{}", (second * 100 + n) % 3_000);
            assert!(is_unknown(&verifier.verify(&forged(&kid), at(second)).await));
            let result = verifier.verify(&known, at(second)).now_or_never();
            assert!(result.expect("no wait").is_ok());
        }
    }
    assert!(endpoint.fetches() <= 1 + 7, "{}", endpoint.fetches());
}

#[tokio::test]
async fn repeated_unknown_key_costs_fewer_and_fewer_fetches() {
    let endpoint = Endpoint::new(keys(&["old"]));
    let verifier = warm(&endpoint).await;
    for second in 10..HOUR {
        assert!(is_unknown(&verifier.verify(&forged("unknown"), at(second)).await));
    }
    assert!(endpoint.fetches() < 20, "{}", endpoint.fetches());
}

#[tokio::test]
async fn blocking_refresh_makes_one_caller_wait() {
    let endpoint = Endpoint::blocked(keys(&["old"]));
    let verifier = Arc::new(verifier(&endpoint).with_blocking_refresh());
    endpoint.release_one();
    verifier.jwks().warm(at(0)).await.unwrap();
    endpoint.respond_with(keys(&["new"]));
    let old = token("old");
    let first = {
        let (verifier, old) = (Arc::clone(&verifier), old.clone());
        tokio::spawn(async move { verifier.verify(&old, at(HOUR)).await })
    };
    settle().await;
    assert!(verifier.verify(&old, at(HOUR)).now_or_never().expect("no wait").is_ok());
    endpoint.release_one();
    assert!(is_unknown(&first.await.unwrap()), "the key was removed from the set");
    assert_eq!(endpoint.fetches(), 2);
}

/// A response to a fetch that was replaced is older than the response to its replacement.
#[tokio::test]
async fn late_response_is_not_used() {
    let endpoint = Endpoint::blocked(keys(&["old"]));
    let verifier = verifier(&endpoint);
    endpoint.release_one();
    verifier.jwks().warm(at(0)).await.unwrap();
    for second in [HOUR, HOUR + 10] {
        assert!(verifier.verify(&token("old"), at(second)).await.is_ok());
        settle().await;
    }
    assert_eq!(endpoint.fetches(), 3);
    endpoint.release_one();
    settle().await;
    assert_eq!(verifier.jwks().fetched_at(), Some(at(0)), "the response to the first fetch was late");
    endpoint.release_one();
    settle().await;
    assert_eq!(verifier.jwks().fetched_at(), Some(at(HOUR + 10)));
}

#[tokio::test]
async fn without_a_runtime_the_caller_refreshes() {
    let endpoint = Endpoint::without_runtime(keys(&["old"]));
    let verifier = verifier(&endpoint);
    endpoint.release_one();
    verifier.jwks().warm(at(0)).await.unwrap();
    assert!(verifier.verify(&token("old"), at(HOUR)).now_or_never().is_none());
    endpoint.release_one();
    assert!(verifier.verify(&token("old"), at(HOUR)).await.is_ok());
}

#[tokio::test]
async fn clock_set_back_neither_stops_fetches_nor_keeps_keys() {
    let endpoint = Endpoint::new(keys(&["old"]));
    let verifier = verifier(&endpoint);
    verifier.jwks().warm(at(DAY - 1)).await.unwrap();
    endpoint.respond_with(keys(&["new"]));
    let old = token("old");
    assert!(verifier.verify(&old, at(0)).await.is_ok(), "stale, but not too old");
    settle().await;
    assert!(is_unknown(&verifier.verify(&old, at(1)).await));
    assert_eq!(verifier.jwks().fetched_at(), Some(at(0)));
}

/// After the clock was set back by 30 days, a withdrawn key would otherwise be accepted for 31 days.
#[tokio::test]
async fn clock_set_back_does_not_keep_keys_while_the_endpoint_is_down() {
    let old = token("old");
    for (fetched_at, accepted, refused) in [
        // Set back by a day or more, the age of the set is not known.
        (30 * DAY, vec![], vec![0, DAY, 9 * DAY]),
        (9 * DAY, vec![8 * DAY + 1], vec![8 * DAY, 0]),
        // Set back by less, the set is used for that much longer.
        (DAY - 1, vec![0, DAY, 2 * DAY - 2], vec![2 * DAY - 1, 3 * DAY]),
    ] {
        let endpoint = Endpoint::new(keys(&["old"]));
        let verifier = verifier(&endpoint);
        verifier.jwks().warm(at(fetched_at)).await.unwrap();
        endpoint.respond_with(Response::Down);
        for second in accepted {
            assert!(verifier.verify(&old, at(second)).await.is_ok(), "{fetched_at} {second}");
        }
        for second in refused {
            let result = verifier.verify(&old, at(second)).await;
            assert!(is_unavailable(&result), "{fetched_at} {second}: {result:?}");
            assert!(!verifier.jwks().status(at(second)).is_usable);
        }
    }
}

#[tokio::test]
async fn preloaded_keys_need_no_fetch_until_they_are_stale() {
    let endpoint = Endpoint::new(keys(&["old", "new"]));
    let verifier = verifier(&endpoint);
    verifier.jwks().preload(jwks(&["old"]).as_bytes(), at(0)).unwrap();
    assert!(verifier.verify(&token("old"), at(HOUR - 1)).await.is_ok());
    assert_eq!(endpoint.fetches(), 0);
    assert!(verifier.verify(&token("new"), at(HOUR - 1)).await.is_ok());
    assert_eq!(endpoint.fetches(), 1);
    assert!(verifier.jwks().preload(b"<html>", at(0)).is_err());
}
