//! What the key endpoint may do, and what callers see of it. Time is an argument, so a day passes in no time.

use std::sync::Arc;

use futures_util::FutureExt;
use tokio::task::{JoinSet, yield_now};
use upsign_cognito::{Rejection, VerifiedClaims, Verifier, VerifyError};

use crate::endpoint::{Answer, Endpoint};
use crate::pool::{at, config, forged, jwks, token};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

fn keys(kids: &[&str]) -> Answer {
    Answer::Keys(jwks(kids))
}

fn verifier(endpoint: &Arc<Endpoint>) -> Verifier<Arc<Endpoint>> {
    Verifier::new(config(), Arc::clone(endpoint))
}

/// A verifier that has fetched the key `old`.
async fn warm(endpoint: &Arc<Endpoint>) -> Verifier<Arc<Endpoint>> {
    let verifier = verifier(endpoint);
    verifier.jwks().warm(at(0)).await.unwrap();
    verifier
}

fn is_unknown(verdict: &Result<VerifiedClaims, VerifyError>) -> bool {
    matches!(verdict, Err(VerifyError::Rejected(Rejection::UnknownKid { .. })))
}

fn is_unavailable(verdict: &Result<VerifiedClaims, VerifyError>) -> bool {
    matches!(verdict, Err(VerifyError::KeysUnavailable(_)))
}

