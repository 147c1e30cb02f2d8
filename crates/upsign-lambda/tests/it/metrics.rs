//! The expiry of the signing credentials, the application's extensions, and the lines of metrics.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use upsign_config::LoadCredentialsError;
use upsign_core::{Credentials, Expiry, Timestamp};
use upsign_lambda::environment::FunctionSettings;
use upsign_lambda::{StartError, UploadFunction};
use upsign_testing::{FixedClock, RecordingObserver, UploadEvent};

use crate::events::{ORIGIN, http_v2};
use crate::granted;

pub(crate) fn config(more: &[(&str, &str)]) -> upsign_config::Config {
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

/// The credentials of a role do not state their expiry in the environment. Checks the lifetime of a grant for each setting.
#[tokio::test]
async fn lifetime_follows_the_credentials() {
    let start =
        |config, credentials| UploadFunction::behind_authorizer(FunctionSettings::new(config, credentials));
    assert!(matches!(
        start(config(&[]), role()),
        Err(StartError::Credentials(LoadCredentialsError::UnknownExpiry))
    ));
    assert!(matches!(
        start(config(&[("UPSIGN_UNKNOWN_EXPIRY", "refuse")]), role()),
        Err(StartError::Credentials(LoadCredentialsError::UnknownExpiry))
    ));
    let known = || role().with_expiry(Expiry::At(at("2026-01-01T00:05:30Z")));
    for (settings, expires_in, precision) in [
        // An assumed expiry is an upper bound, minus the safety margin.
        (FunctionSettings::new(config(&ASSUME), role()), 570, json!("upper-bound")),
        // A known expiry is exact, minus the safety margin.
        (FunctionSettings::new(config(&[]), known()), 300, Value::Null),
        // The source of an assumed role states the expiry.
        (FunctionSettings::new(config(&[]), role()).with_credentials_source(known()), 300, Value::Null),
    ] {
        let function = UploadFunction::behind_authorizer(settings.without_metrics()).unwrap();
        let function = function.with_clock(FixedClock::new("2026-01-01T00:00:00Z"));
        let grant = granted(&function.answer(&http_v2(None).to_string()).await.unwrap());
        assert_eq!((&grant["expiresIn"], &grant["expiresAtIs"]), (&expires_in.into(), &precision));
    }
}

/// The environment receives the role's credentials when the process starts, which can be long before the first upload.
#[tokio::test]
async fn assumed_life_begins_with_the_process() {
    let start = at("2026-01-01T00:00:00Z");
    for (minutes, status) in [(0, 200), (8, 200), (9, 503)] {
        let settings = FunctionSettings::received_at(config(&ASSUME), role(), start);
        let function = UploadFunction::behind_authorizer(settings.without_metrics()).unwrap();
        let clock = FixedClock::new("2026-01-01T00:00:00Z");
        clock.set(start.saturating_add(60 * minutes));
        let answer = function.with_clock(clock).answer(&http_v2(None).to_string()).await.unwrap();
        assert_eq!(answer["statusCode"], status, "{minutes} {answer}");
    }
}

/// Denies every upload with an id from the client.
#[derive(Debug)]
struct DenySuppliedIds;

#[async_trait::async_trait]
impl upsign::Authorize for DenySuppliedIds {
    async fn authorize(
        &self,
        request: &upsign::AuthorizeRequest<'_>,
    ) -> Result<upsign::Decision, upsign::AuthorizeError> {
        Ok(if request.client_supplied_ids { upsign::Decision::Deny } else { upsign::Decision::Allow })
    }
}

#[tokio::test]
async fn authorizer_and_observers_are_called() {
    let config = || config(&[ASSUME[0], ASSUME[1], ("UPSIGN_CLIENT_MAY_SUPPLY", "article_id")]);
    let unauthorized = UploadFunction::behind_authorizer(FunctionSettings::new(config(), role()));
    assert!(matches!(unauthorized, Err(StartError::Service(_))));
    let recorder = RecordingObserver::new();
    let settings = FunctionSettings::new(config(), role()).without_metrics();
    let settings = settings.with_authorizer(DenySuppliedIds).with_observer(recorder.clone());
    let function = UploadFunction::behind_authorizer(settings).unwrap();
    let function = function.with_clock(FixedClock::new("2026-01-01T00:00:00Z"));
    granted(&function.answer(&http_v2(None).to_string()).await.unwrap());
    let body = r#"{"contentType":"image/jpeg","contentLength":7,"articleId":"0f0e0d0c-0b0a-4908-8706-050403020100"}"#;
    let answer = function.answer(&http_v2(Some(body)).to_string()).await.unwrap();
    assert_eq!(answer["statusCode"], 403, "{answer}");
    assert_eq!(recorder.codes(), ["granted", "forbidden"]);
}

/// A process that was frozen for hours still has its old credentials. It reads the clock anew and signs nothing with them.
#[tokio::test]
async fn expired_credentials_sign_nothing() {
    let clock = FixedClock::new("2026-01-01T00:00:00Z");
    let known = role().with_expiry(Expiry::At(at("2026-01-01T00:30:00Z")));
    for settings in
        [FunctionSettings::new(config(&ASSUME), role()), FunctionSettings::new(config(&[]), known)]
    {
        clock.set(at("2026-01-01T00:00:00Z"));
        let function =
            UploadFunction::behind_authorizer(settings.without_metrics()).unwrap().with_clock(clock.clone());
        granted(&function.answer(&http_v2(None).to_string()).await.unwrap());
        clock.set(at("2026-01-01T00:58:00Z"));
        let mut event = http_v2(None);
        event["requestContext"]["authorizer"]["jwt"]["claims"]["exp"] = "1767232800".into();
        let answer = function.answer(&event.to_string()).await.unwrap();
        assert_eq!(answer["statusCode"], 503, "{answer}");
        assert!(!answer.to_string().contains("X-Amz-Signature"), "{answer}");
        assert_eq!(answer["headers"]["retry-after"], "30", "{answer}");
    }
}

#[tokio::test]
async fn every_request_writes_one_line_of_metrics_without_secrets() {
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let written = Arc::clone(&lines);
    let settings = FunctionSettings::new(config(&ASSUME), role());
    let settings = settings.with_metrics_to(move |line| written.lock().unwrap().push(line.to_owned()));
    let function = UploadFunction::behind_authorizer(settings).unwrap();
    let function = function.with_clock(FixedClock::new("2026-01-01T00:00:00Z"));
    let mut anonymous = http_v2(None);
    anonymous["requestContext"]["authorizer"] = Value::Null;
    let invalid_type = http_v2(Some(r#"{"contentType":"text/html","contentLength":7}"#));
    for event in [http_v2(None), anonymous, invalid_type, http_v2(Some("{"))] {
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
        // Every described metric is present and is a number.
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap() {
            assert!(line[metric["Name"].as_str().unwrap()].is_u64(), "{line}");
        }
        let text = line.to_string();
        for secret in ["alice", "http", "x.y.z", "session-token", "secret", "articles/", "client-1", "ASIA"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

/// Every refusal is reported once, including those of the adapter: an invalid event and a panic.
#[tokio::test]
async fn adapter_refusals_are_reported_once() {
    let recorder = RecordingObserver::new();
    let settings = FunctionSettings::new(config(&ASSUME), role()).without_metrics();
    let settings = settings.with_authorizer(Panicking).with_observer(recorder.clone());
    let function = UploadFunction::behind_authorizer(settings).unwrap();
    let function = function.with_clock(FixedClock::new("2026-01-01T00:00:00Z"));
    let reports = || recorder.take().iter().map(UploadEvent::code).collect::<Vec<_>>();
    assert!(function.answer("{}").await.is_err());
    assert_eq!(reports(), ["event-invalid"]);
    let answer = function.answer(&http_v2(None).to_string()).await.unwrap();
    assert_eq!((&answer["statusCode"], reports()), (&json!(500), vec!["internal"]));
    let mut anonymous = http_v2(None);
    anonymous["requestContext"]["authorizer"] = Value::Null;
    let answer = function.answer(&anonymous.to_string()).await.unwrap();
    assert_eq!((&answer["statusCode"], reports()), (&json!(401), vec!["unauthorized"]));
}

#[derive(Debug)]
struct Panicking;

#[async_trait::async_trait]
impl upsign::Authorize for Panicking {
    #[expect(clippy::panic, reason = "the function must survive it")]
    async fn authorize(
        &self,
        _request: &upsign::AuthorizeRequest<'_>,
    ) -> Result<upsign::Decision, upsign::AuthorizeError> {
        panic!("an extension of the application")
    }
}
