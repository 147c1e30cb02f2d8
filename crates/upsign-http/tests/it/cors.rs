//! The CORS headers of preflights, grants and refusals.

use http::{Request, StatusCode};
use upsign_http::AllowHeaders;
use upsign_policy::Bodyless;

use crate::fixture::{FakeAuthenticator, ORIGIN, TOKEN, api, at, post, send};

fn preflight(origin: &str) -> Request<bytes::Bytes> {
    Request::options("/upload-url")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
        .body(bytes::Bytes::new())
        .unwrap()
}

#[tokio::test]
async fn preflight_is_answered_without_token() {
    let response = send(preflight(ORIGIN)).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    let headers = response.headers();
    assert_eq!(headers["access-control-allow-origin"], ORIGIN);
    assert_eq!(headers["access-control-allow-methods"], "POST");
    assert_eq!(headers["access-control-allow-headers"], "authorization, content-type");
    assert_eq!(headers["access-control-max-age"], "600");
    assert!(headers.get("access-control-allow-credentials").is_none());
    assert!(headers.get_all("vary").iter().any(|value| value == "Origin"));
    assert!(response.body().is_empty());
}

#[tokio::test]
async fn preflight_allows_the_configured_headers() {
    let headers = AllowHeaders::default().with_names(["Traceparent", "x-amz-content-sha256"]).unwrap();
    let api = api(Bodyless::Allow).with_allow_headers(&headers);
    let response = api.handle(&preflight(ORIGIN), at(), &FakeAuthenticator).await;
    let allowed = &response.headers()["access-control-allow-headers"];
    assert_eq!(allowed, "authorization, content-type, traceparent, x-amz-content-sha256");
}

#[tokio::test]
async fn unlisted_origin_gets_no_cors_headers() {
    for origin in
        ["https://evil.example", "https://app.example.com.evil.example", "http://app.example.com", "null"]
    {
        let response = send(preflight(origin)).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert!(response.headers().get("access-control-allow-origin").is_none(), "{origin}");
        let response = send(post(&[("authorization", TOKEN), ("origin", origin)], "")).await;
        assert!(response.headers().get("access-control-allow-origin").is_none(), "{origin}");
        assert!(response.headers().get_all("vary").iter().any(|value| value == "Origin"));
    }
}

#[tokio::test]
async fn refusals_carry_cors_headers() {
    for (headers, status) in [
        (&[("authorization", TOKEN), ("origin", ORIGIN)][..], 200),
        (&[("origin", ORIGIN)], 401),
        (&[("authorization", "Bearer later"), ("origin", ORIGIN)], 503),
    ] {
        let response = send(post(headers, "")).await;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
    }
}
