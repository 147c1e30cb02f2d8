//! Events of a Lambda function, from text to answer: an event that is an HTTP request is always answered, and only the one valid
//! token receives a grant. The input is a whole event first, and then one member of an event that is otherwise valid.

use std::sync::LazyLock;

use futures_util::FutureExt;
use http::HeaderMap;
use serde_json::{Value, json};
use upsign::{SigV4, UploadIssuer};
use upsign_core::{CorsOrigins, Credentials, Identity, Target, Timestamp, WithCredentials};
use upsign_http::{Api, Authenticate, AuthenticateError, AuthenticateRequest, async_trait};
use upsign_lambda::UploadFunction;
use upsign_policy::{Bodyless, ContentRules, KeyTemplate, SizeLimit, UploadPolicy};

use crate::within_time_limit;

type Function = UploadFunction<WithCredentials<SigV4, Credentials>>;

static FUNCTION: LazyLock<Function> = LazyLock::new(|| {
    let template = KeyTemplate::parse("up/{sub}/{id}.{ext}", &[]).unwrap();
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, template, Bodyless::Allow)
        .content(ContentRules::new(["image/jpeg", "image/png"]).unwrap())
        .size(SizeLimit::up_to(10 << 20).unwrap())
        .build()
        .unwrap();
    let credentials = Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "secret").unwrap();
    let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials)).unwrap();
    let origins = CorsOrigins::listed(["https://app.example.com".parse().unwrap()]);
    UploadFunction::with_authenticator(Api::new(issuer, origins), OneToken)
});

/// Knows one token, in the only `Authorization` header.
#[derive(Debug)]
struct OneToken;

#[async_trait]
impl Authenticate for OneToken {
    async fn authenticate(
        &self,
        request: &AuthenticateRequest<'_>,
        _: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        if is_alice(request.headers) {
            return Ok(Identity::from_verified("https://issuer.example", "alice")?);
        }
        Err(AuthenticateError::Rejected { code: "rejected", reason: "unknown token".into() })
    }
}

fn is_alice(headers: &HeaderMap) -> bool {
    headers.get_all("authorization").iter().eq(["Bearer x.y.z"])
}

pub(super) fn run(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        // An error is the answer to an event of another kind.
        if let Ok(answer) = answer(text) {
            check(&answer);
        }
    }
    let Some((selector, value)) = data.split_first() else { return };
    let event = with_member(*selector, &String::from_utf8_lossy(value)).to_string();
    check(&answer(&event).expect("an HTTP request is answered"));
}

fn answer(event: &str) -> Result<Value, upsign_lambda::Error> {
    within_time_limit(|| FUNCTION.answer(event).now_or_never()).expect("no I/O")
}

fn check(answer: &Value) {
    let status = answer["statusCode"].as_u64().expect("every answer has a status");
    if status == 204 {
        return;
    }
    let body: Value = serde_json::from_str(answer["body"].as_str().expect("a body")).expect("JSON");
    if status == 200 {
        assert!(body["key"].as_str().unwrap().starts_with("up/alice/"), "{body}");
    } else {
        assert!([400, 401, 403, 404, 405, 413, 415, 431].contains(&status), "{status} {body}");
        assert!(body["code"].is_string(), "{body}");
    }
}

/// Returns an event of one of the four senders in which one member has the value `text`.
fn with_member(selector: u8, text: &str) -> Value {
    let (sender, member) = (selector % 4, selector / 4 % 12);
    let mut event = match sender {
        0 => json!({"resource": "/upload-url", "path": "/upload-url", "httpMethod": "POST",
            "requestContext": {"resourcePath": "/upload-url", "stage": "prod"}}),
        1 => json!({"requestContext": {"elb": {}}, "path": "/upload-url", "httpMethod": "POST"}),
        _ => {
            let domain = if sender == 2 { "api.example.com" } else { "x.lambda-url.eu-west-1.on.aws" };
            json!({"version": "2.0", "rawPath": "/upload-url", "rawQueryString": "", "requestContext": {
                "domainName": domain, "stage": "$default", "routeKey": "$default", "http": {"method": "POST"}}})
        }
    };
    event["headers"] = json!({"authorization": "Bearer x.y.z", "origin": "https://app.example.com"});
    match member {
        0 => event["headers"]["host"] = text.into(),
        1 => event["headers"]["x-forwarded-proto"] = text.into(),
        2 => event["headers"][text] = "value".into(),
        3 => event["headers"]["x-value"] = text.into(),
        4 => event["multiValueHeaders"] = json!({"authorization": [text, "Bearer x.y.z"]}),
        5 => event[if sender < 2 { "path" } else { "rawPath" }] = text.into(),
        6 => event["queryStringParameters"] = json!({text: text}),
        7 => event["multiValueQueryStringParameters"] = json!({text: [text, ""]}),
        8 => event["rawQueryString"] = text.into(),
        9 => event["cookies"] = json!([text, text]),
        10 => event["body"] = text.into(),
        _ => {
            event["body"] = text.into();
            event["isBase64Encoded"] = true.into();
        }
    }
    event
}
