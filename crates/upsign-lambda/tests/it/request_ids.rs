//! The id of a request in problem documents and in the log.

use std::sync::{Arc, LazyLock, Mutex};

use serde_json::Value;

use crate::events::{alb, function_url, http_v2, rest_v1};
use crate::function;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A second subscriber for the process. If there is only one, `tracing` decides whether an event is of interest by the subscriber
/// of the thread that reaches it first, and remembers it: that of another test has none.
pub(crate) static SECOND: LazyLock<tracing::Dispatch> =
    LazyLock::new(|| tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default()));

/// Returns the id in the problem document of a refusal, after it was found in the log line of the refusal.
fn id_of_refusal(mut event: Value) -> String {
    LazyLock::force(&SECOND);
    event["body"] = "{".into();
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let answered = tracing::subscriber::with_default(subscriber, || {
        runtime.block_on(function().answer(&event.to_string())).unwrap()
    });
    let problem: Value = serde_json::from_str(answered["body"].as_str().unwrap()).unwrap();
    let id = problem["diagnose"]["requestId"].as_str().unwrap().to_owned();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let line = log.lines().find(|line| line.contains("request refused")).unwrap();
    assert!(line.contains(&format!("request{{id=\"{id}\"}}")), "{line}");
    id
}

#[test]
fn id_is_that_of_the_gateway() {
    assert_eq!(id_of_refusal(rest_v1(None)), "c6af9ac6-7b61-11e6-9a41-93e8deadbeef");
    assert_eq!(id_of_refusal(http_v2(None)), "id");
    assert_eq!(id_of_refusal(function_url(None)), "id");
}

/// A load balancer gives no id. What a client sends is not one, and neither is a text that could not stand in a log.
#[test]
fn id_is_random_without_one_of_the_gateway() {
    let mut balanced = alb(None);
    balanced["headers"]["x-request-id"] = "chosen".into();
    let (one, other) = (id_of_refusal(balanced.clone()), id_of_refusal(balanced));
    assert!(one != other && one.len() == 32, "{one} {other}");
    for id in ["", "a b", "\u{1b}[31m", &"a".repeat(129)] {
        let mut event = rest_v1(None);
        event["requestContext"]["requestId"] = id.into();
        assert_eq!(id_of_refusal(event).len(), 32, "{id:?}");
    }
}
