//! Messages as S3, SNS and EventBridge send them.

use serde_json::json;
use upsign_events::{Creation, EventKind, EventSource, Notification, ObjectEvent, parse};
use upsign_objects::ETag;
use upsign_policy::KeyTemplate;

use crate::{created, event, parsed, sns};

const PENDING: &str = "pending/a b+c%2F\u{e9}&x=1.jpg";

/// Returns the events of a file with one message in each line, and the number of test events.
fn recorded(lines: &str) -> (Vec<ObjectEvent>, usize) {
    let (mut events, mut tests) = (Vec::new(), 0);
    for line in lines.lines() {
        match parse(line.as_bytes()).unwrap() {
            Notification::TestEvent => tests += 1,
            notification => events.extend(notification.into_events().map(Result::unwrap)),
        }
    }
    (events, tests)
}

/// The messages were received from Ministack for the same requests, by four subscriptions.
#[test]
fn recorded_messages_of_every_way_have_the_same_objects() {
    let (copy, complete) = (Creation::Copy, Creation::CompleteMultipartUpload);
    let marker = EventKind::Removed { delete_marker: true };
    let of = EventKind::Created;
    let expected = [
        (of(Creation::Put), PENDING, Some(5), Some("5d41402abc4b2a76b9719d911017c592")),
        (of(copy), "copied", Some(5), Some("5d41402abc4b2a76b9719d911017c592")),
        (of(complete), "mp", Some(1), Some("9affad555af89da9b0bfcd5e45bc93da-1")),
        (marker, "copied", Some(0), None),
    ];
    for (lines, source, count, tests) in [
        (include_str!("../fixtures/s3.jsonl"), EventSource::S3, 4, 1),
        (include_str!("../fixtures/sns.jsonl"), EventSource::Sns, 3, 1),
        (include_str!("../fixtures/sns-raw.jsonl"), EventSource::S3, 3, 1),
        (include_str!("../fixtures/eventbridge.jsonl"), EventSource::EventBridge, 4, 0),
    ] {
        let (events, found) = recorded(lines);
        assert_eq!((events.len(), found), (count, tests), "{source}");
        for (event, (kind, key, size, etag)) in events.iter().zip(&expected) {
            assert_eq!((&event.kind, event.key.as_str(), &event.size), (kind, *key, size), "{source}");
            assert_eq!(event.etag.as_ref().map(ETag::as_str), *etag, "{source}");
            assert_eq!((&*event.bucket, event.source), ("article-images", source));
            assert!(event.at.to_string().starts_with("2026-11-27T14:"), "{}", event.at);
            assert_eq!(event.version_id.is_some(), source != EventSource::EventBridge);
            let sequencer = event.sequencer.as_ref().unwrap();
            assert_eq!(sequencer.as_str().len(), 18);
        }
    }
}

#[test]
fn names_of_events_are_told_apart() {
    let removed = |delete_marker| EventKind::Removed { delete_marker };
    let expired = |delete_marker| EventKind::Expired { delete_marker };
    for (name, kind) in [
        ("ObjectCreated:Put", EventKind::Created(Creation::Put)),
        ("s3:ObjectCreated:Put", EventKind::Created(Creation::Put)),
        ("ObjectCreated:Post", EventKind::Created(Creation::Post)),
        ("ObjectCreated:Copy", EventKind::Created(Creation::Copy)),
        ("ObjectCreated:CompleteMultipartUpload", EventKind::Created(Creation::CompleteMultipartUpload)),
        ("ObjectCreated:Later", EventKind::Created(Creation::Other)),
        ("ObjectRemoved:Delete", removed(false)),
        ("ObjectRemoved:DeleteMarkerCreated", removed(true)),
        ("LifecycleExpiration:Delete", expired(false)),
        ("s3:LifecycleExpiration:DeleteMarkerCreated", expired(true)),
        ("ObjectTagging:Put", EventKind::Tagged),
        ("ObjectTagging:Delete", EventKind::Tagged),
        ("ObjectRestore:Post", EventKind::Other("ObjectRestore:Post".into())),
        ("ReducedRedundancyLostObject", EventKind::Other("ReducedRedundancyLostObject".into())),
    ] {
        let mut message = created("k", &json!({}));
        message["Records"][0]["eventName"] = name.into();
        assert_eq!(event(&message).kind, kind, "{name}");
        let is_upload = name.contains("ObjectCreated") && !name.ends_with("Copy");
        assert_eq!(kind.is_upload(), is_upload, "{name}");
    }
}

