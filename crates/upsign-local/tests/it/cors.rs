//! CORS: preflights, and the headers of responses and errors.

use upsign_documents::{CorsDocument, CorsMethod, CorsRule};

use crate::support::{Fixture, TestResponse, builder};

const PAGE: &str = "http://127.0.0.1:8080";

fn rules(origin: &str) -> CorsDocument {
    let rule = CorsRule::new([origin], [CorsMethod::Put, CorsMethod::Get]).unwrap();
    let rule = rule.with_allowed_headers(["content-type", "x-amz-meta-*"]).unwrap();
    let rule = rule.with_expose_headers(["ETag", "x-amz-request-id"]).unwrap().with_max_age_seconds(600);
    CorsDocument::new([rule]).unwrap()
}

async fn preflight(s3: &Fixture, url: &str, origin: &str, method: &str, headers: &str) -> TestResponse {
    let pairs = [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", headers),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    s3.send_to("OPTIONS", url, &pairs, "").await
}

#[tokio::test]
async fn allowed_preflight_receives_the_cors_headers() {
    let s3 = Fixture::with_builder(builder().cors(rules(PAGE))).await;
    let url = s3.presign("PUT", "k").header("content-type", "image/jpeg").url();
    let response = preflight(&s3, &url, PAGE, "PUT", "content-type,x-amz-meta-by").await.expect_status(200);
    assert_eq!(response.header("access-control-allow-origin"), PAGE);
    assert!(response.header("access-control-allow-methods").contains("PUT"));
    assert_eq!(response.header("access-control-allow-headers"), "content-type, x-amz-meta-by");
    assert_eq!(response.header("access-control-max-age"), "600");
    assert!(response.header("vary").contains("Origin"));
    assert!(response.body.is_empty());
    assert_eq!(response.header("x-amz-request-id").len(), 16);
    // A preflight needs no signature.
    let unsigned = format!("http://{}/article-images/k", s3.s3.address());
    preflight(&s3, &unsigned, PAGE, "PUT", "").await.expect_status(200);
}

#[tokio::test]
async fn preflight_that_no_rule_allows_returns_403() {
    let s3 = Fixture::with_builder(builder().cors(rules(PAGE))).await;
    let url = s3.presign("PUT", "k").url();
    for (origin, method, headers) in [
        ("http://localhost:8080", "PUT", ""),
        ("https://evil.example", "PUT", ""),
        (PAGE, "DELETE", ""),
        (PAGE, "PUT", "x-other"),
    ] {
        let response =
            preflight(&s3, &url, origin, method, headers).await.expect_error(403, "AccessForbidden");
        assert_eq!(response.header("access-control-allow-origin"), "", "{origin} {method} {headers}");
        assert_eq!(response.element("Method"), method);
    }
    let response = s3.send_to("OPTIONS", &url, &[], "").await.expect_status(400);
    assert!(response.text().contains("Origin"), "{}", response.text());
    let without_rules = Fixture::start().await;
    preflight(&without_rules, &without_rules.presign("PUT", "k").url(), PAGE, "PUT", "")
        .await
        .expect_error(403, "AccessForbidden");
}

#[tokio::test]
async fn responses_and_errors_have_cors_headers() {
    let s3 = Fixture::with_builder(builder().cors(rules(PAGE))).await;
    let origin_header = |origin: &str| vec![("origin".to_owned(), origin.to_owned())];
    let url = s3.presign("PUT", "k").header("if-none-match", "*").url();
    let mut headers = origin_header(PAGE);
    headers.push(("if-none-match".to_owned(), "*".to_owned()));
    let typed = s3.presign("PUT", "k").header("content-type", "image/jpeg").url();
    let expected = [
        s3.send_to("PUT", &url, &headers, "x").await.expect_status(200),
        s3.send_to("PUT", &url, &headers, "x").await.expect_error(412, "PreconditionFailed"),
        s3.send_to("PUT", &typed, &origin_header(PAGE), "x").await.expect_error(403, "SignatureDoesNotMatch"),
        s3.send_to("GET", &s3.presign("GET", "k").url(), &origin_header(PAGE), "").await.expect_status(200),
        s3.send_to("GET", &s3.presign("GET", "absent").url(), &origin_header(PAGE), "")
            .await
            .expect_error(404, "NoSuchKey"),
        s3.send_to("GET", &format!("http://{}/article-images/k", s3.s3.address()), &origin_header(PAGE), "")
            .await
            .expect_error(403, "AccessDenied"),
    ];
    for response in expected {
        assert_eq!(response.header("access-control-allow-origin"), PAGE, "{response:?}");
        assert_eq!(response.header("access-control-expose-headers"), "ETag, x-amz-request-id");
        assert!(response.header("vary").contains("Origin"));
    }
    // A page of another origin may not read the response. A client without `Origin` needs no permission.
    for headers in [origin_header("https://evil.example"), Vec::new()] {
        let response =
            s3.send_to("GET", &s3.presign("GET", "k").url(), &headers, "").await.expect_status(200);
        assert_eq!(response.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn set_cors_applies_to_the_next_request() {
    let s3 = Fixture::with_builder(builder().cors(rules(PAGE))).await;
    let url = s3.presign("PUT", "k").url();
    let other = "http://localhost:9090";
    preflight(&s3, &url, other, "PUT", "").await.expect_status(403);
    s3.s3.set_cors(rules(other));
    preflight(&s3, &url, other, "PUT", "").await.expect_status(200);
    preflight(&s3, &url, PAGE, "PUT", "").await.expect_status(403);
    s3.s3.set_cors(CorsDocument::empty());
    preflight(&s3, &url, other, "PUT", "").await.expect_status(403);
}
