//! The entrance of the Lambda function: events of every kind, as the gateways send them.

use serde_json::{Value, json};
use upsign_lambda::{FunctionSettings, RoleSigner, UploadFunction};

use super::{Answer, BODY, credentials, member, read};

/// A kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rest,
    HttpV1,
    HttpV2,
    FunctionUrl,
    LoadBalancer,
}

pub(crate) const KINDS: [Kind; 5] =
    [Kind::Rest, Kind::HttpV1, Kind::HttpV2, Kind::FunctionUrl, Kind::LoadBalancer];

/// Returns the function that `upsign.toml` configures.
pub(crate) fn function(file: &str) -> UploadFunction<RoleSigner> {
    let settings = FunctionSettings::new(read(file), credentials()).without_metrics();
    UploadFunction::configured(settings).unwrap_or_else(|error| panic!("{error}\n{file}"))
}

/// Returns an event with these headers and what the gateway states about the caller: its `authorizer`, or for IAM at a REST API
/// its `identity`.
pub(crate) fn event(kind: Kind, headers: &[(&str, &str)], caller: &Value) -> Value {
    let mut single = json!({"content-type": "application/json", "host": "api.example.com"});
    for (name, value) in headers {
        single[*name] = (*value).into();
    }
    match kind {
        Kind::Rest | Kind::HttpV1 => {
            let mut event = json!({
                "resource": "/upload-url", "path": "/upload-url", "httpMethod": "POST", "headers": single,
                "requestContext": {
                    "resourcePath": "/upload-url", "httpMethod": "POST", "stage": "prod", "apiId": "1234567890",
                    "identity": {"sourceIp": "203.0.113.9", "userAgent": "curl/8"},
                },
                "body": BODY, "isBase64Encoded": false,
            });
            match caller.get("identity") {
                Some(identity) => event["requestContext"]["identity"] = identity.clone(),
                None => event["requestContext"]["authorizer"] = caller.clone(),
            }
            if kind == Kind::HttpV1 {
                event["version"] = "1.0".into();
            }
            event
        }
        Kind::HttpV2 | Kind::FunctionUrl => {
            let domain = match kind {
                Kind::FunctionUrl => "abcdefghij.lambda-url.ap-southeast-1.on.aws",
                _ => "api.example.com",
            };
            json!({
                "version": "2.0", "routeKey": "$default", "rawPath": "/upload-url", "rawQueryString": "", "headers": single,
                "requestContext": {
                    "routeKey": "$default", "stage": "$default", "domainName": domain, "authorizer": caller,
                    "http": {"method": "POST", "path": "/upload-url", "protocol": "HTTP/1.1"},
                },
                "body": BODY, "isBase64Encoded": false,
            })
        }
        Kind::LoadBalancer => json!({
            "requestContext": {"elb": {"targetGroupArn":
                "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:targetgroup/uploads/49e9d65c45c6791a"}},
            "httpMethod": "POST", "path": "/upload-url", "queryStringParameters": {}, "headers": single,
            "body": BODY, "isBase64Encoded": false,
        }),
    }
}

/// Sends an event, and returns what the client sees of the answer.
pub(crate) fn send(function: &UploadFunction<RoleSigner>, event: &Value) -> Answer {
    exchange(function, event).0
}

/// Sends an event, and returns the answer, and the key of the upload if there is one.
pub(crate) fn exchange(function: &UploadFunction<RoleSigner>, event: &Value) -> (Answer, Option<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(function.answer(&event.to_string())).unwrap();
    let single = answer["headers"]["www-authenticate"].as_str();
    let several = answer["multiValueHeaders"]["www-authenticate"][0].as_str();
    let body = answer["body"].as_str().unwrap();
    let answer = Answer {
        status: answer["statusCode"].as_u64().unwrap().try_into().unwrap(),
        challenge: single.or(several).map(str::to_owned),
        code: member(body, "code").unwrap_or_default(),
    };
    (answer, member(body, "key"))
}
