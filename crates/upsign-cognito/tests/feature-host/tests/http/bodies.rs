//! Every refused body, and described uploads, whose `contentLength` `arbitrary_precision` would turn into an object.

use crate::fixture::{TOKEN, json, post, send};

const HEADERS: [(&str, &str); 2] = [("authorization", TOKEN), ("content-type", "application/json")];
const REFUSED: &str = include_str!("../../../../../upsign-http/tests/it/golden/bodies.txt");

#[tokio::test]
async fn invalid_bodies_are_refused() {
    // The policy of the fixture lets no client name an id.
    for line in REFUSED.lines().filter(|line| !line.contains("articleId")) {
        let (code, body) = line.split_once(' ').unwrap();
        let response = send(post(&HEADERS, body)).await;
        assert_eq!(
            (response.status().as_u16(), json(&response)["code"].as_str()),
            (400, Some(code)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn described_upload_is_granted() {
    for length in ["0", "1", "1048576", "10485760"] {
        let body = format!(r#"{{"contentType":"image/png","contentLength":{length},"fileName":"a.png"}}"#);
        let response = send(post(&HEADERS, &body)).await;
        let accepted = length != "0";
        assert_eq!(response.status().is_success(), accepted, "{length}: {}", json(&response));
    }
}
