//! Requests whose HTTP members are malformed: 400 with a problem document, never a failed invocation.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::events::{ORIGIN, alb, function_url, http_v2, rest_v1};
use crate::{answer, function, granted};

type Event = fn(Option<&str>) -> Value;

const KINDS: [(&str, Event); 4] =
    [("REST API", rest_v1), ("HTTP API", http_v2), ("function URL", function_url), ("load balancer", alb)];

/// The claims of the caller are in the event, except for load balancers and function URLs.
fn is_authenticated(name: &str) -> bool {
    matches!(name, "REST API" | "HTTP API")
}

fn set_header(event: &mut Value, name: &str, value: &str) {
    event["headers"][name] = value.into();
    if event["multiValueHeaders"].is_object() {
        event["multiValueHeaders"][name] = json!([value]);
    }
}

fn set_path(event: &mut Value, path: impl Into<Value>) {
    let member = if event.get("rawPath").is_some() { "rawPath" } else { "path" };
    event[member] = path.into();
}

#[track_caller]
fn assert_problem(answered: &Value, status: u16, code: &str) {
    assert_eq!(answered["statusCode"], status, "{answered}");
    let problem: Value = serde_json::from_str(answered["body"].as_str().unwrap()).unwrap();
    assert_eq!((&problem["status"], &problem["code"]), (&json!(status), &json!(code)), "{answered}");
}

#[tokio::test]
async fn invalid_host_returns_400() {
    for (name, event) in KINDS {
        for host in ["x:99999", "x:y", "x y", "user@host", "a/b", "[::1", "x:1:2", "\u{e9}"] {
            let mut event = event(None);
            set_header(&mut event, "host", host);
            let answered = answer(&event).await;
            assert_eq!(answered["statusCode"], 400, "{name} {host}");
            assert_problem(&answered, 400, "request-malformed");
        }
        for host in ["", "x", "x:", "x:443", "[::1]:3000", "xn--nxasmq6b.example", "a_b"] {
            let mut event = event(None);
            set_header(&mut event, "host", host);
            let expected = if is_authenticated(name) { 200 } else { 401 };
            assert_eq!(answer(&event).await["statusCode"], expected, "{name} {host}");
        }
    }
    let mut event = rest_v1(None);
    event["multiValueHeaders"]["Host"] = json!(["a.example.com", "b.example.com"]);
    assert_problem(&answer(&event).await, 400, "request-malformed");
}

/// Members that do not matter to the API cannot make a request fail.
#[tokio::test]
async fn odd_protocol_headers_and_queries_change_nothing() {
    let queries = [
        json!({"a b": "c d"}),
        json!({"": "", "a[]": "\u{0}\u{7f}\u{e9}\u{1f600}"}),
        json!({"?": "#", "&": "=", "%": "%zz"}),
    ];
    for (name, event) in KINDS {
        let expected = if is_authenticated(name) { 200 } else { 401 };
        for proto in ["ht tp", "", "https://", "javascript", "1", "a,b", "\u{e9}", "file"] {
            let mut event = event(None);
            set_header(&mut event, "host", "api.example.com");
            set_header(&mut event, "x-forwarded-proto", proto);
            assert_eq!(answer(&event).await["statusCode"], expected, "{name} {proto}");
        }
        for query in &queries {
            let mut event = event(None);
            if event.get("rawQueryString").is_some() {
                event["rawQueryString"] = query.to_string().into();
            }
            event["queryStringParameters"] = query.clone();
            let many =
                query.as_object().unwrap().iter().map(|(name, value)| (name.clone(), json!([value, value])));
            assert_eq!(answer(&event).await["statusCode"], expected, "{name} {query}");
            event["multiValueQueryStringParameters"] = Value::Object(many.collect());
            assert_eq!(answer(&event).await["statusCode"], expected, "{name} {query}");
        }
    }
}

#[tokio::test]
async fn path_that_is_too_long_returns_400() {
    for (name, event) in KINDS {
        let mut event = event(None);
        set_path(&mut event, format!("/{}", "a".repeat(65_536)));
        let answered = answer(&event).await;
        assert_eq!(answered["statusCode"], 400, "{name}");
        assert_problem(&answered, 400, "request-malformed");
    }
    let mut event = http_v2(None);
    event["rawQueryString"] = "a".repeat(65_536).into();
    assert_problem(&answer(&event).await, 400, "request-malformed");
}

/// Gateways decode the path before they pass it on, so it can contain every character. Only the exact path is served.
#[tokio::test]
async fn every_character_of_a_path_is_its_own() {
    for (name, event) in KINDS {
        for path in
            ["/upload url", "/upload-url?x", "/upload-url#", "/\u{e9}", "/a\\b", "/%", "/\u{0}", "/<>\"{}|^`"]
        {
            let mut event = event(None);
            set_path(&mut event, path);
            assert_problem(&answer(&event).await, 404, "not-found");
        }
        for path in
            [json!(""), json!("upload-url"), json!("*"), json!("https://a/upload-url"), Value::Null, json!(7)]
        {
            let mut event = event(None);
            set_path(&mut event, path.clone());
            let answered = answer(&event).await;
            assert_eq!(answered["statusCode"], 400, "{name} {path}");
            assert_problem(&answered, 400, "request-malformed");
        }
    }
}

