//! The notifications that the server sends.

use std::time::Duration;

use serde_json::Value;
use upsign_local::ObjectEvents;

use crate::support::multipart::{complete, create, upload_part};
use crate::support::{Fixture, REGION, bucket, builder};

/// Returns the one record of the next notification.
async fn next(events: &mut ObjectEvents) -> Value {
    let message = tokio::time::timeout(Duration::from_secs(10), events.next()).await.unwrap().unwrap();
    let message: Value = serde_json::from_str(&message).unwrap();
    let records = message["Records"].as_array().unwrap();
    assert_eq!(records.len(), 1);
    records[0].clone()
}

/// Returns event name and key of the next notification.
async fn name_and_key(events: &mut ObjectEvents) -> (String, String) {
    let record = next(events).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&record["eventName"]), text(&record["s3"]["object"]["key"]))
}

#[tokio::test]
async fn upload_is_announced_as_s3_does() {
    let s3 = Fixture::start().await;
    let mut events = s3.s3.events();
    let stored = s3.put("articles/a b+c%2F\u{e9}.jpg", b"hello").await.expect_status(200);
    let record = next(&mut events).await;
    for (pointer, value) in [
        ("/eventVersion", "2.5"),
        ("/eventSource", "aws:s3"),
        ("/awsRegion", REGION),
        ("/eventName", "ObjectCreated:Put"),
        ("/responseElements/x-amz-request-id", stored.header("x-amz-request-id")),
        ("/s3/s3SchemaVersion", "1.0"),
        ("/s3/bucket/name", bucket().as_str()),
        ("/s3/bucket/arn", "arn:aws:s3:::article-images"),
        ("/s3/object/key", "articles/a+b%2Bc%252F%C3%A9.jpg"),
        ("/s3/object/eTag", "5d41402abc4b2a76b9719d911017c592"),
    ] {
        assert_eq!(record.pointer(pointer).and_then(Value::as_str), Some(value), "{pointer}");
    }
    assert_eq!(record.pointer("/s3/object/size"), Some(&5.into()));
    assert_eq!(record.pointer("/s3/object/versionId"), None);
    let time = record["eventTime"].as_str().unwrap();
    assert_eq!((time.len(), time.ends_with("Z")), (24, true), "{time}");
}

#[tokio::test]
async fn every_change_is_announced_in_order() {
    for is_versioned in [false, true] {
        let builder = builder().versioned(is_versioned);
        let mut events = builder.events();
        let s3 = Fixture::with_builder(builder).await;
        s3.put("put", b"x").await.expect_status(200);
        let source = format!("/{}/put", bucket().as_str());
        let copy = s3.presign("PUT", "copy").header("x-amz-copy-source", source);
        s3.send("PUT", &copy, "").await.expect_status(200);
        let id = create(&s3, "big").await;
        let etag = upload_part(&s3, "big", &id, 1, b"x".to_vec()).await.header("etag").to_owned();
        complete(&s3, "big", &id, &[(1, etag)]).await.expect_status(200);
        let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
        s3.send("PUT", &s3.presign("PUT", "put").query("tagging="), tags).await.expect_status(200);
        s3.send("DELETE", &s3.presign("DELETE", "put"), "").await.expect_status(204);
        assert!(s3.s3.expire(&bucket(), "copy").await.unwrap());
        assert!(!s3.s3.expire(&bucket(), "copy").await.unwrap());
        // Nothing changes, so nothing is announced.
        let absent = s3.presign("PUT", "big").header("if-none-match", "*");
        s3.send("PUT", &absent, "x").await.expect_error(412, "PreconditionFailed");
        s3.put("last", b"x").await.expect_status(200);

        let marked = if is_versioned { "DeleteMarkerCreated" } else { "Delete" };
        let mut sequencers = Vec::new();
        for (name, key) in [
            ("ObjectCreated:Put", "put"),
            ("ObjectCreated:Copy", "copy"),
            ("ObjectCreated:CompleteMultipartUpload", "big"),
            ("ObjectTagging:Put", "put"),
            (&*format!("ObjectRemoved:{marked}"), "put"),
            (&*format!("LifecycleExpiration:{marked}"), "copy"),
            ("ObjectCreated:Put", "last"),
        ] {
            let record = next(&mut events).await;
            let object = &record["s3"]["object"];
            assert_eq!((record["eventName"].as_str(), object["key"].as_str()), (Some(name), Some(key)));
            assert_eq!(object["versionId"].is_string(), is_versioned, "{record}");
            let has_content = !name.contains("Delete");
            assert_eq!((object["size"].is_u64(), object["eTag"].is_string()), (has_content, has_content));
            sequencers.extend(object["sequencer"].as_str().map(str::to_owned));
        }
        assert_eq!(sequencers.len(), 6);
        assert!(sequencers.is_sorted() && sequencers.iter().all(|text| text.len() == 16), "{sequencers:?}");
    }
}

#[tokio::test]
async fn removal_of_a_version_names_it() {
    let s3 = Fixture::with_builder(builder().versioned(true)).await;
    let id = s3.put("k", b"x").await.header("x-amz-version-id").to_owned();
    let mut events = s3.s3.events();
    let delete = s3.presign("DELETE", "k").query(&format!("versionId={id}"));
    s3.send("DELETE", &delete, "").await.expect_status(204);
    let record = next(&mut events).await;
    assert_eq!(record["eventName"], "ObjectRemoved:Delete");
    assert_eq!(record["s3"]["object"]["versionId"], *id);
}

#[tokio::test]
async fn every_receiver_gets_what_happens_after_its_subscription_until_the_end() {
    let s3 = Fixture::start().await;
    let mut first = s3.s3.events();
    s3.put("one", b"x").await.expect_status(200);
    let mut second = s3.s3.events();
    s3.put("two", b"x").await.expect_status(200);
    assert_eq!(name_and_key(&mut first).await.1, "one");
    assert_eq!(name_and_key(&mut first).await.1, "two");
    assert_eq!(name_and_key(&mut second).await.1, "two");
    s3.s3.shutdown().await;
    let ended = tokio::time::timeout(Duration::from_secs(10), second.next()).await.unwrap();
    assert_eq!(ended, None);
}
