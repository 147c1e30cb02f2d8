//! Messages and records that are no notifications.

use serde_json::{Value, json};
use upsign_events::{InvalidNotification, RecordProblem, parse};

use crate::{created, parsed, sns};

#[test]
fn other_messages_are_rejected() {
    use InvalidNotification::{Nested, SnsType, Source, Unknown};
    let record = created("k", &json!({}));
    let mut confirmation = sns("You have chosen to subscribe");
    confirmation["Type"] = "SubscriptionConfirmation".into();
    for (message, error) in [
        (json!({}), Unknown),
        (json!({"Records": {}}), Unknown),
        (json!({"Event": "s3:Other"}), Unknown),
        (json!({"Event": ["s3:TestEvent"]}), Unknown),
        (json!({"Type": "Notification", "Message": 1}), Unknown),
        (sns(&json!({"hello": "world"}).to_string()), Unknown),
        (confirmation, SnsType),
        (sns(&sns(&record.to_string()).to_string()), Nested),
        (json!({"source": "aws.ec2", "detail-type": "Object Created", "detail": {}}), Source),
        (json!({"detail-type": "Object Created"}), Source),
    ] {
        assert_eq!(parsed(&message), Err(error), "{message}");
    }
    for message in
        ["", "[]", "null", "\u{feff}{}", "{", "{\"Records\":[]}x", "{\"Records\":[],\"Records\":[]}"]
    {
        let error = parse(message.as_bytes()).unwrap_err();
        assert!(matches!(error, InvalidNotification::Json(_)), "{message:?}: {error}");
    }
    assert!(matches!(parsed(&sns("not JSON")), Err(InvalidNotification::Json(_))));
    assert!(parse(b"{\"Records\":[\"\xff\"]}").is_err());
}

#[test]
fn size_count_and_depth_are_bounded() {
    let long = json!({"Records": [], "padding": "x".repeat(1 << 20)}).to_string();
    assert!(matches!(parse(long.as_bytes()), Err(InvalidNotification::Json(_))));
    let many = json!({"Records": vec![json!({}); 1_001]}).to_string();
    assert!(matches!(parse(many.as_bytes()), Err(InvalidNotification::Json(_))));
    let deep = format!("{{\"Records\":{}1{}}}", "[".repeat(500_000), "]".repeat(500_000));
    assert!(matches!(parse(deep.as_bytes()), Err(InvalidNotification::Json(_))));
}

/// Sets a member that JSON pointers name; `null` removes it.
fn with(pointer: &str, value: Value) -> Value {
    let mut message = created("k", &json!({"size": 1, "eTag": "a", "versionId": "v", "sequencer": "0A"}));
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = message["Records"][0].pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(name);
    } else {
        parent.insert(name.to_owned(), value);
    }
    message
}

#[test]
fn invalid_record_has_its_problem_and_does_not_affect_the_others() {
    let member = RecordProblem::Member;
    for (pointer, value, problem) in [
        ("/eventSource", json!("aws:sqs"), RecordProblem::Source),
        ("/eventSource", Value::Null, RecordProblem::Source),
        ("/eventVersion", Value::Null, member("eventVersion")),
        ("/eventVersion", json!("3.0"), RecordProblem::Version),
        ("/eventVersion", json!("20.1"), RecordProblem::Version),
        ("/eventName", Value::Null, member("eventName")),
        ("/eventTime", Value::Null, member("eventTime")),
        ("/eventTime", json!("2026-11-27T14:06:09.746+01:00"), member("eventTime")),
        ("/eventTime", json!("2026-11-27T14:06:09.7x6Z"), member("eventTime")),
        ("/eventTime", json!("2026-11-31T14:06:09Z"), member("eventTime")),
        ("/s3", json!([]), member("s3")),
        ("/s3/bucket", Value::Null, member("bucket")),
        ("/s3/bucket/name", json!(""), member("bucket.name")),
        ("/s3/bucket/name", json!("b".repeat(256)), member("bucket.name")),
        ("/s3/object", Value::Null, member("object")),
        ("/s3/object/key", json!(7), member("s3.object.key")),
        ("/s3/object/key", json!("%zz"), RecordProblem::Encoding),
        ("/s3/object/key", json!("%ff"), RecordProblem::Encoding),
        ("/s3/object/size", json!(-1), member("size")),
        ("/s3/object/size", json!("5"), member("size")),
        ("/s3/object/eTag", json!("a b"), member("eTag")),
        ("/s3/object/versionId", json!("a b"), member("versionId")),
        ("/s3/object/sequencer", json!("xyz"), member("sequencer")),
    ] {
        let mut message = with(pointer, value.clone());
        let other = created("other", &json!({}))["Records"][0].clone();
        message["Records"].as_array_mut().unwrap().insert(0, other);
        let events: Vec<_> = parsed(&message).unwrap().into_events().collect();
        assert_eq!(events[0].as_ref().unwrap().key.as_str(), "other");
        let error = events[1].as_ref().unwrap_err();
        assert_eq!((error.index, error.problem), (1, problem), "{pointer} {value}");
        assert!(!error.is_foreign());
    }
}

/// S3 accepts these keys, and no policy makes them: a consumer ignores them.
#[test]
fn keys_that_are_never_granted_are_foreign() {
    for key in ["a//b", "/a", "a/../b", "a%0Ab", ".", &"k".repeat(1_025), ""] {
        let events: Vec<_> = parsed(&created(key, &json!({}))).unwrap().into_events().collect();
        let error = events[0].as_ref().unwrap_err();
        assert!(error.is_foreign(), "{key}: {error}");
    }
}

#[test]
fn errors_do_not_repeat_the_message() {
    let message = json!({"secret-from-the-message": "secret-from-the-message"});
    let error = parsed(&message).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"));
    let events: Vec<_> = parsed(&created("secret-key%zz", &json!({}))).unwrap().into_events().collect();
    let error = events[0].as_ref().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"));
    assert_eq!(
        error.to_string(),
        "record 0 of the notification is invalid: the key is not percent-encoded UTF-8"
    );
}