#[tokio::test]
async fn invalid_base64_body_returns_400() {
    for (name, event) in KINDS {
        for body in ["*", "a", "YQ", "YQ==YQ==", "YWJj\n", "\u{e9}", "_-_-"] {
            let mut event = event(Some(body));
            event["isBase64Encoded"] = true.into();
            let answered = answer(&event).await;
            assert_eq!(answered["statusCode"], 400, "{name} {body}");
            assert_problem(&answered, 400, "request-malformed");
        }
        let mut event = event(Some(&BASE64_STANDARD.encode([0xff; 70_000])));
        event["isBase64Encoded"] = true.into();
        let expected = if is_authenticated(name) { 413 } else { 401 };
        assert_eq!(answer(&event).await["statusCode"], expected, "{name}");
    }
}

#[tokio::test]
async fn invalid_header_returns_400() {
    for (name, event) in KINDS {
        for (header, value) in [
            ("x y", json!("a")),
            ("", json!("a")),
            ("\u{e9}", json!("a")),
            ("x", json!("a\r\nb")),
            ("x", json!("\u{0}")),
            ("x", json!(7)),
            ("x", Value::Null),
            ("x", json!(["a"])),
        ] {
            let mut event = event(None);
            event["headers"][header] = value.clone();
            let answered = answer(&event).await;
            assert_eq!(answered["statusCode"], 400, "{name} {header:?} {value}");
            assert_problem(&answered, 400, "request-malformed");
        }
        // A value in UTF-8 is valid.
        let mut event = event(None);
        event["headers"]["x-name"] = "Zo\u{eb}".into();
        let expected = if is_authenticated(name) { 200 } else { 401 };
        assert_eq!(answer(&event).await["statusCode"], expected, "{name}");
    }
}

#[tokio::test]
async fn headers_that_are_too_large_return_431() {
    for (name, event) in KINDS {
        let mut long = event(None);
        long["headers"]["x-long"] = "a".repeat(98_304).into();
        let mut many = event(None);
        for number in 0..40_000 {
            many["headers"][format!("x{number}")] = "".into();
        }
        for event in [long, many] {
            let answered = answer(&event).await;
            assert_eq!(answered["statusCode"], 431, "{name}");
            assert_problem(&answered, 431, "headers-too-large");
        }
    }
}

/// Which of several headers counts is different in each server, so none of them does.
#[tokio::test]
async fn several_authorization_headers_are_refused() {
    for mut event in [rest_v1(None), alb(None)] {
        event["multiValueHeaders"] = event["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), json!([value])))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let name =
            if event["headers"]["Authorization"].is_null() { "authorization" } else { "Authorization" };
        // The gateway puts the last value into `headers`.
        event["multiValueHeaders"][name] = json!(["Bearer a.b.c", "Bearer x.y.z"]);
        assert_problem(&answer(&event).await, 401, "unauthorized");
        event["multiValueHeaders"] =
            json!({"authorization": ["Bearer a.b.c"], "AUTHORIZATION": ["Bearer x.y.z"]});
        assert_problem(&answer(&event).await, 401, "unauthorized");
        // The two members disagree.
        event["multiValueHeaders"] = json!({"authorization": ["Bearer a.b.c"]});
        assert_problem(&answer(&event).await, 401, "unauthorized");
    }
}

/// A page of a configured origin can read that its request was malformed.
#[tokio::test]
async fn malformed_request_is_answered_with_cors() {
    let mut event = function_url(Some("*"));
    event["isBase64Encoded"] = true.into();
    let answered = answer(&event).await;
    assert_problem(&answered, 400, "request-malformed");
    assert_eq!(answered["headers"]["access-control-allow-origin"], ORIGIN);
    assert_eq!(answered["headers"]["content-type"], "application/problem+json");
}

/// The method and the body can have any value or type.
#[tokio::test]
async fn methods_and_bodies_of_other_types_return_400() {
    for (method, status) in
        [(json!("G T"), 400), (json!(""), 400), (json!(7), 400), (Value::Null, 400), (json!("get"), 405)]
    {
        let mut event = http_v2(None);
        event["requestContext"]["http"]["method"] = method.clone();
        assert_eq!(answer(&event).await["statusCode"], status, "{method}");
        let mut event = alb(None);
        event["httpMethod"] = method.clone();
        assert_eq!(answer(&event).await["statusCode"], status, "{method}");
    }
    for (_, event) in KINDS {
        let mut event = event(None);
        for body in [json!(7), json!({}), json!([]), json!(true)] {
            event["body"] = body;
            assert_problem(&answer(&event).await, 400, "request-malformed");
        }
    }
    granted(&function().answer(&rest_v1(None).to_string()).await.unwrap());
}