#[test]
fn events_of_event_bridge_are_told_apart() {
    let removed = |delete_marker| EventKind::Removed { delete_marker };
    let expired = |delete_marker| EventKind::Expired { delete_marker };
    let (gone, marked) = (Some("Permanently Deleted"), Some("Delete Marker Created"));
    for (detail_type, reason, deletion, kind) in [
        ("Object Created", "PutObject", None, EventKind::Created(Creation::Put)),
        ("Object Created", "POST Object", None, EventKind::Created(Creation::Post)),
        ("Object Created", "CopyObject", None, EventKind::Created(Creation::Copy)),
        (
            "Object Created",
            "CompleteMultipartUpload",
            None,
            EventKind::Created(Creation::CompleteMultipartUpload),
        ),
        ("Object Deleted", "DeleteObject", gone, removed(false)),
        ("Object Deleted", "DeleteObject", marked, removed(true)),
        ("Object Deleted", "Lifecycle Expiration", gone, expired(false)),
        ("Object Deleted", "Lifecycle Expiration", marked, expired(true)),
        ("Object Tags Added", "PutObjectTagging", None, EventKind::Tagged),
        ("Object Tags Deleted", "DeleteObjectTagging", None, EventKind::Tagged),
        ("Object Restore Completed", "", None, EventKind::Other("Object Restore Completed".into())),
    ] {
        let mut message = json!({
            "version": "0",
            "id": "17793124-05d4-b198-2fde-7ededc63b103",
            "detail-type": detail_type,
            "source": "aws.s3",
            "time": "2021-11-12T00:00:00Z",
            "detail": {
                "version": "0",
                "event-version": "1.1",
                "bucket": {"name": "article-images", "aws-generated-tags": {"a": "b"}},
                // Not encoded: a `+` is a `+`.
                "object": {"key": "a+b%2Bc d", "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
                    "sequencer": "617f08299329d189"},
                "reason": reason,
            },
        });
        if let Some(deletion) = deletion {
            message["detail"]["deletion-type"] = deletion.into();
        }
        let found = event(&message);
        assert_eq!((&found.kind, found.key.as_str()), (&kind, "a+b%2Bc d"), "{detail_type} {reason}");
        assert_eq!(found.version_id.unwrap(), "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e");
        assert_eq!((found.size, found.etag), (None, None));
        assert_eq!(found.at.to_string(), "2021-11-12T00:00:00Z");
    }
}

#[test]
fn event_of_event_bridge_through_sns_is_read() {
    let line = include_str!("../fixtures/eventbridge.jsonl").lines().next().unwrap();
    let found = event(&sns(line));
    assert_eq!((found.key.as_str(), found.source), (PENDING, EventSource::EventBridge));
}

#[test]
fn records_of_one_message_keep_their_order() {
    let mut message = created("k/0", &json!({}));
    let record = message["Records"][0].clone();
    for number in 1..1_000 {
        let mut record = record.clone();
        record["s3"]["object"]["key"] = format!("k/{number}").into();
        message["Records"].as_array_mut().unwrap().push(record);
    }
    let keys = parsed(&message).unwrap().into_events().map(|event| event.unwrap().key.as_str().to_owned());
    assert_eq!(keys.collect::<Vec<_>>(), (0..1_000).map(|number| format!("k/{number}")).collect::<Vec<_>>());
    assert_eq!(parsed(&json!({"Records": []})).unwrap(), Notification::Events(Vec::new()));
}

#[test]
fn absent_null_and_empty_members_are_none() {
    for object in [
        json!({}),
        json!({"size": null, "eTag": null, "versionId": null, "sequencer": null}),
        json!({"eTag": "", "versionId": "", "sequencer": ""}),
    ] {
        let found = event(&created("k", &object));
        assert_eq!((found.size, found.etag, found.version_id), (None, None, None));
        assert_eq!(found.sequencer, None);
    }
}

#[test]
fn object_is_what_the_service_confirms() {
    let object = json!({"size": 5, "eTag": "abc", "versionId": "v1", "sequencer": "0A", "later": {"a": [1]}});
    let object = event(&created("articles/a+b.jpg", &object)).object();
    assert_eq!((&*object.bucket, object.key.as_str()), ("article-images", "articles/a b.jpg"));
    assert_eq!((object.size, object.etag.unwrap().as_str()), (Some(5), "abc"));
    assert_eq!(object.version_id.unwrap(), "v1");
}

#[test]
fn key_is_read_back_by_its_template() {
    let template = KeyTemplate::parse("u/{sub}/{id}.{ext}", &[]).unwrap();
    let found = event(&created("u/auth0%7E7C7/00000000-0000-4000-8000-00000000abcd.jpg", &json!({})));
    let parts = found.parse_key(&template).unwrap();
    assert_eq!(parts.subject.as_deref(), Some("auth0|7"));
    assert!(event(&created("other/k", &json!({}))).parse_key(&template).is_err());
}
