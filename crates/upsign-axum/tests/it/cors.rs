//! An outer `CorsLayer` with credentials around the API, as the documentation of `router` shows.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method, Request};
use tower::ServiceExt;
use tower_http::cors::CorsLayer;
use upsign_axum::{Api, Authentication, CorsOrigins, Identity, Limits, router_with_limits};

use crate::issuer;

const ORIGIN: &str = "https://app.example.com";

#[derive(Clone)]
struct User(&'static str);

fn app() -> Router {
    app_with(CorsOrigins::listed([]))
}

fn app_with(origins: CorsOrigins) -> Router {
    let cors = CorsLayer::new()
        .allow_origin([HeaderValue::from_static(ORIGIN)])
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([CONTENT_TYPE])
        .expose_headers([HeaderName::from_static("retry-after")]);
    let authentication = Authentication::from_extension(|User(name): &User| {
        Identity::from_verified("https://app.example.com", name)
    });
    let api = Api::new(issuer(), origins);
    let api = router_with_limits(api, authentication, Limits::default());
    Router::new().nest("/api/v1", api).layer(cors)
}

async fn send(method: &str, path: &str, origin: &str, change: impl FnOnce(&mut Request<Body>)) -> Response {
    let request = Request::builder().method(method).uri(path).header("origin", origin);
    let mut request = request.body(Body::empty()).unwrap();
    change(&mut request);
    app().oneshot(request).await.unwrap()
}

/// Returns the values of a header, so that two headers of one name are noticed.
fn values<'a>(response: &'a Response, name: &str) -> Vec<&'a str> {
    response.headers().get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

fn log_in(request: &mut Request<Body>) {
    request.extensions_mut().insert(User("alice"));
}

#[tokio::test]
async fn preflight_has_one_set_of_cors_headers() {
    let preflight = |request: &mut Request<Body>| {
        let headers = request.headers_mut();
        headers.insert("access-control-request-method", HeaderValue::from_static("POST"));
        headers.insert("access-control-request-headers", HeaderValue::from_static("content-type"));
    };
    let response = send("OPTIONS", "/api/v1/upload-url", ORIGIN, preflight).await;
    assert_eq!(response.status(), 200);
    assert_eq!(values(&response, "access-control-allow-origin"), [ORIGIN]);
    assert_eq!(values(&response, "access-control-allow-credentials"), ["true"]);
    assert_eq!(values(&response, "access-control-allow-methods"), ["GET,POST"]);
    assert_eq!(values(&response, "access-control-allow-headers"), ["content-type"]);
    assert!(values(&response, "vary").concat().contains("origin"));

    let foreign = send("OPTIONS", "/api/v1/upload-url", "https://evil.example", preflight).await;
    assert_eq!(values(&foreign, "access-control-allow-origin"), [""; 0]);
}

#[tokio::test]
async fn every_answer_has_one_set_of_cors_headers_with_credentials() {
    type Change = fn(&mut Request<Body>);
    let large: Change = |request| {
        log_in(request);
        *request.body_mut() = Body::from(vec![b' '; 1 << 20]);
    };
    let invalid: Change = |request| {
        log_in(request);
        *request.body_mut() = Body::from("{");
    };
    let cases: [(&str, &str, Change, u16); 6] = [
        ("POST", "/api/v1/upload-url", log_in, 200),
        ("POST", "/api/v1/upload-url", |_| {}, 401),
        ("POST", "/api/v1/upload-url", invalid, 400),
        ("POST", "/api/v1/upload-url", large, 413),
        ("GET", "/api/v1/upload-url", log_in, 405),
        ("POST", "/api/v1/elsewhere", log_in, 404),
    ];
    for (method, path, change, status) in cases {
        let response = send(method, path, ORIGIN, change).await;
        assert_eq!(response.status(), status, "{method} {path}");
        assert_eq!(values(&response, "access-control-allow-origin"), [ORIGIN], "{status}");
        assert_eq!(values(&response, "access-control-allow-credentials"), ["true"], "{status}");
        assert_eq!(values(&response, "access-control-expose-headers"), ["retry-after"], "{status}");
        assert!(values(&response, "vary").iter().any(|value| value.contains("origin")), "{status}");
        assert!(!response.headers().contains_key("www-authenticate"), "sessions have no challenge");

        let foreign = send(method, path, "https://evil.example", change).await;
        assert_eq!(foreign.status(), status);
        assert_eq!(values(&foreign, "access-control-allow-origin"), [""; 0], "{status}");
    }
}

/// Why the documentation gives the API no origins: with equal lists only `Vary` is doubled, but an origin that only the API
/// lists receives the layer's credentials.
#[tokio::test]
async fn lists_of_origins_in_both_places_must_be_equal() {
    let send = async |origins, from: &str| {
        let request = Request::post("/api/v1/upload-url").header("origin", from);
        let mut request = request.body(Body::empty()).unwrap();
        log_in(&mut request);
        app_with(CorsOrigins::listed(origins)).oneshot(request).await.unwrap()
    };
    let equal = send(vec![ORIGIN.parse().unwrap()], ORIGIN).await;
    assert_eq!(values(&equal, "access-control-allow-origin"), [ORIGIN]);
    assert_eq!(values(&equal, "vary").concat().matches("origin").count(), 1, "the layer's");
    assert_eq!(values(&equal, "vary").len(), 2);

    let other = "https://other.example";
    let unequal = send(vec![other.parse().unwrap()], other).await;
    assert_eq!(values(&unequal, "access-control-allow-origin"), [other]);
    assert_eq!(values(&unequal, "access-control-allow-credentials"), ["true"]);
}
