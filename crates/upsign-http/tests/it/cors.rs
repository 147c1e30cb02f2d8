use http::{Request, StatusCode};

use crate::house::{ORIGIN, TOKEN, ask, post};

fn preflight(origin: &str) -> Request<bytes::Bytes> {
    Request::options("/upload-url")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
        .body(bytes::Bytes::new())
        .unwrap()
}

#[tokio::test]
async fn a_preflight_needs_no_token() {
    let answer = ask(preflight(ORIGIN)).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let headers = answer.headers();
    assert_eq!(headers["access-control-allow-origin"], ORIGIN);
    assert_eq!(headers["access-control-allow-methods"], "POST");
    assert_eq!(headers["access-control-allow-headers"], "authorization, content-type");
    assert_eq!(headers["access-control-max-age"], "600");
    assert!(headers.get("access-control-allow-credentials").is_none());
    assert!(headers.get_all("vary").iter().any(|value| value == "Origin"));
    assert!(answer.body().is_empty());
}

#[tokio::test]
async fn another_origin_gets_no_leave() {
    for origin in
        ["https://evil.example", "https://app.example.com.evil.example", "http://app.example.com", "null"]
    {
        let answer = ask(preflight(origin)).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        assert!(answer.headers().get("access-control-allow-origin").is_none(), "{origin}");
        let answer = ask(post(&[("authorization", TOKEN), ("origin", origin)], "")).await;
        assert!(answer.headers().get("access-control-allow-origin").is_none(), "{origin}");
        assert!(answer.headers().get_all("vary").iter().any(|value| value == "Origin"));
    }
}

#[tokio::test]
async fn errors_can_be_read_by_the_page_too() {
    for (headers, status) in [
        (&[("authorization", TOKEN), ("origin", ORIGIN)][..], 200),
        (&[("origin", ORIGIN)], 401),
        (&[("authorization", "Bearer later"), ("origin", ORIGIN)], 503),
    ] {
        let answer = ask(post(headers, "")).await;
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(answer.headers()["access-control-allow-origin"], ORIGIN);
    }
}
