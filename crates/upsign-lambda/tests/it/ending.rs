//! A function in a separate process, with a fake Runtime API: it ends with its credentials, and a new process answers on.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use upsign::Clock;
use upsign_core::{Credentials, Expiry, Timestamp};
use upsign_lambda::{FunctionSettings, UploadFunction};

use crate::events::http_v2;
use crate::metrics::config;
use crate::runtime_api::{self, Posted};

/// The role's credentials are assumed to be valid for ten minutes.
const ASSUME: [(&str, &str); 2] = [("UPSIGN_UNKNOWN_EXPIRY", "assume"), ("UPSIGN_ASSUME_FOR", "10m")];

/// Jumps ahead by an hour after four readings. An upload takes two: one judges the request, one the credentials afterwards.
#[derive(Debug, Default)]
struct JumpingClock(AtomicU64);

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let hours = u64::from(self.0.fetch_add(1, Ordering::Relaxed) >= 4);
        start.saturating_add(3_600 * hours)
    }
}

fn role() -> Credentials {
    Credentials::temporary("ASIAEXAMPLE", "secret", "session-token", Expiry::Unknown).unwrap()
}

fn run(function: UploadFunction<upsign_lambda::RoleSigner>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let run = function.with_clock(JumpingClock::default()).run_with(async |function, event| {
        match serde_json::from_str::<Value>(event)?["rawPath"].as_str() {
            Some("/health") => Ok(json!({"statusCode": 204})),
            _ => function.answer(event).await,
        }
    });
    runtime.block_on(run).unwrap();
}

#[test]
#[ignore = "runs as a child process of process_ends_with_its_credentials"]
fn role_process() {
    if runtime_api::is_function_process() {
        let settings = FunctionSettings::new(config(&ASSUME), role()).without_metrics();
        run(UploadFunction::behind_authorizer(settings).unwrap());
    }
}

#[test]
#[ignore = "runs as a child process of process_goes_on_with_credentials_of_a_source"]
fn source_process() {
    if runtime_api::is_function_process() {
        let expired = role().with_expiry(Expiry::At("2026-01-01T00:10:00Z".parse().unwrap()));
        let settings = FunctionSettings::new(config(&[]), role()).without_metrics();
        run(UploadFunction::behind_authorizer(settings.with_credentials_source(expired)).unwrap());
    }
}

/// From then on every answer would be 503.
#[test]
fn credentials_end_when_they_are_too_short_for_a_grant() {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let settings = FunctionSettings::received_at(config(&ASSUME), role(), start).without_metrics();
    let end = settings.credentials_end();
    // Ten minutes, less a margin of 30 seconds and the shortest grant of 60, whether or not they have signed something.
    assert!(!end.has_passed(start.saturating_add(510)) && end.has_passed(start.saturating_add(511)));
    let function = UploadFunction::behind_authorizer(settings).unwrap().with_clock(JumpingClock::default());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(function.answer(&upload())).unwrap();
    assert!(!end.has_passed(start.saturating_add(510)) && end.has_passed(start.saturating_add(511)));
    let source = FunctionSettings::new(config(&[]), role()).with_credentials_source(role());
    assert!(!source.credentials_end().has_passed(Timestamp::MAX));
}

fn upload() -> String {
    let mut event = http_v2(None);
    event["requestContext"]["authorizer"]["jwt"]["claims"]["exp"] = "1767240000".into();
    event.to_string()
}

async fn status(results: &mut mpsc::UnboundedReceiver<(usize, Posted)>, number: usize) -> Value {
    let next = tokio::time::timeout(Duration::from_secs(30), results.recv()).await;
    match next.unwrap().unwrap() {
        (event, Posted::Response(text)) if event == number => {
            serde_json::from_str::<Value>(&text).unwrap()["statusCode"].clone()
        }
        other => format!("{other:?} in place of event {number}").into(),
    }
}

#[tokio::test]
async fn process_ends_with_its_credentials() {
    let health = json!({"rawPath": "/health"}).to_string();
    let events = vec![upload(), upload(), upload(), upload(), health, upload()];
    let (api, mut results) = runtime_api::start(events).await;
    let mut number = 0;
    // The credentials end before the third event of the first process, and after the third of the second: `/health` reads
    // the clock only once.
    for statuses in [[200, 200, 503], [200, 204, 200]] {
        let mut child = runtime_api::spawn("ending::role_process", api);
        for expected in statuses {
            assert_eq!(status(&mut results, number).await, expected, "event {number}");
            number += 1;
        }
        let ended = tokio::time::timeout(Duration::from_secs(30), child.wait()).await;
        assert!(ended.is_ok_and(|status| status.unwrap().success()), "the process must end");
    }
}

/// A source can renew credentials within the process, even if it has none for the moment.
#[tokio::test]
async fn process_goes_on_with_credentials_of_a_source() {
    let (api, mut results) = runtime_api::start(vec![upload(); 6]).await;
    let mut child = runtime_api::spawn("ending::source_process", api);
    for (number, expected) in [200, 200, 503, 503, 503, 503].into_iter().enumerate() {
        assert_eq!(status(&mut results, number).await, expected, "event {number}");
    }
    assert!(child.try_wait().unwrap().is_none(), "the process must keep running");
    child.kill().await.unwrap();
}
