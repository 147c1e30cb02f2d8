//! A function in a separate process, with a fake Runtime API: ten thousand events, some of them invalid or malformed, some with
//! an authenticator that panics.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use upsign::{SigV4, UploadIssuer};
use upsign_core::{CorsOrigins, Credentials, Identity, Target, Timestamp, WithCredentials};
use upsign_http::{Api, Authenticate, AuthenticateError, AuthenticateRequest};
use upsign_lambda::UploadFunction;
use upsign_policy::{Bodyless, ContentRules, KeyTemplate, SizeLimit, UploadPolicy};

use crate::events::{ORIGIN, alb, function_url, http_v2, rest_v1};
use crate::runtime_api::{self, Posted};

const EVENTS: usize = 10_000;

/// Takes the token as the name of the caller, and panics for requests with the header `x-panic`.
#[derive(Debug)]
struct PanickingAuthenticator;

#[async_trait]
impl Authenticate for PanickingAuthenticator {
    async fn authenticate(
        &self,
        request: &AuthenticateRequest<'_>,
        _: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        assert!(!request.headers.contains_key("x-panic"), "the authenticator panics");
        let name = request.headers["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap();
        Ok(Identity::from_verified("https://issuer.example", name).unwrap())
    }
}

#[test]
#[ignore = "runs as a child process of events_do_not_affect_each_other"]
fn function_process() {
    if !runtime_api::is_function_process() {
        return;
    }
    let template = KeyTemplate::parse("up/{sub}/{id}.{ext}", &[]).unwrap();
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content(ContentRules::new(["image/jpeg", "image/png"]).unwrap())
        .size(SizeLimit::up_to(10 << 20).unwrap())
        .build()
        .unwrap();
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials)).unwrap();
    let api = Api::new(issuer, CorsOrigins::listed([ORIGIN.parse().unwrap()]));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(UploadFunction::with_authenticator(api, PanickingAuthenticator).run()).unwrap();
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Good,
    Invalid,
    Panics,
    BadBody,
    Malformed,
}

fn kind(number: usize) -> Kind {
    match number {
        _ if number % 20 == 7 => Kind::Invalid,
        _ if number % 100 == 13 => Kind::Panics,
        _ if number % 100 == 42 => Kind::BadBody,
        _ if number % 20 == 16 || number % 20 == 11 => Kind::Malformed,
        _ => Kind::Good,
    }
}

/// Returns event number `number`, with its own caller and size, in one of four forms.
fn event(number: usize) -> String {
    let kind = kind(number);
    if kind == Kind::Invalid {
        let whole = rest_v1(None).to_string();
        return match number / 20 % 8 {
            0 => "{}".into(),
            1 => "[]".into(),
            2 => "null".into(),
            3 => r#"{"Records":[{"eventSource":"aws:s3"}]}"#.into(),
            4 => whole.replace("\"httpMethod\":\"POST\"", "\"httpMethod\":7"),
            5 => "{\"requestContext\":{\"http\":{}}}".into(),
            6 => whole.replace("\"headers\":{", "\"headers\":[{").replace("\"isBase64Encoded\"", "]"),
            _ => "7".into(),
        };
    }
    let body = format!(r#"{{"contentType":"image/png","contentLength":{}}}"#, number + 1);
    let body = if kind == Kind::BadBody { "{\"contentType\":" } else { body.as_str() };
    let event = [rest_v1, http_v2, function_url, alb][number % 4](Some(body));
    let text = event.to_string().replace("Bearer x.y.z", &format!("Bearer user-{number}"));
    if kind == Kind::Malformed {
        return malformed(number / 20, serde_json::from_str(&text).unwrap());
    }
    if kind != Kind::Panics {
        return text;
    }
    let mut event: Value = serde_json::from_str(&text).unwrap();
    event["headers"]["x-panic"] = "1".into();
    if let Some(Value::Object(many)) = event.get_mut("multiValueHeaders") {
        many.insert("x-panic".into(), serde_json::json!(["1"]));
    }
    event.to_string()
}

/// Makes a request malformed in one of several ways.
fn malformed(number: usize, mut event: Value) -> String {
    match number % 5 {
        0 => event["headers"]["host"] = "x:99999".into(),
        1 => event["isBase64Encoded"] = true.into(),
        2 => event["headers"]["x y"] = "z".into(),
        3 => event["headers"]["x"] = "a\r\nb".into(),
        _ => {
            let member = if event["rawPath"].is_string() { "rawPath" } else { "path" };
            event[member] = format!("/{}", "a".repeat(70_000)).into();
        }
    }
    event.to_string()
}

fn is_expected(number: usize, posted: &Posted) -> bool {
    let answered = |status: u16| -> Option<Value> {
        let Posted::Response(text) = posted else { return None };
        let answer: Value = serde_json::from_str(text).ok()?;
        (answer["statusCode"] == status).then_some(answer)
    };
    let body = |answer: &Value| serde_json::from_str::<Value>(answer["body"].as_str().unwrap()).unwrap();
    match kind(number) {
        Kind::Invalid => matches!(posted, Posted::Error(_)),
        Kind::Panics => answered(500).is_some_and(|answer| body(&answer)["code"] == "internal"),
        Kind::Malformed => answered(400).is_some_and(|answer| body(&answer)["code"] == "request-malformed"),
        Kind::BadBody => answered(400).is_some_and(|answer| body(&answer)["code"] == "body-syntax"),
        Kind::Good => answered(200).is_some_and(|answer| {
            let grant = body(&answer);
            let key = grant["key"].as_str().unwrap();
            let host = "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/";
            key.starts_with(&format!("up/user-{number}/"))
                && key.ends_with(".png")
                && grant["uploadUrl"].as_str().unwrap().starts_with(&format!("{host}{key}?"))
                && grant["headers"]["content-type"] == "image/png"
        }),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_do_not_affect_each_other() {
    let (api, mut results) = runtime_api::start((0..EVENTS).map(event).collect()).await;
    let mut child = runtime_api::spawn("survival::function_process", api);
    let mut seen = vec![false; EVENTS];
    let mut wrong = Vec::new();
    for count in 0..EVENTS {
        let next = tokio::time::timeout(Duration::from_secs(30), results.recv()).await;
        let Ok(Some((number, posted))) = next else {
            assert!(child.try_wait().unwrap().is_none(), "the function ended after {count} events");
            assert_eq!(count, EVENTS, "the function stopped answering");
            break;
        };
        assert!(!std::mem::replace(&mut seen[number], true), "event {number} was answered twice");
        if !is_expected(number, &posted) {
            wrong.push((number, kind(number), posted));
        }
    }
    assert!(wrong.is_empty(), "{} wrong, the first: {:?}", wrong.len(), wrong.first());
    assert!(child.try_wait().unwrap().is_none(), "the process must keep running");
    child.kill().await.unwrap();
}
