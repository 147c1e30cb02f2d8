//! A failing key endpoint is visible in the status and to the observer while callers are still served.

use std::error::Error;
use std::sync::{Arc, Mutex};

use upsign_jwt::{FetchKeys, KeySetStatus, Verifier};

use crate::endpoint::{Endpoint, Response};
use crate::pool::{at, config, jwks, token};

const DAY: u64 = 24 * 3_600;

type Seen = Arc<Mutex<Vec<KeySetStatus>>>;

/// Returns a verifier, and the statuses that its observer receives.
fn observed<F: FetchKeys>(fetcher: F) -> (Verifier<F>, Seen) {
    let seen = Seen::default();
    let recorder = Arc::clone(&seen);
    let record = move |status: &KeySetStatus| recorder.lock().unwrap().push(status.clone());
    (Verifier::new(config(), fetcher).with_keys_observer(record), seen)
}

async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

/// Returns the messages of an error and of all its causes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[tokio::test]
async fn broken_endpoint_is_reported_long_before_callers_are_refused() {
    let endpoint = Endpoint::new(Response::Keys(jwks(&["old"])));
    let (verifier, seen) = observed(Arc::clone(&endpoint));
    let status = |second| verifier.jwks().status(at(second));
    assert!(!status(0).is_usable && status(0).age.is_none() && status(0).next_attempt.is_none());

    let token = token("old");
    verifier.verify(&token, at(0)).await.unwrap();
    let healthy = status(5);
    assert!(healthy.is_usable && healthy.last_error.is_none());
    assert_eq!((healthy.age, healthy.fetches, healthy.total_failures), (Some(5), 1, 0));
    assert_eq!(healthy.next_attempt, Some(at(3_600)));

    endpoint.respond_with(Response::Other(403, Vec::new()));
    for second in [3_600, 3_605, 3_610] {
        verifier.verify(&token, at(second)).await.unwrap();
        settle().await;
    }
    let broken = status(3_615);
    assert!(broken.is_usable, "callers are served");
    assert_eq!((broken.age, broken.consecutive_failures, broken.total_failures), (Some(3_615), 2, 2));
    assert_eq!(broken.next_attempt, Some(at(3_620)));
    assert!(!status(DAY).is_usable, "not ready once no key is usable");
    {
        let seen = seen.lock().unwrap();
        let failures: Vec<u64> = seen.iter().map(|status| status.total_failures).collect();
        assert_eq!(failures, [0, 1, 2], "the observer is called once for each fetch");
        assert!(seen[1].is_usable && chain(seen[1].last_error.as_ref().unwrap()).contains("403"));
    }

    endpoint.respond_with(Response::Keys(jwks(&["old"])));
    verifier.verify(&token, at(3_620)).await.unwrap();
    settle().await;
    let recovered = status(3_621);
    assert!(recovered.last_error.is_none() && recovered.next_attempt == Some(at(7_220)));
    assert_eq!((recovered.consecutive_failures, recovered.total_failures), (0, 2));
}

/// Reading the status starts no fetch, whatever its answer is.
#[tokio::test]
async fn status_never_fetches() {
    let endpoint = Endpoint::new(Response::Down);
    let (verifier, seen) = observed(Arc::clone(&endpoint));
    for second in [0, 100, DAY] {
        assert!(!verifier.jwks().status(at(second)).is_usable);
    }
    assert_eq!((endpoint.fetches(), seen.lock().unwrap().len()), (0, 0));
}

/// A time of the status is never in the past of a clock that was set back, and a set from the future has no age.
#[tokio::test]
async fn clock_set_back_leaves_a_valid_status() {
    let endpoint = Endpoint::new(Response::Keys(jwks(&["old"])));
    let (verifier, _) = observed(Arc::clone(&endpoint));
    verifier.jwks().warm(at(50_000)).await.unwrap();
    let status = verifier.jwks().status(at(0));
    assert!(status.is_usable && status.age == Some(0) && status.next_attempt.is_none());
}

#[cfg(feature = "fetch")]
mod causes {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use upsign_jwt::{HttpFetch, TokenUse, TrustedIssuer, VerifierConfig};

    use super::*;

    /// Returns the chain of causes that the observer receives for this URL.
    async fn cause(uri: &str) -> String {
        let issuer = if uri.starts_with("https") {
            TrustedIssuer::custom("https://issuer.example", uri).unwrap()
        } else {
            TrustedIssuer::danger_http_keys("https://issuer.example", uri).unwrap()
        };
        let config = VerifierConfig::new(issuer, ["client"], TokenUse::Any).unwrap();
        let seen = Seen::default();
        let recorder = Arc::clone(&seen);
        let verifier = Verifier::new(config, HttpFetch::new())
            .with_keys_observer(move |status| recorder.lock().unwrap().push(status.clone()));
        verifier.jwks().warm(at(0)).await.unwrap_err();
        let seen = seen.lock().unwrap();
        assert_eq!(&*seen[0].uri, uri);
        let cause = chain(&seen[0].error().unwrap());
        assert!(cause.starts_with(&format!("cannot fetch {uri}: ")), "{cause}");
        assert_eq!(cause.matches(uri).count(), 1, "{cause}");
        cause
    }

