//! The router, the extractor and the server.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

mod limits;
mod server;

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::routing::get;
use axum::{Router, http};
use http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt;
use upsign::{Clock, SigV4, UploadIssuer};
use upsign_axum::{Authentication, Caller, router};
use upsign_core::{Credentials, Identity, Target, Timestamp, WithCredentials};
use upsign_documents::CorsOrigins;
use upsign_http::{Api, Authenticate, Unauthenticated};
use upsign_policy::{Bodyless, ContentRules, KeyTemplate, SizeLimit, UploadPolicy};

#[derive(Debug)]
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }
}

struct Door;

#[async_trait]
impl Authenticate for Door {
    async fn authenticate(&self, headers: &HeaderMap, at: Timestamp) -> Result<Identity, Unauthenticated> {
        assert_eq!(at, Fixed.now(), "the door's one clock reading");
        match headers.get("authorization") {
            Some(value) if value == "Bearer good" => {
                Ok(Identity::vouched("https://issuer.example", "alice").unwrap())
            }
            _ => Err(Unauthenticated::Refused { code: "no", reason: "no".into() }),
        }
    }
}

fn authentication() -> Authentication {
    Authentication::new(Door).with_clock(Fixed)
}

fn api() -> Api<WithCredentials<SigV4, Credentials>> {
    let template = KeyTemplate::parse("up/{id}.{ext}", &[]).unwrap();
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, template, Bodyless::Allow)
        .content(ContentRules::of(["image/jpeg"]).unwrap())
        .size(SizeLimit::up_to(10 << 20).unwrap())
        .build()
        .unwrap();
    let credentials = Credentials::long_term("AKID", "secret").unwrap();
    let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials)).unwrap();
    Api::new(issuer, CorsOrigins::listed(["https://app.example.com".parse().unwrap()]))
}

fn app() -> Router {
    router(api(), authentication())
}

fn post(body: impl Into<Body>) -> Request<Body> {
    Request::post("/upload-url").header("authorization", "Bearer good").body(body.into()).unwrap()
}

async fn json(body: Body) -> Value {
    serde_json::from_slice(&to_bytes(body, 1 << 20).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_grant() {
    let answer = app().oneshot(post("")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let grant = json(answer.into_body()).await;
    assert_eq!((&grant["expiresIn"], &grant["expiresAt"]), (&900.into(), &"2026-01-01T00:15:00Z".into()));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read_to_its_end() {
    let endless =
        Body::from_stream(futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 4096])));
    let request =
        Request::post("/upload-url").header("origin", "https://app.example.com").body(endless).unwrap();
    let answer = app().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://app.example.com");
    assert_eq!(json(answer.into_body()).await["code"], "body-too-large");
}

#[tokio::test]
async fn a_broken_transfer_is_the_callers() {
    let broken =
        Body::from_stream(futures_util::stream::iter([Ok(vec![b'{']), Err(std::io::Error::other("gone"))]));
    let answer = app().oneshot(post(broken)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(json(answer.into_body()).await["code"], "body-unreadable");
}

#[tokio::test]
async fn two_clients_cannot_tell_tokens_apart() {
    let answer = app().oneshot(Request::post("/upload-url").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(json(answer.into_body()).await["code"], "unauthorized");
}

#[tokio::test]
async fn the_extractor_works_alone() {
    async fn hello(caller: Caller) -> String {
        format!("{} at {}", caller.identity.subject().as_str(), caller.at)
    }
    let app = Router::new().route("/hello", get(hello)).with_state(authentication());
    let known = Request::get("/hello").header("authorization", "Bearer good").body(Body::empty()).unwrap();
    let answer = app.clone().oneshot(known).await.unwrap();
    assert_eq!(to_bytes(answer.into_body(), 100).await.unwrap(), "alice at 2026-01-01T00:00:00Z");
    let unknown = app.oneshot(Request::get("/hello").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(unknown.status(), StatusCode::UNAUTHORIZED);
}
