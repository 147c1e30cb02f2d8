//! Who answers CORS: the function, but for an HTTP API.

use serde_json::Value;

use crate::answer;
use crate::events::{ORIGIN, alb, function_url, http_v2, rest_v1};

/// A header of an answer, in whichever of the two members its sender reads.
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
async fn the_function_answers_where_nobody_else_does() {
    for (name, event, answers) in [
        ("REST API", rest_v1(None), true),
        ("function URL", function_url(None), true),
        ("load balancer", alb(None), true),
        ("HTTP API", http_v2(None), false),
    ] {
        let wanted = answers.then(|| ORIGIN.to_owned());
        let answered = answer(&event).await;
        assert_eq!(header(&answered, "access-control-allow-origin"), wanted, "{name}: {answered}");
        // A page can read a refusal, too.
        let mut nobody = event.clone();
        nobody["requestContext"]["authorizer"] = Value::Null;
        let refused = answer(&nobody).await;
        assert_eq!(refused["statusCode"], 401, "{name}");
        assert_eq!(header(&refused, "access-control-allow-origin"), wanted, "{name}: {refused}");

        let answered = answer(&preflight(event)).await;
        assert_eq!(answered["statusCode"], 204, "{name}: {answered}");
        assert_eq!(header(&answered, "access-control-allow-origin"), wanted, "{name}: {answered}");
        assert_eq!(
            header(&answered, "access-control-allow-headers"),
            answers.then(|| "authorization, content-type".to_owned()),
            "{name}"
        );
    }
}

/// At a domain of one's own, the domain's mapping stands in front of the path.
#[tokio::test]
async fn a_mapped_path_is_found_by_its_route() {
    let mut event = http_v2(None);
    event["rawPath"] = "/v1/upload-url".into();
    event["requestContext"]["http"]["path"] = "/v1/upload-url".into();
    event["routeKey"] = "POST /upload-url".into();
    event["requestContext"]["routeKey"] = "POST /upload-url".into();
    assert_eq!(answer(&event).await["statusCode"], 200);
    event["requestContext"]["routeKey"] = "$default".into();
    assert_eq!(answer(&event).await["statusCode"], 404);
}
