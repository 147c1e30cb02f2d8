//! The router, the extractor, the limits and the server.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

mod address;
mod cors;
mod embedding;
mod heads;
mod limits;
mod server;
mod shutdown;
mod tls;
mod uploads;

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::routing::get;
use axum::{Router, http};
use http::{Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt;
use upsign::{Clock, Route, SigV4, UploadIssuer, UploadService};
use upsign_axum::{Authentication, Caller, router};
use upsign_core::{CorsOrigins, Credentials, Identity, Target, Timestamp, WithCredentials};
use upsign_http::{Api, Authenticate, AuthenticateError, AuthenticateRequest};
use upsign_policy::{Bodyless, ContentRules, KeyTemplate, SizeLimit, UploadPolicy};
use upsign_testing::{FixedClock, RecordingObserver};

fn clock() -> FixedClock {
    FixedClock::new("2026-01-01T00:00:00Z")
}

/// Accepts `Bearer good` as alice and rejects everything else.
#[derive(Debug)]
struct FakeAuthenticator;

#[async_trait]
impl Authenticate for FakeAuthenticator {
    async fn authenticate(
        &self,
        request: &AuthenticateRequest<'_>,
        at: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        assert_eq!(at, clock().now(), "the clock of the adapter");
        match request.headers.get("authorization") {
            Some(value) if value == "Bearer good" => {
                Ok(Identity::from_verified("https://issuer.example", "alice").unwrap())
            }
            _ => Err(AuthenticateError::Rejected { code: "fake", reason: "no token".into() }),
        }
    }
}

fn authentication() -> Authentication {
    Authentication::new(FakeAuthenticator).with_clock(clock())
}

fn issuer() -> UploadIssuer<WithCredentials<SigV4, Credentials>> {
    let template = KeyTemplate::parse("up/{id}.{ext}", &[]).unwrap();
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, template, Bodyless::Allow)
        .content(ContentRules::new(["image/jpeg"]).unwrap())
        .size(SizeLimit::up_to(10 << 20).unwrap())
        .build()
        .unwrap();
    let credentials = Credentials::long_term("AKID", "secret").unwrap();
    UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials)).unwrap()
}

fn api() -> Api<WithCredentials<SigV4, Credentials>> {
    Api::new(issuer(), CorsOrigins::listed(["https://app.example.com".parse().unwrap()]))
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
async fn upload_is_granted() {
    let response = app().oneshot(post("")).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let grant = json(response.into_body()).await;
    assert_eq!((&grant["expiresIn"], &grant["expiresAt"]), (&900.into(), &"2026-01-01T00:15:00Z".into()));
}

#[tokio::test]
async fn too_large_body_is_not_read_to_its_end() {
    let endless =
        Body::from_stream(futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 4096])));
    let request =
        Request::post("/upload-url").header("origin", "https://app.example.com").body(endless).unwrap();
    let response = app().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(response.headers()["access-control-allow-origin"], "https://app.example.com");
    assert_eq!(
        response.headers()["connection"],
        "close",
        "the rest of the body makes the connection unusable"
    );
    assert_eq!(json(response.into_body()).await["code"], "body-too-large");
}

#[tokio::test]
async fn unknown_path_closes_the_connection_only_after_an_unread_body() {
    for (body, closes) in [(Body::empty(), false), (Body::from("{}"), true)] {
        let response = app().oneshot(Request::post("/elsewhere").body(body).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(response.headers().contains_key("connection"), closes);
    }
}

#[tokio::test]
async fn broken_transfer_is_a_client_error() {
    let broken =
        Body::from_stream(futures_util::stream::iter([Ok(vec![b'{']), Err(std::io::Error::other("gone"))]));
    let response = app().oneshot(post(broken)).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(json(response.into_body()).await["code"], "body-unreadable");
}

#[tokio::test]
async fn missing_token_is_rejected() {
    let response = app().oneshot(Request::post("/upload-url").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(json(response.into_body()).await["code"], "unauthorized");
}

#[tokio::test]
async fn unknown_path_returns_a_problem_document_with_cors() {
    let request = |path: &str| {
        Request::post(path).header("origin", "https://app.example.com").body(Body::empty()).unwrap()
    };
    for (app, path) in [(app(), "/other"), (Router::new().nest("/api", app()), "/api/other")] {
        let response = app.oneshot(request(path)).await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["access-control-allow-origin"], "https://app.example.com");
        assert_eq!(json(response.into_body()).await["code"], "not-found");
    }
    // An application keeps its own fallback.
    let own = Router::new().fallback(|| async { StatusCode::IM_A_TEAPOT }).merge(app().reset_fallback());
    assert_eq!(own.oneshot(request("/other")).await.unwrap().status(), StatusCode::IM_A_TEAPOT);
}

#[tokio::test]
async fn caller_extractor_works_without_the_router() {
    async fn hello(caller: Caller) -> String {
        format!("{} at {}", caller.identity.subject().as_str(), caller.at)
    }
    let app = Router::new().route("/hello", get(hello)).with_state(authentication());
    let known = Request::get("/hello").header("authorization", "Bearer good").body(Body::empty()).unwrap();
    let response = app.clone().oneshot(known).await.unwrap();
    assert_eq!(to_bytes(response.into_body(), 100).await.unwrap(), "alice at 2026-01-01T00:00:00Z");
    let unknown = app.oneshot(Request::get("/hello").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(unknown.status(), StatusCode::UNAUTHORIZED);
}

#[derive(Debug)]
struct DenyAll;

#[async_trait]
impl upsign::Authorize for DenyAll {
    async fn authorize(
        &self,
        _request: &upsign::AuthorizeRequest<'_>,
    ) -> Result<upsign::Decision, upsign::AuthorizeError> {
        Ok(upsign::Decision::Deny)
    }
}

#[tokio::test]
async fn authorizer_and_observers_of_the_service_are_called() {
    let recorder = RecordingObserver::new();
    let routes = [
        Route::unnamed(issuer()),
        Route::named("denied".parse().unwrap(), issuer()).with_authorizer(DenyAll),
    ];
    let service = UploadService::new(routes).unwrap().with_observer(recorder.clone());
    let app = router(Api::new(service, CorsOrigins::listed([])), authentication());
    for (request, status) in [
        (post(""), 200),
        (post(r#"{"route":"denied"}"#), 403),
        (post("{"), 400),
        (Request::post("/upload-url").body(Body::empty()).unwrap(), 401),
        (Request::get("/upload-url").body(Body::empty()).unwrap(), 405),
        (Request::get("/other").body(Body::empty()).unwrap(), 404),
    ] {
        assert_eq!(app.clone().oneshot(request).await.unwrap().status().as_u16(), status);
    }
    assert_eq!(
        recorder.codes(),
        ["granted", "forbidden", "body-syntax", "unauthorized", "method-not-allowed", "not-found"]
    );
}
