use http::{Request, StatusCode};
use upsign_core::Presigner;
use upsign_http::Api;

use crate::house::{TOKEN, ask, json, post};

#[track_caller]
fn check(answer: &http::Response<Vec<u8>>, status: u16, code: &str) {
    assert_eq!((answer.status().as_u16(), json(answer)["code"].as_str().unwrap()), (status, code));
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let problem = json(answer);
    assert_eq!(problem["type"], format!("urn:upsign:problem:{code}"));
    assert_eq!(problem["status"], status);
    assert!(
        !problem["title"].as_str().unwrap().is_empty() && !problem["detail"].as_str().unwrap().is_empty()
    );
}

#[tokio::test]
async fn one_body_for_every_unproven_caller() {
    let mut bodies = std::collections::BTreeSet::new();
    for headers in [&[][..], &[("authorization", "Bearer bad")], &[("authorization", "")]] {
        let answer = ask(post(headers, "")).await;
        check(&answer, 401, "unauthorized");
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        bodies.insert(answer.into_body());
    }
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn keys_that_are_away_are_our_fault() {
    let answer = ask(post(&[("authorization", "Bearer later")], "")).await;
    check(&answer, 503, "keys-unavailable");
    assert_eq!(answer.headers()["retry-after"], "10");
}

#[tokio::test]
async fn what_the_body_gets_wrong() {
    let json_type = [("authorization", TOKEN), ("content-type", "application/json")];
    for (body, status, code) in [
        ("{", 400, "body-syntax"),
        ("\u{feff}{}", 400, "body-syntax"),
        ("{} {}", 400, "body-syntax"),
        ("null", 400, "body-not-object"),
        ("[]", 400, "body-not-object"),
        (r#"{"contentLength":1,"contentLength":1}"#, 400, "body-duplicate-member"),
        (r#"{"key":"articles/mine"}"#, 400, "body-unknown-member"),
        (r#"{"contentType":7}"#, 400, "body-member-type"),
        (r#"{"contentType":"image/jpeg","contentLength":"7"}"#, 400, "content-length-invalid"),
        (r#"{"contentType":"image/jpeg","contentLength":7.0}"#, 400, "content-length-invalid"),
        (r#"{"contentType":"image/jpeg","contentLength":-7}"#, 400, "content-length-invalid"),
        (r#"{"contentType":"image/jpeg","contentLength":9007199254740993}"#, 400, "content-length-invalid"),
        (r#"{"contentType":"image/jpeg"}"#, 400, "content-length-required"),
        (r#"{"contentType":"image/jpeg","contentLength":10485761}"#, 413, "too-large"),
        (r#"{"contentType":"image/svg+xml","contentLength":7}"#, 415, "content-type-not-allowed"),
    ] {
        let answer = ask(post(&json_type, body)).await;
        check(&answer, status, code);
    }
    let text = [("authorization", TOKEN), ("content-type", "text/plain")];
    check(&ask(post(&text, "{}")).await, 415, "body-not-json");
    let short = [("authorization", TOKEN), ("content-length", "1")];
    check(&ask(post(&short, "{}")).await, 400, "body-length");
    let long = " ".repeat(Api::<Box<dyn Presigner>>::MAX_BODY_BYTES + 1);
    check(&ask(post(&json_type, &long)).await, 413, "body-too-large");
}

#[tokio::test]
async fn other_paths_and_methods() {
    let request = Request::post("/upload-urls").body(bytes::Bytes::new()).unwrap();
    check(&ask(request).await, 404, "not-found");
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let request = Request::builder().method(method).uri("/upload-url").body(bytes::Bytes::new()).unwrap();
        let answer = ask(request).await;
        check(&answer, 405, "method-not-allowed");
        assert_eq!(answer.headers()["allow"], "POST, OPTIONS");
    }
    assert_eq!(ask(post(&[("authorization", TOKEN)], "")).await.status(), StatusCode::OK);
}

/// No refusal repeats what the caller sent: an error page must not become a way to write into logs or pages.
#[tokio::test]
async fn nothing_hostile_comes_back() {
    let evil = "<script>\\u0000\\n\\u202e";
    for body in [
        format!(r#"{{"contentType":"{evil}","contentLength":7}}"#),
        format!(r#"{{"{evil}":7}}"#),
        format!(r#"{{"contentType":"image/jpeg","contentLength":7,"checksum":{{"{evil}":"x"}}}}"#),
    ] {
        let answer = ask(post(&[("authorization", TOKEN)], &body)).await;
        let text = String::from_utf8(answer.body().clone()).unwrap();
        assert!(answer.status().is_client_error(), "{text}");
        assert!(!text.contains("<script>") && !text.contains('\u{202e}'), "{text}");
    }
}
