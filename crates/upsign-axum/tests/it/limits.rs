//! The limits of the router, without a network.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use tokio::time::sleep;
use tower::ServiceExt;
use upsign::UploadService;
use upsign_axum::{Authentication, Limits, router_with_limits};
use upsign_core::{CorsOrigins, Identity, Timestamp};
use upsign_http::{Api, Authenticate, AuthenticateError, AuthenticateRequest};
use upsign_testing::{RecordingObserver, UploadEvent};

use crate::{api, clock, issuer, json};

/// Authenticates slowly, and counts how many requests do so at the same time.
#[derive(Clone, Debug, Default)]
struct SlowAuthenticator {
    takes: Duration,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

#[async_trait]
impl Authenticate for SlowAuthenticator {
    async fn authenticate(
        &self,
        _: &AuthenticateRequest<'_>,
        _: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        self.most.fetch_max(self.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        sleep(self.takes).await;
        self.now.fetch_sub(1, Ordering::SeqCst);
        Ok(Identity::from_verified("https://issuer.example", "alice").unwrap())
    }
}

/// Panics for requests with the header `x-panic`.
#[derive(Debug)]
struct PanickingAuthenticator;

#[async_trait]
impl Authenticate for PanickingAuthenticator {
    async fn authenticate(
        &self,
        request: &AuthenticateRequest<'_>,
        _: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        assert!(!request.headers.contains_key("x-panic"), "secret of the panic message");
        Ok(Identity::from_verified("https://issuer.example", "alice").unwrap())
    }
}

fn app(authenticate: impl Authenticate + 'static, limits: Limits) -> Router {
    router_with_limits(api(), Authentication::new(authenticate).with_clock(clock()), limits)
}

fn post(body: Body) -> Request<Body> {
    Request::post("/upload-url").header("origin", "https://app.example.com").body(body).unwrap()
}

/// Sends requests from four times as many clients as the limit, each again and again.
#[tokio::test(start_paused = true)]
async fn overloaded_requests_get_503_and_none_is_lost() {
    const LIMIT: usize = 8;
    let authenticate = SlowAuthenticator { takes: Duration::from_millis(50), ..SlowAuthenticator::default() };
    let app = app(authenticate.clone(), Limits::default().with_requests(LIMIT));
    let clients = (0..4 * LIMIT).map(|client| {
        let app = app.clone();
        tokio::spawn(async move {
            let (mut granted, mut refused) = (0, 0);
            for round in 0..50 {
                let response = app.clone().oneshot(post(Body::empty())).await.unwrap();
                if response.status() == StatusCode::OK {
                    assert!(json(response.into_body()).await["uploadUrl"].is_string());
                    granted += 1;
                } else {
                    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
                    assert_eq!(response.headers()["retry-after"], "1");
                    assert_eq!(response.headers()["access-control-allow-origin"], "https://app.example.com");
                    assert_eq!(json(response.into_body()).await["code"], "overloaded");
                    refused += 1;
                    sleep(Duration::from_millis(20 + (client * 7 + round) as u64 % 20)).await;
                }
            }
            (granted, refused)
        })
    });
    let (mut granted, mut refused) = (0, 0);
    for client in clients.collect::<Vec<_>>() {
        let counts = client.await.unwrap();
        granted += counts.0;
        refused += counts.1;
    }
    assert_eq!(granted + refused, 4 * LIMIT * 50, "no request is lost");
    assert!(granted >= 50 && refused >= 50, "{granted} granted, {refused} refused");
    assert_eq!(authenticate.most.load(Ordering::SeqCst), LIMIT, "never above the limit");
}

#[tokio::test]
async fn panic_ends_one_request_only() {
    let app = app(PanickingAuthenticator, Limits::default());
    let mut panicking = post(Body::empty());
    panicking.headers_mut().insert("x-panic", "1".parse().unwrap());
    let response = app.clone().oneshot(panicking).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.headers()["access-control-allow-origin"], "https://app.example.com");
    let problem = json(response.into_body()).await;
    assert_eq!((&problem["code"], problem.to_string().contains("secret")), (&"internal".into(), false));
    assert_eq!(app.oneshot(post(Body::empty())).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn slow_body_is_refused_and_takes_no_capacity() {
    let app = app(SlowAuthenticator::default(), Limits::default().with_requests(1));
    let trickle = futures_util::stream::unfold((), |()| async {
        sleep(Duration::from_secs(1)).await;
        Some((Ok::<_, std::io::Error>(vec![b' ']), ()))
    });
    let slow = tokio::spawn(app.clone().oneshot(post(Body::from_stream(trickle))));
    sleep(Duration::from_secs(3)).await;
    assert_eq!(app.oneshot(post(Body::empty())).await.unwrap().status(), StatusCode::OK);
    let response = slow.await.unwrap().unwrap();
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(json(response.into_body()).await["code"], "body-too-slow");
}

#[tokio::test(start_paused = true)]
async fn slow_request_gets_503() {
    let authenticate = SlowAuthenticator { takes: Duration::from_secs(3600), ..SlowAuthenticator::default() };
    let response = app(authenticate, Limits::default()).oneshot(post(Body::empty())).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "5");
    assert_eq!(json(response.into_body()).await["code"], "took-too-long");
}

/// Refusals of the adapter reach the observers exactly once, like those of the API.
#[tokio::test(start_paused = true)]
async fn adapter_refusals_are_reported_once() {
    let recorder = RecordingObserver::new();
    let app = |authenticate: SlowAuthenticator, limits: Limits| {
        let service = UploadService::from(issuer()).with_observer(recorder.clone());
        let authentication = Authentication::new(authenticate).with_clock(clock());
        router_with_limits(Api::new(service, CorsOrigins::listed([])), authentication, limits)
    };
    let reports = || recorder.take().iter().map(UploadEvent::code).collect::<Vec<_>>();
    let slow = SlowAuthenticator { takes: Duration::from_secs(3600), ..SlowAuthenticator::default() };

    let pending = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let unlimited = app(SlowAuthenticator::default(), Limits::default());
    assert_eq!(unlimited.clone().oneshot(post(pending)).await.unwrap().status(), 408);
    assert_eq!(reports(), ["body-too-slow"]);
    let large = Body::from(vec![b' '; 1 << 20]);
    assert_eq!(unlimited.clone().oneshot(post(large)).await.unwrap().status(), 413);
    assert_eq!(reports(), ["body-too-large"]);
    let broken = futures_util::stream::iter([Err::<Vec<u8>, _>(std::io::Error::other("reset"))]);
    assert_eq!(unlimited.oneshot(post(Body::from_stream(broken))).await.unwrap().status(), 400);
    assert_eq!(reports(), ["body-unreadable"]);

    let full = app(slow, Limits::default().with_requests(1));
    let first = tokio::spawn(full.clone().oneshot(post(Body::empty())));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(full.oneshot(post(Body::empty())).await.unwrap().status(), 503);
    assert_eq!(reports(), ["overloaded"]);
    assert_eq!(first.await.unwrap().unwrap().status(), 503);
    assert_eq!(reports(), ["took-too-long"]);

    let service = UploadService::from(issuer()).with_observer(recorder.clone());
    let api = Api::new(service, CorsOrigins::listed([]));
    let panicking = router_with_limits(api, Authentication::new(PanickingAuthenticator), Limits::default());
    let mut request = post(Body::empty());
    request.headers_mut().insert("x-panic", "1".parse().unwrap());
    assert_eq!(panicking.oneshot(request).await.unwrap().status(), 500);
    assert_eq!(reports(), ["internal"]);
}
