//! The calls that continue an upload, in the events of each sender: the answers, their size behind a load balancer, and metrics.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use upsign::session::TokenKeys;
use upsign::{SigV4, UploadIssuer};
use upsign_cognito::authorizer::IdentitySource;
use upsign_cognito::{TokenUse, UserPool, VerifierConfig};
use upsign_config::Config;
use upsign_core::{
    CorsOrigins, Credentials, Expiry, Identity, PartNumber, Provider, Target, Timestamp, WithCredentials,
};
use upsign_http::{Api, authenticate_fn};
use upsign_lambda::UploadFunction;
use upsign_lambda::environment::FunctionSettings;
use upsign_objects::{CallFailure, CompletedUpload, ETag, ObjectError, PartList, StoreError, UploadedPart};
use upsign_policy::{Bodyless, KeyTemplate, MultipartMode, MultipartOptions, UploadPolicy};
use upsign_testing::FixedClock;
use upsign_testing::mocks::MockObjectCalls;

use crate::events::{ORIGIN, alb, at_path, function_url, http_v2, rest_v1};

const MIB: u64 = 1 << 20;
const SIZE: u64 = 20 * MIB;

type Signer = WithCredentials<SigV4, Credentials>;
type Event = fn(Option<&str>) -> Value;

/// The events of each sender. The first two state the caller, the others are authenticated by the function.
const SENDERS: [(&str, Event); 4] =
    [("rest", rest_v1), ("http", http_v2), ("function URL", function_url), ("load balancer", alb)];

fn etag(text: &str) -> ETag {
    text.parse().unwrap()
}

/// A store with an upload of three parts.
fn store() -> MockObjectCalls {
    let mut store = MockObjectCalls::new();
    store.expect_create_multipart_upload().returning(|_, _| Ok("VXBsb2FkSWQ".parse().unwrap()));
    store.expect_list_parts().returning(|_, _| {
        let part =
            |n: u64, size| UploadedPart::new(PartNumber::new(n).unwrap(), etag(&format!("e{n}")), size);
        Ok(PartList::new(vec![part(1, 8 * MIB), part(2, 8 * MIB), part(3, 4 * MIB)]))
    });
    store
        .expect_complete_multipart_upload()
        .returning(|_, _| Ok(CompletedUpload::new(etag("0123456789abcdef0123456789abcdef-3"))));
    store.expect_abort_multipart_upload().returning(|_, _| Ok(()));
    store
        .expect_head_object()
        .returning(|_, _| Err(ObjectError::new("HeadObject", CallFailure::Store(StoreError::new(404)))));
    store
}

fn api(calls: MockObjectCalls, session_token: &str) -> Api<Signer> {
    let target = Target::aws("videos-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let template = KeyTemplate::parse("videos/{sub}/{id}", &[]).unwrap();
    let policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content_types(["video/mp4"])
        .max_size(1 << 40)
        .multipart(MultipartOptions::new(MultipartMode::Always, Provider::Aws.capabilities()))
        .build()
        .unwrap();
    let expiry = Expiry::At(Timestamp::MAX);
    let credentials = Credentials::temporary("ASIAEXAMPLE", "secret", session_token, expiry).unwrap();
    let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials)).unwrap();
    let keys = TokenKeys::new("default", [[7; 32]]).unwrap();
    Api::new(issuer.with_store(calls, keys), CorsOrigins::listed([ORIGIN.parse().unwrap()]))
}

/// The function that a sender invokes.
fn function(sender: &str, api: Api<Signer>) -> UploadFunction<Signer> {
    let function = if matches!(sender, "rest" | "http") {
        let pool = "ap-southeast-1_AbCdEf123".parse::<UserPool>().unwrap().trusted_issuer();
        let verifier = VerifierConfig::new(pool, ["client-1"], TokenUse::Any).unwrap();
        UploadFunction::with_identity_source(api, IdentitySource::Claims(verifier))
    } else {
        let authenticate = authenticate_fn(|request, _| {
            assert_eq!(request.headers["authorization"], "Bearer x.y.z");
            async { Ok(Identity::from_verified("https://issuer.example", "alice")?) }
        });
        UploadFunction::with_authenticator(api, authenticate)
    };
    function.with_clock(FixedClock::new("2026-01-01T00:00:00Z"))
}

