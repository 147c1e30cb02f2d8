//! The exact bodies of granted uploads.

use http::StatusCode;
use upsign_policy::Bodyless;

use crate::fixture::{FakeAuthenticator, TOKEN, api, at, json, post, send};

const BODYLESS: &str = include_str!("golden/bodyless.json");
const DESCRIBED: &str = include_str!("golden/described.json");

/// Compares the complete body: ids, time and credentials are fixed, so the signature is too.
#[tokio::test]
async fn bodyless_request_of_the_original_contract_is_granted() {
    for headers in [
        &[("authorization", TOKEN)][..],
        &[("authorization", TOKEN), ("content-type", "application/json")],
        &[("authorization", TOKEN), ("content-type", "application/json"), ("content-length", "0")],
    ] {
        let response = send(post(headers, "")).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.into_body(), BODYLESS.trim_end());
    }
}

#[tokio::test]
async fn described_upload_signs_every_constraint() {
    let body = r#"{"contentType":"image/PNG","contentLength":48213,"fileName":"IMG 1.png"}"#;
    let response =
        send(post(&[("authorization", TOKEN), ("content-type", "application/json; charset=utf-8")], body))
            .await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let url = json(&response)["uploadUrl"].as_str().unwrap().to_owned();
    assert!(
        url.contains("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match"),
        "{url}"
    );
    assert_eq!(response.into_body(), DESCRIBED.trim_end());
}

#[tokio::test]
async fn bodyless_request_is_refused_if_the_policy_requires_a_body() {
    let response =
        api(Bodyless::Refuse).handle(&post(&[("authorization", TOKEN)], ""), at(), &FakeAuthenticator).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(json(&response)["code"], "body-required");
}
