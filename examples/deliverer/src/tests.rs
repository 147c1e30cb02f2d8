//! Runs the deliverer with the messages of a queue, and a receiver that answers as scripted.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use upsign_lambda::{Config, Credentials, FunctionSettings, StartError, Timestamp, WebhookFunction};
use upsign_testing::FixedClock;
use upsign_webhooks::{WebhookHeaders, WebhookVerifier};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const NOW: &str = "2026-01-31T12:00:00Z";

/// Returns the settings of an API whose webhooks go to `url`. It also has a secret of upload tokens, which the deliverer does not need.
fn settings(url: &str, secrets: &str) -> FunctionSettings {
    let file = format!(
        r#"
bucket = {{ name = "photos-bucket", region = "eu-central-1" }}
cors = {{ origins = ["https://app.example.com"] }}
token = {{ keys = ["env:NOT_A_VARIABLE_OF_THE_DELIVERER"] }}

[upload]
key = "photos/{{id}}.{{ext}}"
types = ["image/jpeg"]
max_size = "5 MiB"
bodyless = "refuse"
confirm = true

[webhook]
url = "{url}"
secrets = [{secrets}]
outbox = "sqs"
queue_url = "https://sqs.eu-central-1.amazonaws.com/123456789012/webhooks"
"#
    );
    let config = Config::read("upsign.toml", &file, |_| None).unwrap();
    FunctionSettings::new(config, Credentials::long_term("AKIDEXAMPLE", "secret").unwrap())
}

/// Answers requests to `/hook` by their body with a status, and returns the address. It verifies every signature.
async fn receiver() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (mut received, mut part) = (Vec::new(), [0; 4096]);
            while !received.ends_with(b"}") {
                let count = stream.read(&mut part).await.unwrap();
                received.extend(&part[..count]);
            }
            let text = String::from_utf8(received).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let header = |name: &str| {
                head.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap().to_owned()
            };
            let (id, timestamp, signature) =
                (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"));
            let headers = WebhookHeaders { id: &id, timestamp: &timestamp, signature: &signature };
            let verifier = WebhookVerifier::new([SECRET.parse().unwrap()]).unwrap();
            let is_valid =
                verifier.verify(headers, body.as_bytes(), NOW.parse::<Timestamp>().unwrap()).is_ok();
            let status = serde_json::from_str::<Value>(body).unwrap()["status"].as_u64().unwrap();
            let status = if is_valid { status } else { 401 };
            let answer =
                format!("HTTP/1.1 {status} Answer\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    format!("http://{address}/hook")
}

/// Returns the deliverer of `url`, whose secret is in a file.
async fn deliverer(url: &str) -> WebhookFunction {
    deliverer_with(url, FunctionSettings::without_metrics).await
}

async fn deliverer_with(
    url: &str,
    set: impl FnOnce(FunctionSettings) -> FunctionSettings,
) -> WebhookFunction {
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), SECRET).unwrap();
    let settings = set(settings(url, &format!("\"file:{}\"", secret.path().display())));
    WebhookFunction::configured(settings).await.unwrap().with_clock(FixedClock::new(NOW))
}

/// Delivers one message per body, and returns the numbers of those that failed. The first has the number 1.
async fn deliver(function: &WebhookFunction, texts: &[String]) -> Vec<String> {
    let message = |(at, text): (usize, &String)| json!({"messageId": (at + 1).to_string(), "body": text});
    let messages: Vec<Value> = texts.iter().enumerate().map(message).collect();
    let answer = function.answer(&json!({"Records": messages}).to_string()).await.unwrap();
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures.iter().map(|item| item["itemIdentifier"].as_str().unwrap().to_owned()).collect()
}

/// Returns a message in the form that the queue has it. The receiver answers with the status.
fn message(status: u16) -> String {
    json!({"id": format!("msg_{status:032}"), "body": json!({"status": status}).to_string()}).to_string()
}

#[tokio::test]
async fn delivered_messages_and_those_of_a_receiver_that_is_gone_leave_the_queue() {
    let function = deliverer(&receiver().await).await;
    assert!(deliver(&function, &[200, 204, 410].map(message)).await.is_empty());
}

#[tokio::test]
async fn deliveries_are_counted_in_a_line_of_metrics() {
    let lines: Arc<Mutex<Vec<Value>>> = Arc::default();
    let written = Arc::clone(&lines);
    let write = move |line: &str| written.lock().unwrap().push(serde_json::from_str(line).unwrap());
    let function = deliverer_with(&receiver().await, |settings| settings.with_metrics_to(write)).await;
    deliver(&function, &[200, 500, 204, 410, 503, 200].map(message)).await;
    let lines = lines.lock().unwrap();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    let count = |name: &str| line[name].as_u64().unwrap();
    assert_eq!(["WebhooksDelivered", "WebhooksRetried", "WebhooksLost"].map(count), [3, 2, 1]);
    assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], "upsign");
}

#[tokio::test]
async fn message_that_is_no_webhook_goes_to_the_dead_letter_queue() {
    let function = deliverer(&receiver().await).await;
    let texts = ["not JSON".to_owned(), message(200), "{}".to_owned()];
    assert_eq!(deliver(&function, &texts).await, ["1", "3"]);
}

#[tokio::test]
async fn only_failed_messages_are_delivered_again() {
    let function = deliverer(&receiver().await).await;
    let statuses = [500, 204, 302, 401, 429, 200, 503];
    assert_eq!(deliver(&function, &statuses.map(message)).await, ["1", "3", "4", "5", "7"]);
    // More than are sent at the same time, the last of which fails.
    let many: Vec<String> = [204; 40].into_iter().chain([500]).map(message).collect();
    assert_eq!(deliver(&function, &many).await, ["41"]);
}

#[tokio::test]
async fn receiver_that_does_not_answer_is_a_failure() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let function = deliverer(&format!("http://{closed}/hook")).await;
    assert_eq!(deliver(&function, &[message(200)]).await, ["1"]);
}

#[tokio::test]
async fn event_of_another_service_fails() {
    let function = deliverer(&receiver().await).await;
    assert!(function.answer("{\"version\": \"2.0\"}").await.is_err());
}

#[tokio::test]
async fn deliverer_does_not_start_without_its_secret() {
    let settings = settings("https://app.example.com/hook", "\"env:NOT_A_VARIABLE_OF_THE_DELIVERER\"");
    let error = WebhookFunction::configured(settings).await.unwrap_err();
    let StartError::Webhook(cause) = error else { panic!("{error}") };
    assert_eq!(cause.to_string(), "webhook.secrets: item 1");
}
