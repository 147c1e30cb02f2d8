//! Buckets with versioning.

use crate::support::multipart::{complete, create, upload_part};
use crate::support::{Fixture, TestResponse, bucket, builder};

async fn start() -> Fixture {
    Fixture::with_builder(builder().versioned(true)).await
}

async fn put(s3: &Fixture, key: &str, body: &str) -> String {
    let id = s3.put(key, body.as_bytes()).await.expect_status(200).header("x-amz-version-id").to_owned();
    assert_eq!(id.len(), 32);
    id
}

async fn request(s3: &Fixture, method: &str, key: &str, id: &str) -> TestResponse {
    let request = s3.presign(method, key).query(&format!("versionId={id}"));
    s3.send(method, &request, "").await
}

#[tokio::test]
async fn every_write_adds_a_version() {
    let s3 = start().await;
    let (one, two) = (put(&s3, "k", "one").await, put(&s3, "k", "two").await);
    assert_ne!(one, two);
    for (id, body) in [(&one, "one"), (&two, "two")] {
        let read = request(&s3, "GET", "k", id).await.expect_status(200);
        assert_eq!((read.text().as_str(), read.header("x-amz-version-id")), (body, &**id));
        let head = request(&s3, "HEAD", "k", id).await.expect_status(200);
        assert_eq!(head.header("x-amz-version-id"), id);
    }
    let current = s3.get("k").await;
    assert_eq!((current.text().as_str(), current.header("x-amz-version-id")), ("two", &*two));
    assert_eq!(s3.stored().await[0].version_id.as_deref(), Some(&*two));
    for (id, code) in [("null", "NoSuchVersion"), ("0123", "NoSuchVersion")] {
        request(&s3, "GET", "k", id).await.expect_error(404, code);
    }
    request(&s3, "GET", "other", &one).await.expect_error(404, "NoSuchVersion");
    let id = create(&s3, "k").await;
    let etag = upload_part(&s3, "k", &id, 1, b"three".to_vec()).await.header("etag").to_owned();
    let completed = complete(&s3, "k", &id, &[(1, etag)]).await.expect_status(200);
    let three = completed.header("x-amz-version-id");
    assert_eq!(request(&s3, "GET", "k", three).await.text(), "three");
    assert_eq!(request(&s3, "GET", "k", &one).await.text(), "one");
}

#[tokio::test]
async fn deletion_adds_a_marker_and_deletion_of_a_version_removes_it() {
    let s3 = start().await;
    let (one, two) = (put(&s3, "k", "one").await, put(&s3, "k", "two").await);
    let deleted = s3.send("DELETE", &s3.presign("DELETE", "k"), "").await.expect_status(204);
    assert_eq!(deleted.header("x-amz-delete-marker"), "true");
    let marker = deleted.header("x-amz-version-id").to_owned();
    s3.get("k").await.expect_error(404, "NoSuchKey");
    assert!(s3.stored().await.is_empty());
    request(&s3, "GET", "k", &marker).await.expect_error(405, "MethodNotAllowed");
    assert_eq!(request(&s3, "GET", "k", &one).await.text(), "one");
    // A key whose latest version is a marker has no object.
    let absent = s3.presign("PUT", "k").header("if-none-match", "*");
    let three = s3.send("PUT", &absent, "three").await.expect_status(200);
    let three = three.header("x-amz-version-id").to_owned();

    let removed = request(&s3, "DELETE", "k", &three).await.expect_status(204);
    assert_eq!((removed.header("x-amz-delete-marker"), removed.header("x-amz-version-id")), ("", &*three));
    s3.get("k").await.expect_error(404, "NoSuchKey");
    let removed = request(&s3, "DELETE", "k", &marker).await.expect_status(204);
    assert_eq!(removed.header("x-amz-delete-marker"), "true");
    assert_eq!(s3.get("k").await.text(), "two");
    request(&s3, "DELETE", "k", &two).await.expect_status(204);
    assert_eq!(s3.get("k").await.text(), "one");
    request(&s3, "DELETE", "k", &one).await.expect_status(204);
    request(&s3, "GET", "k", &one).await.expect_error(404, "NoSuchVersion");
    request(&s3, "DELETE", "k", &one).await.expect_status(204);
}

#[tokio::test]
async fn copy_of_an_earlier_version_names_it() {
    let s3 = start().await;
    let one = put(&s3, "k", "one").await;
    put(&s3, "k", "two").await;
    let source = format!("/{}/k?versionId={one}", bucket().as_str());
    let copy = s3.presign("PUT", "copy").header("x-amz-copy-source", source);
    let copied = s3.send("PUT", &copy, "").await.expect_status(200);
    assert_eq!(copied.header("x-amz-copy-source-version-id"), one);
    let id = copied.header("x-amz-version-id").to_owned();
    assert_eq!(request(&s3, "GET", "copy", &id).await.text(), "one");
}

#[tokio::test]
async fn deletion_with_if_match_keeps_another_object() {
    for is_versioned in [false, true] {
        let s3 = Fixture::with_builder(builder().versioned(is_versioned)).await;
        let etag = s3.put("k", b"one").await.header("etag").to_owned();
        let other = s3.presign("DELETE", "k").header("if-match", "\"0123456789abcdef0123456789abcdef\"");
        s3.send("DELETE", &other, "").await.expect_error(412, "PreconditionFailed");
        assert_eq!(s3.get("k").await.text(), "one");
        let same = s3.presign("DELETE", "k").header("if-match", etag);
        s3.send("DELETE", &same, "").await.expect_status(204);
        s3.get("k").await.expect_error(404, "NoSuchKey");
    }
}

#[tokio::test]
async fn versions_and_their_order_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let first = Fixture::with_builder(builder().directory(directory.path()).versioned(true)).await;
    let mut ids = Vec::new();
    for body in ["one", "two", "three"] {
        ids.push(put(&first, "k", body).await);
    }
    put(&first, "deleted", "x").await;
    first.send("DELETE", &first.presign("DELETE", "deleted"), "").await.expect_status(204);
    first.s3.shutdown().await;

    let second = Fixture::with_builder(builder().directory(directory.path()).versioned(true)).await;
    assert_eq!(second.get("k").await.text(), "three");
    assert_eq!(request(&second, "GET", "k", &ids[0]).await.text(), "one");
    second.get("deleted").await.expect_error(404, "NoSuchKey");
    ids.push(put(&second, "k", "four").await);
    request(&second, "DELETE", "k", &ids[3]).await.expect_status(204);
    assert_eq!(second.get("k").await.text(), "three");
    second.s3.shutdown().await;

    // Without versioning, as in a bucket with suspended versioning, a write has the version `null`.
    let third = Fixture::with_builder(builder().directory(directory.path())).await;
    for body in ["null", "null again"] {
        let stored = third.put("k", body.as_bytes()).await.expect_status(200);
        assert_eq!(stored.header("x-amz-version-id"), "");
    }
    assert_eq!(third.get("k").await.text(), "null again");
    assert_eq!(request(&third, "GET", "k", "null").await.text(), "null again");
    assert_eq!(request(&third, "GET", "k", &ids[2]).await.text(), "three");
    third.send("DELETE", &third.presign("DELETE", "k"), "").await.expect_status(204);
    third.get("k").await.expect_error(404, "NoSuchKey");
    assert_eq!(request(&third, "GET", "k", &ids[2]).await.text(), "three");
}
