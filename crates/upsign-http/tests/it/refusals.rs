//! The status, code and problem document of every kind of refusal.

use http::{Request, StatusCode};
use upsign_http::MAX_BODY_BYTES;

use crate::fixture::{TOKEN, json, post, send};

#[track_caller]
fn check(response: &http::Response<String>, status: u16, code: &str) {
    assert_eq!((response.status().as_u16(), json(response)["code"].as_str().unwrap()), (status, code));
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let problem = json(response);
    assert_eq!(problem["type"], format!("urn:upsign:problem:{code}"));
    assert_eq!(problem["status"], status);
    assert!(
        !problem["title"].as_str().unwrap().is_empty() && !problem["detail"].as_str().unwrap().is_empty()
    );
}

#[tokio::test]
async fn every_authentication_failure_has_the_same_body() {
    let mut bodies = std::collections::BTreeSet::new();
    for headers in [&[][..], &[("authorization", "Bearer bad")], &[("authorization", "")]] {
        let response = send(post(headers, "")).await;
        check(&response, 401, "unauthorized");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        bodies.insert(response.into_body());
    }
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn unavailable_keys_return_503() {
    let response = send(post(&[("authorization", "Bearer later")], "")).await;
    check(&response, 503, "keys-unavailable");
    assert_eq!(response.headers()["retry-after"], "10");
}

#[tokio::test]
async fn invalid_bodies_are_refused() {
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
        let response = send(post(&json_type, body)).await;
        check(&response, status, code);
    }
    let text = [("authorization", TOKEN), ("content-type", "text/plain")];
    check(&send(post(&text, "{}")).await, 415, "body-not-json");
    let short = [("authorization", TOKEN), ("content-length", "1")];
    check(&send(post(&short, "{}")).await, 400, "body-length");
    let long = " ".repeat(MAX_BODY_BYTES + 1);
    check(&send(post(&json_type, &long)).await, 413, "body-too-large");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let request = Request::post("/upload-urls").body(bytes::Bytes::new()).unwrap();
    check(&send(request).await, 404, "not-found");
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let request = Request::builder().method(method).uri("/upload-url").body(bytes::Bytes::new()).unwrap();
        let response = send(request).await;
        check(&response, 405, "method-not-allowed");
        assert_eq!(response.headers()["allow"], "POST, OPTIONS");
    }
    assert_eq!(send(post(&[("authorization", TOKEN)], "")).await.status(), StatusCode::OK);
}

/// No refusal repeats what the client sent, so that clients cannot inject text into logs or pages.
#[tokio::test]
async fn refusals_do_not_echo_client_input() {
    let hostile = "<script>\\u0000\\n\\u202e";
    for body in [
        format!(r#"{{"contentType":"{hostile}","contentLength":7}}"#),
        format!(r#"{{"{hostile}":7}}"#),
        format!(r#"{{"contentType":"image/jpeg","contentLength":7,"checksum":{{"{hostile}":"x"}}}}"#),
    ] {
        let response = send(post(&[("authorization", TOKEN)], &body)).await;
        let text = response.body().clone();
        assert!(response.status().is_client_error(), "{text}");
        assert!(!text.contains("<script>") && !text.contains('\u{202e}'), "{text}");
    }
}
