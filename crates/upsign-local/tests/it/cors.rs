//! CORS as a browser meets it: preflight, answers and errors.

use upsign_documents::{CorsDocument, CorsMethod, CorsRule};

use crate::support::{Answer, Fixture, builder};

const PAGE: &str = "http://127.0.0.1:8080";

fn rules(origin: &str) -> CorsDocument {
    let rule = CorsRule::new([origin], [CorsMethod::Put, CorsMethod::Get]).unwrap();
    let rule = rule.with_allowed_headers(["content-type", "x-amz-meta-*"]).unwrap();
    let rule = rule.with_expose_headers(["ETag", "x-amz-request-id"]).unwrap().with_max_age_seconds(600);
    CorsDocument::new([rule]).unwrap()
}

async fn preflight(s3: &Fixture, url: &str, origin: &str, method: &str, headers: &str) -> Answer {
    let pairs = [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", headers),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    s3.send_to("OPTIONS", url, &pairs, "").await
}

#[tokio::test]
async fn a_preflight_is_answered_by_the_rules() {
    let s3 = Fixture::of(builder().cors(rules(PAGE))).await;
    let url = s3.presign("PUT", "k").header("content-type", "image/jpeg").url();
    let answer = preflight(&s3, &url, PAGE, "PUT", "content-type,x-amz-meta-by").await.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), PAGE);
    assert!(answer.header("access-control-allow-methods").contains("PUT"));
    assert_eq!(answer.header("access-control-allow-headers"), "content-type, x-amz-meta-by");
    assert_eq!(answer.header("access-control-max-age"), "600");
    assert!(answer.header("vary").contains("Origin"));
    assert!(answer.body.is_empty());
    assert_eq!(answer.header("x-amz-request-id").len(), 16);
    // No signature is asked of a preflight.
    let unsigned = format!("http://{}/article-images/k", s3.s3.address());
    preflight(&s3, &unsigned, PAGE, "PUT", "").await.expect(200);
}

#[tokio::test]
async fn a_preflight_outside_the_rules_is_forbidden() {
    let s3 = Fixture::of(builder().cors(rules(PAGE))).await;
    let url = s3.presign("PUT", "k").url();
    for (origin, method, headers) in [
        ("http://localhost:8080", "PUT", ""),
        ("https://evil.example", "PUT", ""),
        (PAGE, "DELETE", ""),
        (PAGE, "PUT", "x-other"),
    ] {
        let answer = preflight(&s3, &url, origin, method, headers).await.refused(403, "AccessForbidden");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin} {method} {headers}");
        assert_eq!(answer.element("Method"), method);
    }
    let answer = s3.send_to("OPTIONS", &url, &[], "").await.expect(400);
    assert!(answer.text().contains("Origin"), "{}", answer.text());
    let none = Fixture::start().await;
    preflight(&none, &none.presign("PUT", "k").url(), PAGE, "PUT", "").await.refused(403, "AccessForbidden");
}

#[tokio::test]
async fn answers_and_errors_carry_the_headers() {
    let s3 = Fixture::of(builder().cors(rules(PAGE))).await;
    let from = |origin: &str| vec![("origin".to_owned(), origin.to_owned())];
    let url = s3.presign("PUT", "k").header("if-none-match", "*").url();
    let mut once = from(PAGE);
    once.push(("if-none-match".to_owned(), "*".to_owned()));
    let typed = s3.presign("PUT", "k").header("content-type", "image/jpeg").url();
    let expected = [
        s3.send_to("PUT", &url, &once, "x").await.expect(200),
        s3.send_to("PUT", &url, &once, "x").await.refused(412, "PreconditionFailed"),
        s3.send_to("PUT", &typed, &from(PAGE), "x").await.refused(403, "SignatureDoesNotMatch"),
        s3.send_to("GET", &s3.presign("GET", "k").url(), &from(PAGE), "").await.expect(200),
        s3.send_to("GET", &s3.presign("GET", "absent").url(), &from(PAGE), "")
            .await
            .refused(404, "NoSuchKey"),
        s3.send_to("GET", &format!("http://{}/article-images/k", s3.s3.address()), &from(PAGE), "")
            .await
            .refused(403, "AccessDenied"),
    ];
    for answer in expected {
        assert_eq!(answer.header("access-control-allow-origin"), PAGE, "{answer:?}");
        assert_eq!(answer.header("access-control-expose-headers"), "ETag, x-amz-request-id");
        assert!(answer.header("vary").contains("Origin"));
    }
    // A page that no rule names gets no permission to read, a client that is no page needs none.
    for headers in [from("https://evil.example"), Vec::new()] {
        let answer = s3.send_to("GET", &s3.presign("GET", "k").url(), &headers, "").await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn rules_change_while_the_server_runs() {
    let s3 = Fixture::of(builder().cors(rules(PAGE))).await;
    let url = s3.presign("PUT", "k").url();
    let other = "http://localhost:9090";
    preflight(&s3, &url, other, "PUT", "").await.expect(403);
    s3.s3.set_cors(rules(other));
    preflight(&s3, &url, other, "PUT", "").await.expect(200);
    preflight(&s3, &url, PAGE, "PUT", "").await.expect(403);
    s3.s3.set_cors(CorsDocument::empty());
    preflight(&s3, &url, other, "PUT", "").await.expect(403);
}
