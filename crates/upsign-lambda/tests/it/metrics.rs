//! What is told of the credentials' end, and what is counted.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use upsign::Clock;
use upsign_core::{Credentials, Expiry, Timestamp};
use upsign_lambda::environment::Start;
use upsign_lambda::{NotStarted, UploadFunction};

use crate::events::{ORIGIN, http_v2};
use crate::{Fixed, granted};

fn config(more: &[(&str, &str)]) -> upsign_config::Config {
    let variables: Vec<(&str, &str)> = [
        ("ARTICLE_IMAGES_BUCKET", "article-images-bucket"),
        ("UPSIGN_REGION", "ap-southeast-1"),
        ("UPSIGN_KEY", "articles/{article_id}/raw/{id}.{ext}"),
        ("UPSIGN_IDS", "article_id"),
        ("UPSIGN_TYPES", "image/jpeg"),
        ("UPSIGN_MAX_SIZE", "10 MiB"),
        ("UPSIGN_BODYLESS", "allow"),
        ("UPSIGN_ORIGINS", ORIGIN),
        ("UPSIGN_USER_POOL", "ap-southeast-1_AbCdEf123"),
        ("UPSIGN_CLIENT_IDS", "client-1"),
        ("UPSIGN_TOKEN_USE", "any"),
    ]
    .into_iter()
    .chain(more.iter().copied())
    .collect();
    let variable =
        |name: &str| variables.iter().find(|(have, _)| *have == name).map(|(_, v)| (*v).to_owned());
    upsign_config::Config::read("environment", "", variable).unwrap()
}

const ASSUME: [(&str, &str); 2] = [("UPSIGN_UNKNOWN_EXPIRY", "assume"), ("UPSIGN_ASSUME_FOR", "10m")];

fn role() -> Credentials {
    Credentials::temporary("ASIAEXAMPLE", "secret", "session-token", Expiry::Unknown).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A role's credentials in the environment do not say when they end: what is told in each case.
#[tokio::test]
async fn the_roles_credentials() {
    let start = |config, credentials| UploadFunction::behind_authorizer(Start::new(config, credentials));
    assert!(matches!(start(config(&[]), role()), Err(NotStarted::UnknownExpiry)));
    assert!(matches!(
        start(config(&[("UPSIGN_UNKNOWN_EXPIRY", "refuse")]), role()),
        Err(NotStarted::UnknownExpiry)
    ));
    let known = || role().with_expiry(Expiry::At(at("2026-01-01T00:05:30Z")));
    for (start, expires_in, bound) in [
        // Assumed: an upper bound, less a margin.
        (Start::new(config(&ASSUME), role()), 570, json!("upper-bound")),
        // Known: the end, less a margin.
        (Start::new(config(&[]), known()), 300, Value::Null),
        // Of a role that was assumed: such a source says when its credentials end.
        (Start::new(config(&[]), role()).with_source(known()), 300, Value::Null),
    ] {
        let function = UploadFunction::behind_authorizer(start.without_metrics()).unwrap();
        let function = function.with_clock(Fixed(at("2026-01-01T00:00:00Z")));
        let grant = granted(&function.answer(&http_v2(None).to_string()).await.unwrap());
        assert_eq!((&grant["expiresIn"], &grant["expiresAtIs"]), (&expires_in.into(), &bound));
    }
}

#[derive(Clone, Debug)]
struct Thawing(Arc<Mutex<Timestamp>>);

impl Clock for Thawing {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Frozen for hours, a process wakes with the credentials it had. Its time is new, and nothing is signed with what has ended.
#[tokio::test]
async fn nothing_is_signed_with_credentials_known_to_have_ended() {
    let clock = Thawing(Arc::new(Mutex::new(at("2026-01-01T00:00:00Z"))));
    let known = role().with_expiry(Expiry::At(at("2026-01-01T00:30:00Z")));
    for start in [Start::new(config(&ASSUME), role()), Start::new(config(&[]), known)] {
        *clock.0.lock().unwrap() = at("2026-01-01T00:00:00Z");
        let function =
            UploadFunction::behind_authorizer(start.without_metrics()).unwrap().with_clock(clock.clone());
        granted(&function.answer(&http_v2(None).to_string()).await.unwrap());
        *clock.0.lock().unwrap() = at("2026-01-01T00:58:00Z");
        let mut event = http_v2(None);
        event["requestContext"]["authorizer"]["jwt"]["claims"]["exp"] = "1767232800".into();
        let answer = function.answer(&event.to_string()).await.unwrap();
        assert_eq!(answer["statusCode"], 503, "{answer}");
        assert!(!answer.to_string().contains("X-Amz-Signature"), "{answer}");
        assert_eq!(answer["headers"]["retry-after"], "30", "{answer}");
    }
}

#[tokio::test]
async fn each_request_writes_one_line_without_a_secret() {
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = Arc::clone(&lines);
    let start = Start::new(config(&ASSUME), role());
    let start = start.with_metrics_to(move |line| told.lock().unwrap().push(line.to_owned()));
    let function = UploadFunction::behind_authorizer(start).unwrap();
    let function = function.with_clock(Fixed(at("2026-01-01T00:00:00Z")));
    let mut nobody = http_v2(None);
    nobody["requestContext"]["authorizer"] = Value::Null;
    let wrong = http_v2(Some(r#"{"contentType":"text/html","contentLength":7}"#));
    for event in [http_v2(None), nobody, wrong, http_v2(Some("{"))] {
        function.answer(&event.to_string()).await.unwrap();
    }
    let lines: Vec<Value> =
        lines.lock().unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let counts: Vec<_> =
        lines.iter().map(|line| (&line["Issued"], &line["Rejected"], &line["Reason"])).collect();
    assert_eq!(
        counts,
        [
            (&json!(1), &json!(0), &Value::Null),
            (&json!(0), &json!(1), &json!("unauthorized")),
            (&json!(0), &json!(1), &json!("content-type-not-allowed")),
            (&json!(0), &json!(1), &json!("body-syntax")),
        ]
    );
    let first = &lines[0];
    assert_eq!(first["CredentialsSeconds"], 600);
    assert!(first["SignMicros"].is_u64());
    assert_eq!(first["_aws"]["Timestamp"], 1_767_225_600_000_u64);
    for line in &lines {
        // Every metric that is described is there, and is a number.
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap() {
            assert!(line[metric["Name"].as_str().unwrap()].is_u64(), "{line}");
        }
        let text = line.to_string();
        for secret in ["alice", "http", "x.y.z", "session-token", "secret", "articles/", "client-1", "ASIA"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}
