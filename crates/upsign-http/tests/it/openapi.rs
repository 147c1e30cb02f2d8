//! The committed OpenAPI description equals the generated one and describes what the API does.

use serde_json::Value;

use crate::fixture::{TOKEN, json, post, send};

fn description() -> Value {
    serde_json::from_str(&upsign_http::openapi()).unwrap()
}

#[test]
fn committed_description_is_up_to_date() {
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json"));
    assert!(
        committed.is_ok_and(|committed| committed == upsign_http::openapi()),
        "openapi.json is out of date; run: cargo run -- serve --print-openapi > crates/upsign-http/openapi.json"
    );
}

#[tokio::test]
async fn refusals_match_the_description() {
    let description = description();
    let responses = &description["paths"]["/upload-url"]["post"]["responses"];
    let json_type = ("content-type", "application/json");
    for (headers, body) in [
        (&[][..], ""),
        (&[("authorization", "Bearer later")], ""),
        (&[("authorization", TOKEN), json_type], "{"),
        (&[("authorization", TOKEN), json_type], r#"{"contentType":7}"#),
        (&[("authorization", TOKEN), json_type], r#"{"contentType":"image/jpeg","contentLength":10485761}"#),
        (&[("authorization", TOKEN), json_type], r#"{"contentType":"text/html","contentLength":7}"#),
    ] {
        let response = send(post(headers, body)).await;
        let described = &responses[response.status().as_str()];
        let codes = described["x-codes"].as_array().unwrap();
        assert!(codes.contains(&json(&response)["code"]), "{} {codes:?}", json(&response));
        for (name, header) in described["headers"].as_object().unwrap() {
            assert!(header["required"] == false || response.headers().contains_key(name), "{name}");
        }
    }
}

#[test]
fn every_code_of_invalid_bodies_is_described() {
    let description = description();
    let codes = &description["paths"]["/upload-url"]["post"]["responses"]["400"]["x-codes"];
    for line in include_str!("golden/bodies.txt").lines() {
        let code = line.split(' ').next().unwrap();
        assert!(codes.as_array().unwrap().contains(&code.into()), "{code}");
    }
}

#[tokio::test]
async fn members_match_the_description() {
    let json_type = ("content-type", "application/json");
    let response = send(post(&[("authorization", TOKEN), json_type], r#"{"x":1}"#)).await;
    let problem = json(&response);
    let (_, known) = problem["detail"].as_str().unwrap().split_once("the known members are ").unwrap();
    let mut known: Vec<&str> = known.split(", ").collect();
    known.sort_unstable();
    let description = description();
    let described = description["components"]["schemas"]["UploadRequest"]["properties"].as_object().unwrap();
    let mut described: Vec<&str> = described.keys().map(String::as_str).collect();
    described.sort_unstable();
    assert_eq!(known, described);

    let grant = json(&send(post(&[("authorization", TOKEN)], "")).await);
    let schema = &description["components"]["schemas"]["UploadGrant"];
    assert_eq!(grant["method"], "PUT");
    assert!(grant["headers"].is_object());
    for name in schema["required"].as_array().unwrap() {
        assert!(!grant[name.as_str().unwrap()].is_null(), "{name}");
    }
}