/// Sends a body to a path, as text or in base64, and returns the answer to the sender.
async fn invoke(
    function: &UploadFunction<Signer>,
    event: Event,
    path: &str,
    body: &Value,
    is_base64: bool,
) -> Value {
    let text = body.to_string();
    let text = if is_base64 { STANDARD.encode(text) } else { text };
    let mut event = at_path(event(Some(&text)), path);
    event["isBase64Encoded"] = is_base64.into();
    function.answer(&event.to_string()).await.unwrap()
}

fn body_of(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

fn begin() -> Value {
    json!({ "contentType": "video/mp4", "contentLength": SIZE })
}

fn completion(token: &Value) -> Value {
    let parts: Vec<Value> =
        (1..=3).map(|n| json!({ "partNumber": n, "etag": format!("\"e{n}\"") })).collect();
    json!({ "uploadToken": token, "parts": parts })
}

#[tokio::test]
async fn every_sender_can_make_every_call() {
    let mut answers = Vec::new();
    for (sender, event) in SENDERS {
        for is_base64 in [false, true] {
            let function = function(sender, api(store(), "session-token"));
            let call = async |path: &str, body: &Value| {
                let answer = invoke(&function, event, path, body, is_base64).await;
                assert_eq!(answer["statusCode"], 200, "{sender} {path} {answer}");
                body_of(&answer)
            };
            let grant = call("/upload-url", &begin()).await;
            assert_eq!((&grant["method"], &grant["partCount"]), (&json!("MULTIPART"), &json!(3)), "{sender}");
            assert!(grant["key"].as_str().unwrap().starts_with("videos/alice/"), "{grant}");
            let token = &grant["uploadToken"];
            let identified = json!({ "uploadToken": token });
            let parts = call("/uploads/parts", &json!({ "uploadToken": token, "partNumbers": [1, 3] })).await;
            let url = parts["parts"][1]["uploadUrl"].as_str().unwrap();
            assert!(url.contains("partNumber=3") && url.contains("X-Amz-Security-Token"), "{url}");
            let status = call("/uploads/status", &identified).await;
            let mut completed = call("/uploads/complete", &completion(token)).await;
            let aborted = call("/uploads/abort", &identified).await;
            assert_eq!((&status["missing"], &completed["size"]), (&json!(""), &json!(SIZE)), "{sender}");
            completed["key"].take();
            answers.push((completed, aborted));
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "every sender gets the same: {answers:?}");
}

#[tokio::test]
async fn refusals_have_the_form_of_their_sender() {
    for (sender, event) in SENDERS {
        let function = function(sender, api(store(), "session-token"));
        for path in ["/uploads/parts", "/uploads/status", "/uploads/complete", "/uploads/abort"] {
            let answer = invoke(&function, event, path, &json!({}), false).await;
            assert_eq!(
                (&answer["statusCode"], &body_of(&answer)["code"]),
                (&json!(400), &json!("body-member-missing"))
            );
            let body = match path {
                "/uploads/parts" => json!({ "uploadToken": "A", "partNumbers": [1] }),
                "/uploads/complete" => completion(&json!("A")),
                _ => json!({ "uploadToken": "A" }),
            };
            let answer = invoke(&function, event, path, &body, false).await;
            assert_eq!(
                (&answer["statusCode"], &body_of(&answer)["code"]),
                (&json!(403), &json!("upload-token-invalid"))
            );
        }
        let unknown = invoke(&function, event, "/uploads/list", &json!({}), false).await;
        assert_eq!(unknown["statusCode"], 404, "{sender}");
    }
}

/// A load balancer passes on answers of up to 1 MB of JSON, with the body as an escaped text
/// (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>).
#[tokio::test]
async fn answers_fit_through_a_load_balancer() {
    let mut calls = MockObjectCalls::new();
    calls.expect_create_multipart_upload().returning(|_, _| Ok("VXBsb2FkSWQ".parse().unwrap()));
    calls.expect_list_parts().returning(|_, _| {
        let etag = etag("0123456789abcdef0123456789abcdef");
        let part = |n| UploadedPart::new(PartNumber::new(n).unwrap(), etag.clone(), 8 * MIB);
        Ok(PartList::new((1..=10_000).map(part).collect()))
    });
    let function = function("load balancer", api(calls, &"t".repeat(2_000)));
    let begin = json!({ "contentType": "video/mp4", "contentLength": 10_000 * 8 * MIB });
    let grant = body_of(&invoke(&function, alb, "/upload-url", &begin, false).await);
    let numbers: Vec<u64> = (1..=1_000).collect();
    let checksums = vec!["AAAAAAAAAAA="; 1_000];
    let token = &grant["uploadToken"];
    let parts = json!({ "uploadToken": token, "partNumbers": numbers, "checksums": checksums });
    for (path, body) in [("/uploads/parts", parts), ("/uploads/status", json!({ "uploadToken": token }))] {
        let answer = invoke(&function, alb, path, &body, false).await;
        assert_eq!(answer["statusCode"], 200, "{path}");
        let bytes = answer.to_string().len();
        assert!((500_000..1_000_000).contains(&bytes), "{path}: {bytes}");
    }
}

const FILE: &str = r#"
bucket = { name = "videos-bucket", region = "ap-southeast-1" }
cors = { origins = ["https://app.example.com"] }

[upload]
key = "videos/{sub}/{id}"
types = ["video/mp4"]
max_size = "5 GiB"
bodyless = "refuse"
multipart = "always"

[auth]
user_pool = "ap-southeast-1_AbCdEf123"
client_ids = ["client-1"]
token_use = "any"
"#;

#[tokio::test]
async fn calls_write_lines_of_metrics_without_secrets() {
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let written = Arc::clone(&lines);
    let config = Config::read("upsign.toml", FILE, |_| None).unwrap();
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let settings = FunctionSettings::new(config, credentials)
        .with_token_keys(TokenKeys::new("default", [[7; 32]]).unwrap())
        .with_objects(|_| Arc::new(store()))
        .with_metrics_to(move |line| written.lock().unwrap().push(line.to_owned()));
    let function = UploadFunction::behind_authorizer(settings).unwrap();
    let function = function.with_clock(FixedClock::new("2026-01-01T00:00:00Z"));
    let call = async |path: &str, body: &Value| {
        let event = at_path(http_v2(Some(&body.to_string())), path).to_string();
        body_of(&function.answer(&event).await.unwrap())
    };
    let grant = call("/upload-url", &begin()).await;
    let token = &grant["uploadToken"];
    call("/uploads/parts", &json!({ "uploadToken": token, "partNumbers": [1, 2, 3] })).await;
    call("/uploads/complete", &completion(token)).await;
    call("/uploads/abort", &json!({ "uploadToken": token })).await;
    call("/uploads/abort", &json!({ "uploadToken": "A" })).await;

    let lines: Vec<Value> =
        lines.lock().unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sum = |name: &str| lines.iter().filter_map(|line| line[name].as_u64()).sum::<u64>();
    for (name, expected) in [
        ("Issued", 1),
        ("Rejected", 1),
        ("PartsSigned", 3),
        ("Completed", 1),
        ("CompletedBytes", SIZE),
        ("Aborted", 1),
    ] {
        assert_eq!(sum(name), expected, "{name}");
    }
    let operations: Vec<&str> = lines
        .iter()
        .filter(|line| line["StoreMillis"].is_u64())
        .map(|line| line["Operation"].as_str().unwrap())
        .collect();
    let expected = [
        "CreateMultipartUpload",
        "ListParts",
        "CompleteMultipartUpload",
        "AbortMultipartUpload",
        "HeadObject",
    ];
    assert_eq!(operations, expected);
    for line in &lines {
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        for metric in directive["Metrics"].as_array().unwrap() {
            assert!(line[metric["Name"].as_str().unwrap()].is_u64(), "{line}");
            let unit = match metric["Name"].as_str().unwrap() {
                "CompletedBytes" => "Bytes",
                "StoreMillis" => "Milliseconds",
                "SignMicros" => "Microseconds",
                _ => "Count",
            };
            assert_eq!(metric["Unit"], unit);
        }
        for dimension in
            directive["Dimensions"].as_array().unwrap().iter().flat_map(|set| set.as_array().unwrap())
        {
            assert!(line[dimension.as_str().unwrap()].is_string(), "{line}");
        }
        let text = line.to_string();
        for secret in ["alice", "VXBsb2FkSWQ", "videos", token.as_str().unwrap(), "AKID"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}
