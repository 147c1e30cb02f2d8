//! What is too much, too slow or broken, without a network.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use tokio::time::sleep;
use tower::ServiceExt;
use upsign_axum::{Authentication, Limits, limited_router};
use upsign_core::{Identity, Timestamp};
use upsign_http::{Authenticate, Unauthenticated};

use crate::{Fixed, api, json};

/// Takes its time, and counts how many do so at once.
#[derive(Clone, Default)]
struct Slow {
    takes: Duration,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

#[async_trait]
impl Authenticate for Slow {
    async fn authenticate(&self, _: &HeaderMap, _: Timestamp) -> Result<Identity, Unauthenticated> {
        self.most.fetch_max(self.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        sleep(self.takes).await;
        self.now.fetch_sub(1, Ordering::SeqCst);
        Ok(Identity::vouched("https://issuer.example", "alice").unwrap())
    }
}

struct Panics;

#[async_trait]
impl Authenticate for Panics {
    async fn authenticate(&self, headers: &HeaderMap, _: Timestamp) -> Result<Identity, Unauthenticated> {
        assert!(!headers.contains_key("x-boom"), "a hook of somebody's ends in a panic");
        Ok(Identity::vouched("https://issuer.example", "alice").unwrap())
    }
}

fn app(door: impl Authenticate + 'static, limits: Limits) -> Router {
    limited_router(api(), Authentication::new(door).with_clock(Fixed), limits)
}

fn ask(body: Body) -> Request<Body> {
    Request::post("/upload-url").header("origin", "https://app.example.com").body(body).unwrap()
}

/// Four times as many callers as there are places, each asking again and again.
#[tokio::test(start_paused = true)]
async fn at_four_times_its_capacity_it_answers_each_request_rightly_or_503() {
    const PLACES: usize = 8;
    let door = Slow { takes: Duration::from_millis(50), ..Slow::default() };
    let app = app(door.clone(), Limits::default().with_requests(PLACES));
    let callers = (0..4 * PLACES).map(|caller| {
        let app = app.clone();
        tokio::spawn(async move {
            let (mut granted, mut shed) = (0, 0);
            for round in 0..50 {
                let answer = app.clone().oneshot(ask(Body::empty())).await.unwrap();
                if answer.status() == StatusCode::OK {
                    assert!(json(answer.into_body()).await["uploadUrl"].is_string());
                    granted += 1;
                } else {
                    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
                    assert_eq!(answer.headers()["retry-after"], "1");
                    assert_eq!(answer.headers()["access-control-allow-origin"], "https://app.example.com");
                    assert_eq!(json(answer.into_body()).await["code"], "overloaded");
                    shed += 1;
                    sleep(Duration::from_millis(20 + (caller * 7 + round) as u64 % 20)).await;
                }
            }
            (granted, shed)
        })
    });
    let (mut granted, mut shed) = (0, 0);
    for caller in callers.collect::<Vec<_>>() {
        let told = caller.await.unwrap();
        granted += told.0;
        shed += told.1;
    }
    assert_eq!(granted + shed, 4 * PLACES * 50, "none is lost");
    assert!(granted >= 50 && shed >= 50, "{granted} granted, {shed} shed");
    assert_eq!(door.most.load(Ordering::SeqCst), PLACES, "never more at once");
}

#[tokio::test]
async fn a_panic_is_one_requests_own() {
    let app = app(Panics, Limits::default());
    let mut boom = ask(Body::empty());
    boom.headers_mut().insert("x-boom", "1".parse().unwrap());
    let answer = app.clone().oneshot(boom).await.unwrap();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://app.example.com");
    let problem = json(answer.into_body()).await;
    assert_eq!((&problem["code"], problem.to_string().contains("somebody")), (&"internal".into(), false));
    assert_eq!(app.oneshot(ask(Body::empty())).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_in_is_given_up_and_takes_no_place() {
    let app = app(Slow::default(), Limits::default().with_requests(1));
    let trickle = futures_util::stream::unfold((), |()| async {
        sleep(Duration::from_secs(1)).await;
        Some((Ok::<_, std::io::Error>(vec![b' ']), ()))
    });
    let slow = tokio::spawn(app.clone().oneshot(ask(Body::from_stream(trickle))));
    sleep(Duration::from_secs(3)).await;
    assert_eq!(app.oneshot(ask(Body::empty())).await.unwrap().status(), StatusCode::OK);
    let answer = slow.await.unwrap().unwrap();
    assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(json(answer.into_body()).await["code"], "body-too-slow");
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_answered() {
    let door = Slow { takes: Duration::from_secs(3600), ..Slow::default() };
    let answer = app(door, Limits::default()).oneshot(ask(Body::empty())).await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()["retry-after"], "5");
    assert_eq!(json(answer.into_body()).await["code"], "took-too-long");
}
