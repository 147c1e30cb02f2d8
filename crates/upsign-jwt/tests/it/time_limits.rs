//! How long callers wait for a fetcher that says how long it may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use upsign_jwt::{FetchError, FetchKeys, FetchedKeys, KeySetStatus, Verifier, VerifyError, async_trait};

use crate::pool::{at, config, jwks, token};

/// Answers after a time.
#[derive(Debug)]
struct Slow {
    answers_after: Duration,
    limit: Duration,
    fetches: AtomicUsize,
}

#[async_trait]
impl FetchKeys for Slow {
    async fn fetch(&self, _uri: &str) -> Result<FetchedKeys, FetchError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        sleep(self.answers_after).await;
        Ok(FetchedKeys::new(200, jwks(&["old"])))
    }

    fn time_limit(&self) -> Duration {
        self.limit
    }
}

fn slow(answers_after: u64, limit: Duration) -> Arc<Slow> {
    let answers_after = Duration::from_secs(answers_after);
    Arc::new(Slow { answers_after, limit, fetches: AtomicUsize::new(0) })
}

#[tokio::test(start_paused = true)]
async fn callers_wait_for_the_time_limit_of_the_fetcher_and_no_longer() {
    for (answers_after, limit) in [(4, 5), (20, 32), (1, 2)] {
        let fetcher = slow(answers_after, Duration::from_secs(limit));
        // The limit is that of the fetcher behind a pointer.
        let verifier = Verifier::new(config(), Box::new(fetcher) as Box<dyn FetchKeys>);
        let started = Instant::now();
        assert!(verifier.verify(&token("old"), at(0)).await.is_ok());
        assert_eq!(started.elapsed().as_secs(), answers_after);
    }
    for limit in [Duration::from_millis(700), Duration::from_secs(5), Duration::from_secs(32)] {
        let verifier = Verifier::new(config(), slow(3_600, limit));
        let started = Instant::now();
        let error = verifier.verify(&token("old"), at(0)).await.unwrap_err();
        let VerifyError::KeysUnavailable { source, .. } = &error else { panic!("{error}") };
        assert!(matches!(**source, FetchError::Timeout), "{error}");
        assert!(started.elapsed().abs_diff(limit) < Duration::from_millis(10), "{:?}", started.elapsed());
    }
}

/// Usually a fetch is replaced by the next one after ten seconds. One that may take longer is not.
#[tokio::test(start_paused = true)]
async fn fetch_within_a_long_time_limit_is_shared_and_not_replaced() {
    let fetcher = slow(20, Duration::from_secs(32));
    let failures = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&failures);
    let verifier =
        Verifier::new(config(), Arc::clone(&fetcher)).with_keys_observer(move |status: &KeySetStatus| {
            seen.fetch_add(usize::from(status.last_error.is_some()), Ordering::SeqCst);
        });
    let started = Instant::now();
    let callers = [0, 9, 10, 15, 19].map(|second| {
        let verifier = verifier.clone();
        tokio::spawn(async move {
            sleep(Duration::from_secs(second)).await;
            assert_eq!(verifier.jwks().status(at(second)).is_refreshing, second > 0);
            verifier.verify(&token("old"), at(second)).await.unwrap();
        })
    });
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(started.elapsed().as_secs(), 20);
    assert_eq!((fetcher.fetches.load(Ordering::SeqCst), failures.load(Ordering::SeqCst)), (1, 0));
}

/// The callers of an abandoned fetch are gone. The next one after its time limit starts another.
#[tokio::test(start_paused = true)]
async fn abandoned_fetch_is_replaced_after_its_time_limit() {
    let fetcher = slow(3_600, Duration::from_secs(32));
    let verifier = Verifier::new(config(), Arc::clone(&fetcher));
    for (second, fetches) in [(0, 1), (10, 1), (31, 1), (32, 2)] {
        let waited = tokio::time::timeout(Duration::from_millis(1), async {
            verifier.verify(&token("old"), at(second)).await
        });
        assert!(waited.await.is_err(), "{second}");
        assert_eq!(fetcher.fetches.load(Ordering::SeqCst), fetches, "{second}");
    }
}

/// The status says when a caller can cause the next fetch: after the one that is running.
#[tokio::test(start_paused = true)]
async fn next_attempt_is_after_a_fetch_that_is_running() {
    let verifier = Verifier::new(config(), slow(3_600, Duration::from_secs(32)));
    let next_attempt = |second| verifier.jwks().status(at(second)).next_attempt;
    assert!(verifier.verify(&token("old"), at(0)).await.is_err());
    assert_eq!((next_attempt(5), next_attempt(32)), (Some(at(10)), None));
    let caller = {
        let verifier = verifier.clone();
        tokio::spawn(async move { verifier.verify(&token("old"), at(40)).await.is_err() })
    };
    sleep(Duration::from_secs(1)).await;
    assert_eq!((next_attempt(41), next_attempt(60)), (Some(at(72)), Some(at(72))));
    assert!(caller.await.unwrap());
    assert_eq!(next_attempt(45), Some(at(50)));
}

#[cfg(feature = "fetch")]
#[test]
fn http_fetch_has_time_for_discovery_and_keys() {
    use upsign_jwt::HttpFetch;
    assert_eq!(HttpFetch::new().time_limit(), Duration::from_secs(5));
    let slow = HttpFetch::new().with_timeout(Duration::from_secs(30));
    assert_eq!(slow.time_limit(), Duration::from_secs(32));
    assert_eq!(
        format!("{:?}", slow.with_environment_proxy()),
        "HttpFetch { timeout: 30s, uses_environment_proxy: true, accepts_http: false, .. }"
    );
}
