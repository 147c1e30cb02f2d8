//! Events in the form in which AWS sends them.

use serde_json::{Value, json};

pub(crate) const POOL: &str = "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123";
pub(crate) const ORIGIN: &str = "https://app.example.com";

/// A REST API with a Cognito authorizer: every claim is text, dates have the form of Java, and the stage is not in the path.
pub(crate) fn rest_v1(body: Option<&str>) -> Value {
    json!({
        "resource": "/upload-url", "path": "/upload-url", "httpMethod": "POST",
        "headers": {"Authorization": "Bearer x.y.z", "Content-Type": "application/json", "origin": ORIGIN},
        "multiValueHeaders": {"Authorization": ["Bearer x.y.z"], "Content-Type": ["application/json"], "origin": [ORIGIN]},
        "queryStringParameters": null, "multiValueQueryStringParameters": null,
        "pathParameters": null, "stageVariables": null,
        "requestContext": {
            "resourceId": "abc123", "resourcePath": "/upload-url", "httpMethod": "POST", "path": "/prod/upload-url",
            "accountId": "123456789012", "protocol": "HTTP/1.1", "stage": "prod", "domainPrefix": "api",
            "requestTime": "01/Jan/2026:00:00:00 +0000", "requestTimeEpoch": 1_767_225_600_000_u64,
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "apiId": "1234567890",
            "domainName": "api.example.com", "identity": {"sourceIp": "203.0.113.9", "userAgent": "curl/8"},
            "authorizer": {"claims": {
                "sub": "alice", "aud": "client-1", "iss": POOL, "token_use": "id",
                "cognito:groups": "writers", "exp": "Thu Jan 01 01:00:00 UTC 2026", "iat": "Wed Dec 31 23:59:00 UTC 2025",
            }},
        },
        "body": body, "isBase64Encoded": false,
    })
}

/// An HTTP API with a JWT authorizer, behind a named stage that is part of the path.
pub(crate) fn http_v2(body: Option<&str>) -> Value {
    json!({
        "version": "2.0", "routeKey": "POST /upload-url", "rawPath": "/prod/upload-url", "rawQueryString": "",
        "headers": {"authorization": "Bearer x.y.z", "content-type": "application/json", "host": "api.example.com", "origin": ORIGIN},
        "requestContext": {
            "accountId": "123456789012", "apiId": "api-id", "domainName": "api.example.com", "domainPrefix": "api",
            "requestId": "id", "routeKey": "POST /upload-url", "stage": "prod",
            "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1_767_225_600_000_u64,
            "authorizer": {"jwt": {"claims": {
                "sub": "alice", "client_id": "client-1", "iss": POOL, "token_use": "access",
                "cognito:groups": "[writers readers]", "exp": "1767229200", "iat": "1767225540", "scope": "openid",
            }, "scopes": null}},
            "http": {"method": "POST", "path": "/prod/upload-url", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9", "userAgent": "curl/8"},
        },
        "body": body, "isBase64Encoded": false,
    })
}

/// A function URL: the payload of an HTTP API, with another domain and without an authorizer.
pub(crate) fn function_url(body: Option<&str>) -> Value {
    let mut event = http_v2(body);
    event["rawPath"] = "/upload-url".into();
    event["routeKey"] = "$default".into();
    let context = &mut event["requestContext"];
    context["stage"] = "$default".into();
    context["routeKey"] = "$default".into();
    context["domainName"] = "abcdefghij.lambda-url.ap-southeast-1.on.aws".into();
    context["http"]["path"] = "/upload-url".into();
    context["authorizer"] = Value::Null;
    event
}

/// An application load balancer, with headers of one value each.
pub(crate) fn alb(body: Option<&str>) -> Value {
    json!({
        "requestContext": {"elb": {"targetGroupArn":
            "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:targetgroup/uploads/49e9d65c45c6791a"}},
        "httpMethod": "POST", "path": "/upload-url", "queryStringParameters": {},
        "headers": {"authorization": "Bearer x.y.z", "content-type": "application/json", "host": "lb.example.com",
                    "origin": ORIGIN, "x-forwarded-for": "203.0.113.9"},
        "body": body.unwrap_or_default(), "isBase64Encoded": false,
    })
}

/// Sends the event of one of the functions above to another path of the API.
pub(crate) fn at_path(mut event: Value, path: &str) -> Value {
    if event.get("rawPath").is_some() {
        let stage = if event["requestContext"]["stage"] == "prod" { "/prod" } else { "" };
        event["rawPath"] = format!("{stage}{path}").into();
        event["requestContext"]["http"]["path"] = format!("{stage}{path}").into();
        if event["routeKey"] != "$default" {
            event["routeKey"] = format!("POST {path}").into();
            event["requestContext"]["routeKey"] = format!("POST {path}").into();
        }
        return event;
    }
    event["path"] = path.into();
    if event.get("resource").is_some() {
        event["resource"] = path.into();
        event["requestContext"]["resourcePath"] = path.into();
        event["requestContext"]["path"] = format!("/prod{path}").into();
    }
    event
}
