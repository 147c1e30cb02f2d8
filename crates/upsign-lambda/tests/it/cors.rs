//! CORS headers: from the function, except behind an HTTP API that can compare the origins.

use serde_json::Value;
use upsign_core::CorsOrigins;

use crate::events::{ORIGIN, alb, function_url, http_v2, rest_v1};
use crate::{answer, function_for};

/// Returns a header of an answer, from either of the two members for headers.
fn header(answer: &Value, name: &str) -> Option<String> {
    let one = answer["headers"][name].as_str();
    let many = answer["multiValueHeaders"][name][0].as_str();
    one.or(many).map(str::to_owned)
}

fn preflight(mut event: Value) -> Value {
    for pointer in ["/httpMethod", "/requestContext/httpMethod", "/requestContext/http/method"] {
        if let Some(method) = event.pointer_mut(pointer) {
            *method = "OPTIONS".into();
        }
    }
    event["requestContext"]["authorizer"] = Value::Null;
    event
}

#[tokio::test]
async fn function_adds_cors_except_for_http_apis() {
    for (name, event, answers) in [
        ("REST API", rest_v1(None), true),
        ("function URL", function_url(None), true),
        ("load balancer", alb(None), true),
        ("HTTP API", http_v2(None), false),
    ] {
        let expected = answers.then(|| ORIGIN.to_owned());
        let answered = answer(&event).await;
        assert_eq!(header(&answered, "access-control-allow-origin"), expected, "{name}: {answered}");
        // Pages can read refusals too.
        let mut anonymous = event.clone();
        anonymous["requestContext"]["authorizer"] = Value::Null;
        let refused = answer(&anonymous).await;
        assert_eq!(refused["statusCode"], 401, "{name}");
        assert_eq!(header(&refused, "access-control-allow-origin"), expected, "{name}: {refused}");

        let answered = answer(&preflight(event)).await;
        assert_eq!(answered["statusCode"], 204, "{name}: {answered}");
        assert_eq!(header(&answered, "access-control-allow-origin"), expected, "{name}: {answered}");
        assert_eq!(
            header(&answered, "access-control-allow-headers"),
            answers.then(|| "authorization, content-type".to_owned()),
            "{name}"
        );
    }
}

/// An HTTP API compares whole origins, so the function also adds the headers behind one.
#[tokio::test]
async fn function_adds_cors_behind_every_gateway_if_an_origin_has_a_wildcard() {
    let pattern = ORIGIN.replacen("//app", "//*", 1);
    let function = function_for(CorsOrigins::listed([pattern.parse().unwrap()]));
    let other = "https://app.example.com.evil.test";
    for event in [rest_v1(None), function_url(None), alb(None), http_v2(None)] {
        for event in [event.clone(), preflight(event)] {
            let text = event.to_string();
            let answered = function.answer(&text).await.unwrap();
            assert_eq!(
                header(&answered, "access-control-allow-origin").as_deref(),
                Some(ORIGIN),
                "{answered}"
            );
            assert!(header(&answered, "vary").unwrap().starts_with("Origin"), "{answered}");
            let refused = function.answer(&text.replace(ORIGIN, other)).await.unwrap();
            assert_eq!(header(&refused, "access-control-allow-origin"), None, "{refused}");
        }
    }
}

/// A custom domain name puts its base path in front of the path.
#[tokio::test]
async fn base_path_is_removed_by_the_route_key() {
    let mut event = http_v2(None);
    event["rawPath"] = "/v1/upload-url".into();
    event["requestContext"]["http"]["path"] = "/v1/upload-url".into();
    event["routeKey"] = "POST /upload-url".into();
    event["requestContext"]["routeKey"] = "POST /upload-url".into();
    assert_eq!(answer(&event).await["statusCode"], 200);
    event["requestContext"]["routeKey"] = "$default".into();
    assert_eq!(answer(&event).await["statusCode"], 404);
}
