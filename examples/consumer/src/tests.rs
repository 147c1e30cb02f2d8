//! Runs the worker on batches of a queue, with an embedded S3 server.

use serde_json::{Value, json};
use upsign::types::{Bucket, Credentials, Operation};
use upsign_local::LocalS3;

use super::*;

const BUCKET: &str = "article-images";

/// An S3 server, and a worker that uses it.
async fn start() -> (LocalS3, Worker) {
    let credentials = Credentials::long_term("LOCLEXAMPLE", "a-secret-of-this-run").unwrap();
    let (region, bucket): (Region, Bucket) = ("us-east-1".parse().unwrap(), BUCKET.parse().unwrap());
    let s3 = LocalS3::builder(credentials.clone(), region.clone(), bucket).start().await.unwrap();
    let worker = Worker::new(credentials, region, Some(s3.endpoint())).unwrap();
    (s3, worker)
}

async fn upload(worker: &Worker, key: &str, content: &'static str) {
    let url = worker.url(BUCKET, Operation::PutObject, key).unwrap();
    let upload = worker.client.put(url).header("content-type", "image/png").body(content);
    assert_eq!(upload.send().await.unwrap().status(), 200);
}

/// Returns what the worker wrote about an object, or `None` if it wrote nothing.
async fn index(worker: &Worker, key: &str) -> Option<Value> {
    let url = worker.url(BUCKET, Operation::GetObject, &format!("index/{key}.json")).unwrap();
    let response = worker.client.get(url).send().await.unwrap();
    let is_present = response.status() == 200;
    is_present.then_some(serde_json::from_str(&response.text().await.unwrap()).ok()).flatten()
}

/// Returns a notification as S3 sends it, for a key in S3's encoding.
fn notification(key: &str) -> String {
    let s3 = json!({"s3SchemaVersion": "1.0", "bucket": {"name": BUCKET}, "object": {"key": key, "size": 5}});
    let record = json!({
        "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
        "eventTime": "2026-11-26T09:00:00.000Z", "userIdentity": {"principalId": "AWS:AROAEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "198.51.100.7"}, "s3": s3,
    });
    json!({"Records": [record]}).to_string()
}

/// Processes one message per body and returns the ids of those that failed. The first message has the id `1`.
async fn process(worker: &Worker, bodies: &[&str]) -> Vec<String> {
    let message = |(at, body): (usize, &&str)| json!({"messageId": (at + 1).to_string(), "body": body});
    let messages: Vec<Value> = bodies.iter().enumerate().map(message).collect();
    let response = worker.process(serde_json::from_value(json!({"Records": messages})).unwrap()).await;
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

#[tokio::test]
async fn size_type_and_hash_of_an_upload_are_indexed() {
    let (s3, worker) = start().await;
    upload(&worker, "articles/1/photo.png", "hello").await;
    assert!(process(&worker, &[&notification("articles/1/photo.png")]).await.is_empty());
    let expected = json!({
        "key": "articles/1/photo.png", "bytes": 5, "contentType": "image/png",
        "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    });
    assert_eq!(index(&worker, "articles/1/photo.png").await, Some(expected));
    s3.shutdown().await;
}

#[tokio::test]
async fn encoded_keys_are_decoded() {
    let (s3, worker) = start().await;
    upload(&worker, "articles/1/a b+c é.png", "hello").await;
    assert!(process(&worker, &[&notification("articles/1/a+b%2Bc+%C3%A9.png")]).await.is_empty());
    let found = index(&worker, "articles/1/a b+c é.png").await.unwrap();
    assert_eq!(found.get("key"), Some(&json!("articles/1/a b+c é.png")));
    s3.shutdown().await;
}

#[tokio::test]
async fn only_failed_messages_are_reported() {
    let (s3, worker) = start().await;
    upload(&worker, "articles/1/photo.png", "hello").await;
    let (absent, present) = (notification("articles/2/gone.png"), notification("articles/1/photo.png"));
    assert_eq!(process(&worker, &[&absent, "not JSON", &present]).await, ["1", "2"]);
    assert!(index(&worker, "articles/1/photo.png").await.is_some());
    assert_eq!(index(&worker, "articles/2/gone.png").await, None);
    s3.shutdown().await;
}

#[tokio::test]
async fn the_test_message_of_s3_succeeds() {
    let (s3, worker) = start().await;
    let message = json!({
        "Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-11-26T09:00:00.000Z", "Bucket": BUCKET,
        "RequestId": "5582815E1AEA5ADF", "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE",
    });
    assert!(process(&worker, &[&message.to_string()]).await.is_empty());
    s3.shutdown().await;
}
