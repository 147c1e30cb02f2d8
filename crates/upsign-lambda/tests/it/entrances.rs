//! What stands in front of the function changes the event: base paths, stages, base64 bodies and headers with several values.

use serde_json::{Value, json};
use upsign_config::Config;
use upsign_core::{Credentials, Identity};
use upsign_http::authenticate_fn;
use upsign_lambda::environment::FunctionSettings;
use upsign_lambda::{RoleSigner, UploadFunction};

use crate::events::{ORIGIN, alb, function_url, http_v2, rest_v1};

/// Returns a function that accepts every caller whose only token is `x.y.z`, with further lines of `upsign.toml`.
fn function(lines: &str) -> UploadFunction<RoleSigner> {
    let file = format!(
        r#"
        bucket = {{ name = "article-images-bucket", region = "ap-southeast-1" }}
        cors = {{ origins = ["https://app.example.com"] }}
        {lines}
        [upload]
        key = "articles/{{id}}.{{ext}}"
        types = ["image/jpeg", "image/png"]
        max_size = "10 MiB"
        bodyless = "allow"
        "#
    );
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let config = Config::read("upsign.toml", &file, |_| None).unwrap();
    let api = FunctionSettings::new(config, credentials).without_metrics().api().unwrap();
    let alice = authenticate_fn(|request, _| {
        let tokens: Vec<_> = request.headers.get_all("authorization").iter().cloned().collect();
        async move {
            assert_eq!(tokens, ["Bearer x.y.z"]);
            Ok(Identity::from_verified("https://issuer.example", "alice")?)
        }
    });
    UploadFunction::with_authenticator(api, alice)
}

async fn answer(function: &UploadFunction<RoleSigner>, event: &Value) -> Value {
    function.answer(&event.to_string()).await.unwrap()
}

fn with_path(mut event: Value, path: &str) -> Value {
    let member = if event["httpMethod"].is_null() { "rawPath" } else { "path" };
    event[member] = path.into();
    event
}

/// A load balancer, and CloudFront in front of a function URL or of a catch-all route, pass the whole path on.
#[tokio::test]
async fn base_path_that_nothing_removes_is_configured() {
    let (plain, below) = (function(""), function("server = { base_path = \"/api\" }"));
    let mut catch_all = http_v2(None);
    catch_all["requestContext"]["routeKey"] = "$default".into();
    for event in [alb(None), function_url(None), catch_all] {
        for (path, without, with) in [
            ("/upload-url", 200, 200),
            ("/upload-url/", 200, 200),
            ("/api/upload-url", 404, 200),
            ("/api/upload-url/", 404, 200),
            ("/other/upload-url", 404, 404),
        ] {
            let event = with_path(event.clone(), path);
            let answers = (answer(&plain, &event).await, answer(&below, &event).await);
            assert_eq!(
                (&answers.0["statusCode"], &answers.1["statusCode"]),
                (&json!(without), &json!(with)),
                "{path}"
            );
        }
    }
}

/// Pages can read the answer to a path that is not served, which usually means that a base path is missing.
#[tokio::test]
async fn path_that_is_not_served_is_answered_with_cors() {
    for event in [alb(None), function_url(None)] {
        let answer = answer(&function(""), &with_path(event, "/api/upload-url")).await;
        let problem: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!((&problem["status"], &problem["code"]), (&json!(404), &json!("not-found")));
        assert_eq!(answer["headers"]["access-control-allow-origin"], ORIGIN);
    }
}

/// An HTTP API with payload 1.0 has the stage in the path, and its catch-all route states no resource.
#[tokio::test]
async fn stage_in_the_path_of_payload_1_is_removed() {
    let mut event = rest_v1(None);
    event["version"] = "1.0".into();
    event["resource"] = "$default".into();
    event["requestContext"]["resourcePath"] = "$default".into();
    let function = function("");
    for (path, status) in [("/prod/upload-url", 200), ("/upload-url", 200), ("/test/upload-url", 404)] {
        let answer = answer(&function, &with_path(event.clone(), path)).await;
        assert_eq!(answer["statusCode"], status, "{path}: {answer}");
    }
}

/// API Gateway encodes bodies of binary media types, CloudFront and load balancers those that are not text.
#[tokio::test]
async fn body_in_base64_is_decoded_from_every_source() {
    let body = "eyJjb250ZW50VHlwZSI6ImltYWdlL3BuZyIsImNvbnRlbnRMZW5ndGgiOjd9";
    let function = function("");
    for mut event in [rest_v1(Some(body)), http_v2(Some(body)), function_url(Some(body)), alb(Some(body))] {
        event["isBase64Encoded"] = true.into();
        let grant = crate::granted(&answer(&function, &event).await);
        assert!(grant["key"].as_str().unwrap().ends_with(".png"), "{grant}");
        // The same text is no JSON.
        event["isBase64Encoded"] = false.into();
        assert_eq!(answer(&function, &event).await["statusCode"], 400);
    }
}

/// A target group with multi-value headers sends no `headers`, and reads `multiValueHeaders`.
#[tokio::test]
async fn load_balancer_with_multi_value_headers_is_answered_in_both_members() {
    let mut event = alb(None);
    let lists: serde_json::Map<String, Value> = event["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), json!([value])))
        .collect();
    event["multiValueHeaders"] = lists.into();
    event["multiValueQueryStringParameters"] = json!({"a": ["1", "2"]});
    event.as_object_mut().unwrap().remove("headers");
    event.as_object_mut().unwrap().remove("queryStringParameters");
    let answer = answer(&function(""), &event).await;
    crate::granted(&answer);
    assert_eq!(answer["multiValueHeaders"]["access-control-allow-origin"], json!([ORIGIN]));
    assert_eq!(answer["headers"]["access-control-allow-origin"], ORIGIN);
}