/// Lets what was spawned run as far as it can.
async fn settle() {
    for _ in 0..10 {
        yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cold_start_with_a_thousand_callers_is_one_fetch() {
    let endpoint = Endpoint::waiting(keys(&["old"]));
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
    endpoint.let_one_through();
    assert!(callers.join_all().await.into_iter().all(|accepted| accepted));
    assert_eq!(endpoint.fetches(), 1);
}

#[tokio::test]
async fn a_caller_who_goes_away_does_not_end_the_fetch_of_others() {
    let endpoint = Endpoint::waiting(keys(&["old"]));
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
    endpoint.let_one_through();
    assert!(second.await.unwrap());
    assert_eq!(endpoint.fetches(), 1);
}

#[tokio::test]
async fn a_fetch_given_up_by_all_is_taken_up_or_replaced() {
    let endpoint = Endpoint::waiting(keys(&["old"]));
    let verifier = verifier(&endpoint);
    let token = token("old");
    assert!(verifier.verify(&token, at(0)).now_or_never().is_none());
    assert!(verifier.verify(&token, at(5)).now_or_never().is_none());
    assert_eq!(endpoint.fetches(), 1, "taken up");
    assert!(verifier.verify(&token, at(10)).now_or_never().is_none());
    assert_eq!(endpoint.fetches(), 2, "replaced");
    endpoint.let_one_through();
    assert!(verifier.verify(&token, at(11)).await.is_ok());
    assert_eq!(endpoint.fetches(), 2);
}

#[tokio::test]
async fn down_while_warm_nobody_notices_for_a_day_and_then_it_fails_closed() {
    let endpoint = Endpoint::new(keys(&["old"]));
    let verifier = warm(&endpoint).await;
    let token = token("old");
    endpoint.says(Answer::Down);
    for minute in 0..DAY / 60 {
        assert!(verifier.verify(&token, at(minute * 60)).await.is_ok(), "after {minute} minutes");
        settle().await;
    }
    assert_eq!(verifier.jwks().failure().unwrap().code(), "key-set-transport");
    assert!(verifier.verify(&token, at(DAY - 1)).await.is_ok());
    assert!(is_unavailable(&verifier.verify(&token, at(DAY)).await));
    endpoint.says(keys(&["old"]));
    assert!(verifier.verify(&token, at(DAY + 10)).await.is_ok());
    assert!(verifier.jwks().failure().is_none());
}

#[tokio::test]
async fn down_while_cold_answers_at_once_and_recovers_within_ten_seconds() {
    let endpoint = Endpoint::new(Answer::Down);
    let verifier = verifier(&endpoint);
    let token = token("old");
    assert!(is_unavailable(&verifier.verify(&token, at(0)).await));
    endpoint.says(keys(&["old"]));
    for second in 1..10 {
        let verdict = verifier.verify(&token, at(second)).now_or_never();
        assert!(is_unavailable(&verdict.expect("no waiting")), "after {second} seconds");
    }
    assert_eq!(endpoint.fetches(), 1);
    assert!(verifier.verify(&token, at(10)).await.is_ok());
}

#[tokio::test]
async fn a_known_key_never_waits() {
    let endpoint = Endpoint::waiting(keys(&["old"]));
    let verifier = verifier(&endpoint);
    endpoint.let_one_through();
    verifier.jwks().warm(at(0)).await.unwrap();
    let (known, unknown) = (token("old"), forged("nobody"));
    assert!(verifier.verify(&unknown, at(20)).now_or_never().is_none());
    for second in [0, 20, HOUR, 2 * HOUR, DAY - 1] {
        let verdict = verifier.verify(&known, at(second)).now_or_never();
        assert!(verdict.expect("no waiting").is_ok(), "after {second} seconds");
        settle().await;
    }
}

#[tokio::test]
async fn a_bad_answer_never_replaces_a_good_set() {
    for answer in [
        Answer::Down,
        Answer::Other(200, b"<html>maintenance</html>".to_vec()),
        Answer::Other(200, b"{\"keys\":[]}".to_vec()),
        Answer::Other(200, b"{\"keys\":[{\"kty\":\"oct\",\"kid\":\"old\",\"k\":\"AAAA\"}]}".to_vec()),
        Answer::Other(200, vec![b' '; 300 * 1024]),
        Answer::Other(200, Vec::new()),
        Answer::Other(204, Vec::new()),
        Answer::Other(301, jwks(&["new"]).into_bytes()),
        Answer::Other(304, Vec::new()),
        Answer::Other(403, jwks(&["new"]).into_bytes()),
        Answer::Other(500, jwks(&["new"]).into_bytes()),
    ] {
        let endpoint = Endpoint::new(keys(&["old"]));
        let verifier = warm(&endpoint).await;
        endpoint.says(answer.clone());
        assert!(verifier.verify(&token("old"), at(2 * HOUR)).await.is_ok());
        settle().await;
        assert_eq!(endpoint.fetches(), 2);
        assert!(verifier.verify(&token("old"), at(2 * HOUR + 1)).await.is_ok(), "{answer:?}");
        let verdict = verifier.verify(&token("new"), at(2 * HOUR + 2)).await;
        assert!(is_unavailable(&verdict), "{answer:?}: {verdict:?}");
        assert_eq!(verifier.jwks().fetched_at(), Some(at(0)));
    }
}

#[tokio::test]
async fn flapping_is_not_noticed() {
    let endpoint = Endpoint::new(keys(&["old"]));
    let verifier = warm(&endpoint).await;
    for round in 0..1_000 {
        endpoint.says(if round % 2 == 0 { Answer::Down } else { keys(&["old"]) });
        assert!(verifier.verify(&token("old"), at(round * 600)).await.is_ok(), "round {round}");
        settle().await;
    }
}

#[tokio::test]
async fn a_new_key_is_accepted_at_the_first_or_second_try() {
    let endpoint = Endpoint::new(keys(&["old"]));
    let verifier = warm(&endpoint).await;
    endpoint.says(keys(&["old", "new"]));
    // First try, long after the last fetch.
    assert!(verifier.verify(&token("new"), at(100)).await.is_ok());
    endpoint.says(keys(&["old", "new", "newer"]));
    // Too soon after the last fetch; the second try is ten seconds after it.
    assert!(is_unknown(&verifier.verify(&token("newer"), at(105)).await));
    assert!(verifier.verify(&token("newer"), at(110)).await.is_ok());
    assert_eq!(endpoint.fetches(), 3);
}

#[tokio::test]
async fn a_new_key_is_accepted_within_ten_seconds_under_a_storm() {
    let endpoint = Endpoint::new(keys(&["old"]));
    let verifier = warm(&endpoint).await;
    let new = token("new");
    let mut accepted_at = None;
    for second in 20..60 {
        for n in 0..50 {
            let verdict = verifier.verify(&forged(&format!("forged-{second}-{n}")), at(second)).await;
            assert!(is_unknown(&verdict));
        }
        if second == 33 {
            endpoint.says(keys(&["old", "new"]));
        }
        if second >= 33 && accepted_at.is_none() {
            accepted_at = verifier.verify(&new, at(second)).await.is_ok().then_some(second);
        }
    }
    assert!(accepted_at.is_some_and(|second| second <= 43), "{accepted_at:?}");
    assert!(endpoint.fetches() <= 1 + 4 + 1);
}

#[tokio::test]
async fn a_removed_key_is_refused_within_one_lifetime() {
    let endpoint = Endpoint::new(keys(&["old", "new"]));
    let verifier = warm(&endpoint).await;
    endpoint.says(keys(&["new"]));
    assert!(verifier.verify(&token("old"), at(HOUR - 1)).await.is_ok());
    // The set is stale: this caller is still served, and the renewal runs beside.
    assert!(verifier.verify(&token("new"), at(HOUR)).await.is_ok());
    settle().await;
    assert!(is_unknown(&verifier.verify(&token("old"), at(HOUR + 1)).await));
}

#[tokio::test]
async fn a_storm_of_unknown_keys_costs_few_fetches_and_touches_nobody() {
    let endpoint = Endpoint::new(keys(&["old"]));
    let verifier = warm(&endpoint).await;
    let known = token("old");
    for second in 10..70 {
        for n in 0..100 {
            let kid = format!("forged-{}", (second * 100 + n) % 3_000);
            assert!(is_unknown(&verifier.verify(&forged(&kid), at(second)).await));
            let verdict = verifier.verify(&known, at(second)).now_or_never();
            assert!(verdict.expect("no waiting").is_ok());
        }
    }
    assert!(endpoint.fetches() <= 1 + 7, "{}", endpoint.fetches());
}

#[tokio::test]
async fn one_forged_key_costs_fewer_and_fewer_fetches() {
    let endpoint = Endpoint::new(keys(&["old"]));
    let verifier = warm(&endpoint).await;
    for second in 10..HOUR {
        assert!(is_unknown(&verifier.verify(&forged("nobody"), at(second)).await));
    }
    assert!(endpoint.fetches() < 20, "{}", endpoint.fetches());
}

#[tokio::test]
async fn renewal_in_line_is_carried_by_one_caller() {
    let endpoint = Endpoint::waiting(keys(&["old"]));
    let verifier = Arc::new(verifier(&endpoint).with_renewal_in_line());
    endpoint.let_one_through();
    verifier.jwks().warm(at(0)).await.unwrap();
    endpoint.says(keys(&["new"]));
    let old = token("old");
    let first = {
        let (verifier, old) = (Arc::clone(&verifier), old.clone());
        tokio::spawn(async move { verifier.verify(&old, at(HOUR)).await })
    };
    settle().await;
    assert!(verifier.verify(&old, at(HOUR)).now_or_never().expect("no waiting").is_ok());
    endpoint.let_one_through();
    assert!(is_unknown(&first.await.unwrap()), "the key was removed");
    assert_eq!(endpoint.fetches(), 2);
}

/// An answer that comes after its fetch was replaced is older than what replaced it.
#[tokio::test]
async fn a_late_answer_is_not_used() {
    let endpoint = Endpoint::waiting(keys(&["old"]));
    let verifier = verifier(&endpoint);
    endpoint.let_one_through();
    verifier.jwks().warm(at(0)).await.unwrap();
    for second in [HOUR, HOUR + 10] {
        assert!(verifier.verify(&token("old"), at(second)).await.is_ok());
        settle().await;
    }
    assert_eq!(endpoint.fetches(), 3);
    endpoint.let_one_through();
    settle().await;
    assert_eq!(verifier.jwks().fetched_at(), Some(at(0)), "the first of the two came late");
    endpoint.let_one_through();
    settle().await;
    assert_eq!(verifier.jwks().fetched_at(), Some(at(HOUR + 10)));
}

#[tokio::test]
async fn without_a_runtime_the_caller_carries_the_renewal() {
    let endpoint = Endpoint::without_runtime(keys(&["old"]));
    let verifier = verifier(&endpoint);
    endpoint.let_one_through();
    verifier.jwks().warm(at(0)).await.unwrap();
    assert!(verifier.verify(&token("old"), at(HOUR)).now_or_never().is_none());
    endpoint.let_one_through();
    assert!(verifier.verify(&token("old"), at(HOUR)).await.is_ok());
}

#[tokio::test]
async fn a_clock_set_back_neither_stops_fetching_nor_keeps_keys() {
    let endpoint = Endpoint::new(keys(&["old"]));
    let verifier = verifier(&endpoint);
    verifier.jwks().warm(at(30 * DAY)).await.unwrap();
    endpoint.says(keys(&["new"]));
    let old = token("old");
    assert!(verifier.verify(&old, at(0)).await.is_ok(), "stale, but not too old");
    settle().await;
    assert!(is_unknown(&verifier.verify(&old, at(1)).await));
    assert_eq!(verifier.jwks().fetched_at(), Some(at(0)));
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