    /// Starts a server that answers the first bytes of each connection with `response`, or never if it is empty.
    async fn server(response: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut buffer = [0; 1_024];
                let _ = stream.read(&mut buffer).await;
                if response.is_empty() {
                    open.push(stream);
                } else {
                    let _ = stream.write_all(response.as_bytes()).await;
                }
            }
        });
        address.to_string()
    }

    /// What an operator must be able to tell apart.
    #[tokio::test]
    async fn faults_of_the_endpoint_have_distinct_causes() {
        let forbidden = server("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
        let html = server("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n<html>a login</html>").await;
        let not_tls = server("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        let hangs = server("").await;
        for (uri, part) in [
            (format!("http://{forbidden}/jwks.json"), "returned status 403"),
            (format!("http://{html}/jwks.json"), "not a key set: the key set is not a JSON object"),
            (format!("http://{hangs}/jwks.json"), "timed out"),
            ("https://issuer.invalid/jwks.json".to_owned(), "dns error"),
            (format!("https://{not_tls}/jwks.json"), "InvalidContentType"),
            ("http://127.0.0.1:1/jwks.json".to_owned(), "refused"),
        ] {
            let cause = cause(&uri).await;
            assert!(cause.contains(part), "{uri}: {part} is not in: {cause}");
            assert!(!cause.contains("error sending request"), "{cause}");
        }
    }
}

mod limits {
    use std::time::Duration;

    use async_trait::async_trait;
    use upsign_jwt::{FetchError, FetchedKeys, VerifyError, fetch_keys_fn};

    use super::*;

    /// A fetcher that never returns, or panics.
    #[derive(Debug)]
    struct Faulty {
        panics: bool,
    }

    #[async_trait]
    impl FetchKeys for Faulty {
        async fn fetch(&self, _uri: &str) -> Result<FetchedKeys, FetchError> {
            assert!(!self.panics, "a bug of the fetcher");
            std::future::pending().await
        }
    }

    /// The time limit is that of the cache, so the caller does not wait forever and the failure is reported.
    #[tokio::test(start_paused = true)]
    async fn fetcher_that_hangs_is_a_failed_refresh() {
        let (verifier, seen) = observed(Faulty { panics: false });
        let token = token("old");
        let call = tokio::time::timeout(Duration::from_secs(60), verifier.verify(&token, at(0)));
        let error = call.await.expect("the cache has a time limit").unwrap_err();
        assert!(matches!(error, VerifyError::KeysUnavailable { .. }), "{error}");
        let seen = seen.lock().unwrap();
        assert_eq!((seen.len(), seen[0].total_failures, seen[0].next_attempt), (1, 1, Some(at(10))));
        assert_eq!(seen[0].last_error.as_ref().unwrap().code(), "key-set-timeout");
        assert!(!verifier.jwks().status(at(5)).is_refreshing);
    }

    #[tokio::test]
    async fn fetcher_that_panics_is_a_failed_refresh() {
        let (verifier, seen) = observed(Faulty { panics: true });
        for second in [0, 1] {
            let error = verifier.verify(&token("old"), at(second)).await.unwrap_err();
            assert!(matches!(error, VerifyError::KeysUnavailable { .. }), "{error}");
        }
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].last_error.as_ref().unwrap().code(), "key-set-panicked");
    }

    /// Without a runtime there is no timer. The next fetch reports the one that it replaces.
    #[test]
    fn fetch_that_nobody_finished_is_reported_by_the_next_one() {
        use futures_util::FutureExt;

        let (verifier, seen) = observed(fetch_keys_fn(|_| std::future::pending()));
        let token = token("old");
        let mut waiting = Box::pin(verifier.verify(&token, at(0)));
        assert!((&mut waiting).now_or_never().is_none());
        assert!(verifier.verify(&token, at(10)).now_or_never().is_none());
        {
            let seen = seen.lock().unwrap();
            assert_eq!((seen.len(), seen[0].consecutive_failures), (1, 1));
            assert_eq!(seen[0].last_error.as_ref().unwrap().code(), "key-set-timeout");
        }
        // The second fetch has no caller any more, so it is not known whether it would have ended.
        assert!(verifier.verify(&token, at(20)).now_or_never().is_none());
        assert_eq!(seen.lock().unwrap().len(), 1);
    }
}
