//! Batches of SQS messages and their answers.

use serde_json::{Value, json};
use upsign_events::{BatchFailures, SqsBatch};

fn batch(ids: &[&str]) -> SqsBatch {
    let records: Vec<Value> = ids
        .iter()
        .map(|id| {
            json!({
                "messageId": id,
                "receiptHandle": "MessageReceiptHandle",
                "body": format!("body of {id}"),
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1523232000000"},
                "messageAttributes": {},
                "md5OfBody": "{{{md5_of_body}}}",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:MyQueue",
                "awsRegion": "us-east-1",
            })
        })
        .collect();
    SqsBatch::read(json!({"Records": records}).to_string().as_bytes()).unwrap()
}

fn json_of(failures: &BatchFailures) -> Value {
    serde_json::to_value(failures).unwrap()
}

#[tokio::test]
async fn only_failed_messages_are_delivered_again() {
    let mut seen = Vec::new();
    let failures = batch(&["a", "b", "c", "d"])
        .process(async |record| {
            seen.push(record.body.to_string());
            if ["a", "c"].contains(&&*record.message_id) { Err(()) } else { Ok(()) }
        })
        .await;
    assert_eq!(seen, ["body of a", "body of b", "body of c", "body of d"]);
    let expected = json!({"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "c"}]});
    assert_eq!(json_of(&failures), expected);
    assert_eq!(failures.message_ids().collect::<Vec<_>>(), ["a", "c"]);
}

#[tokio::test]
async fn messages_after_the_first_failure_of_a_fifo_queue_are_not_processed() {
    let mut seen = 0;
    let failures = batch(&["a", "b", "c"])
        .process_in_order(async |record| {
            seen += 1;
            if &*record.message_id == "b" { Err(()) } else { Ok(()) }
        })
        .await;
    assert_eq!((seen, failures.message_ids().collect::<Vec<_>>()), (2, vec!["b", "c"]));
}

#[tokio::test]
async fn batch_without_failures_has_an_empty_list() {
    let failures = batch(&["a"]).process(async |_| Ok::<_, ()>(())).await;
    assert!(failures.is_empty());
    assert_eq!(json_of(&failures), json!({"batchItemFailures": []}));
    assert_eq!(
        json_of(&batch(&["a", "b"]).records().iter().collect())["batchItemFailures"][1]["itemIdentifier"],
        "b"
    );
}

#[test]
fn other_events_are_rejected() {
    for event in [
        json!({}),
        json!({"Records": {}}),
        json!({"Records": [{"body": "x"}]}),
        json!({"Records": [{"messageId": "a"}]}),
        json!({"Records": vec![json!({"messageId": "a", "body": ""}); 10_001]}),
    ] {
        assert!(SqsBatch::read(event.to_string().as_bytes()).is_err());
    }
    assert!(SqsBatch::read(b"not JSON").is_err());
}
