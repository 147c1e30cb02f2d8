//! Which events of the bucket a consumer looks into.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;
use upsign::session::TokenKeys;
use upsign_config::Config;
use upsign_core::Credentials;
use upsign_lambda::EventFunction;
use upsign_lambda::environment::FunctionSettings;
use upsign_objects::ObjectHead;
use upsign_testing::mocks::MockObjectCalls;

const FILE: &str = r#"
bucket = { name = "photos-bucket", region = "ap-southeast-1" }
cors = { origins = ["https://app.example.com"] }

[upload]
key = "photos/{sub}/{id}.{ext}"
types = ["image/jpeg"]
max_size = "5 MiB"
bodyless = "refuse"
confirm = true
claim = true

[token]
keys = ["env:UPSIGN_TOKEN_SECRET"]

[auth]
user_pool = "ap-southeast-1_AbCdEf123"
client_ids = ["client-1"]
token_use = "any"
"#;

/// An event of SQS with a notification of this name.
fn batch(name: &str) -> String {
    let notification = json!({"Records": [{
        "eventVersion": "2.3", "eventSource": "aws:s3", "awsRegion": "ap-southeast-1",
        "eventTime": "2026-01-01T00:00:00.000Z", "eventName": name,
        "s3": {
            "bucket": {"name": "photos-bucket"},
            "object": {
                "key": "photos/alice/01890a5d-ac96-774b-bcce-b302099a8057.jpg", "size": 7,
                "eTag": "9b2cf535f27731c974343645a3985328", "sequencer": "0055AED6DCD90281E5"
            }
        }
    }]});
    let message = json!({"messageId": "m", "body": notification.to_string(), "eventSource": "aws:sqs",
        "receiptHandle": "h", "attributes": {}, "messageAttributes": {}, "awsRegion": "ap-southeast-1"});
    json!({"Records": [message]}).to_string()
}

/// A confirmed object is copied to its key, which is an event too: looking into it would confirm and announce it again.
#[tokio::test]
async fn copies_are_ignored() {
    for (name, looks) in [("ObjectCreated:Put", true), ("ObjectCreated:Copy", false)] {
        let calls = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&calls);
        let config = Config::read("upsign.toml", FILE, |_| None).unwrap();
        let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
        let settings = FunctionSettings::new(config, credentials)
            .with_token_keys(TokenKeys::new("default", [[7; 32]]).unwrap())
            .with_objects(move |_| {
                let (mut store, counted) = (MockObjectCalls::new(), Arc::clone(&counted));
                store.expect_head_object().returning(move |_, _| {
                    counted.fetch_add(1, Ordering::Relaxed);
                    Ok(ObjectHead::new(7, "9b2cf535f27731c974343645a3985328".parse().unwrap()))
                });
                Arc::new(store)
            });
        let function = EventFunction::configured(settings).unwrap();
        let answer = function.answer(&batch(name)).await.unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]), "{name}");
        assert_eq!(calls.load(Ordering::Relaxed) > 0, looks, "{name}");
    }
}
