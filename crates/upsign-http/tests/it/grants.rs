use http::StatusCode;
use upsign_policy::Bodyless;

use crate::house::{Door, TOKEN, api, ask, at, json, post};

const BODYLESS: &str = include_str!("golden/bodyless.json");
const DESCRIBED: &str = include_str!("golden/described.json");

/// The whole body, byte for byte: ids, time and credentials are fixed, so the signature is too.
#[tokio::test]
async fn the_articles_request_has_no_body() {
    for headers in [
        &[("authorization", TOKEN)][..],
        &[("authorization", TOKEN), ("content-type", "application/json")],
        &[("authorization", TOKEN), ("content-type", "application/json"), ("content-length", "0")],
    ] {
        let answer = ask(post(headers, "")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(String::from_utf8(answer.into_body()).unwrap(), BODYLESS.trim_end());
    }
}

#[tokio::test]
async fn a_described_upload_binds_all_it_says() {
    let body = r#"{"contentType":"image/PNG","contentLength":48213,"fileName":"IMG 1.png"}"#;
    let answer =
        ask(post(&[("authorization", TOKEN), ("content-type", "application/json; charset=utf-8")], body))
            .await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let url = json(&answer)["uploadUrl"].as_str().unwrap().to_owned();
    assert!(
        url.contains("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match"),
        "{url}"
    );
    assert_eq!(String::from_utf8(answer.into_body()).unwrap(), DESCRIBED.trim_end());
}

#[tokio::test]
async fn a_policy_may_insist_on_a_description() {
    let answer = api(Bodyless::Refuse).handle(&post(&[("authorization", TOKEN)], ""), at(), &Door).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(json(&answer)["code"], "body-required");
}
