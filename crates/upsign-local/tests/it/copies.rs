//! CopyObject: content, headers, and conditions on both sides.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::sign::Presign;
use crate::support::multipart::{PART, complete, create, upload_part};
use crate::support::{Fixture, TestResponse, bucket, builder};

/// Returns a request that copies `from` to `to`.
fn copy<'a>(s3: &'a Fixture, from: &str, to: &'a str) -> Presign<'a> {
    s3.presign("PUT", to).header("x-amz-copy-source", format!("/{}/{from}", bucket().as_str()))
}

async fn send(s3: &Fixture, request: &Presign<'_>) -> TestResponse {
    s3.send("PUT", request, "").await
}

#[tokio::test]
async fn copy_has_content_headers_metadata_and_tags_of_the_source() {
    let s3 = Fixture::start().await;
    let put =
        s3.presign("PUT", "from").header("content-type", "image/jpeg").header("x-amz-meta-article", "1");
    let put = put.header("x-amz-tagging", "a=1&b=2").header("cache-control", "max-age=60");
    let put = put.header("x-amz-storage-class", "STANDARD_IA");
    s3.send("PUT", &put, "hello world").await.expect_status(200);
    let copied = send(&s3, &copy(&s3, "from", "to/a b+c.jpg")).await.expect_status(200);
    assert_eq!(copied.element("ETag"), "\"5eb63bbbe01eeed093cb22bb8f5acdc3\"");
    assert!(copied.element("LastModified").starts_with("20"), "{}", copied.text());
    let read = s3.get("to/a b+c.jpg").await.expect_status(200);
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("cache-control", "max-age=60"),
        ("x-amz-meta-article", "1"),
        ("x-amz-tagging-count", "2"),
        ("etag", "\"5eb63bbbe01eeed093cb22bb8f5acdc3\""),
        // The storage class is that of the request.
        ("x-amz-storage-class", ""),
    ] {
        assert_eq!(read.header(name), value, "{name}");
    }
    assert_eq!(read.body, b"hello world");
}

#[tokio::test]
async fn directives_replace_metadata_and_tags() {
    let s3 = Fixture::start().await;
    let put = s3.presign("PUT", "from").header("content-type", "image/jpeg").header("x-amz-tagging", "a=1");
    s3.send("PUT", &put, "x").await.expect_status(200);
    let request = copy(&s3, "from", "to").header("x-amz-metadata-directive", "REPLACE");
    let request = request.header("content-type", "text/plain").header("x-amz-meta-new", "2");
    let request = request.header("x-amz-tagging-directive", "REPLACE").header("x-amz-tagging", "c=3&d=4");
    send(&s3, &request).await.expect_status(200);
    let read = s3.get("to").await.expect_status(200);
    assert_eq!((read.header("content-type"), read.header("x-amz-meta-new")), ("text/plain", "2"));
    assert_eq!(read.header("x-amz-tagging-count"), "2");
}

#[tokio::test]
async fn conditions_on_source_and_destination_are_checked() {
    let s3 = Fixture::start().await;
    let etag = s3.put("from", b"source").await.header("etag").to_owned();
    let old = s3.put("to", b"old").await.header("etag").to_owned();
    let other = "\"0123456789abcdef0123456789abcdef\"";
    let refused = [
        ("x-amz-copy-source-if-match", other),
        ("x-amz-copy-source-if-none-match", &*etag),
        ("x-amz-copy-source-if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("x-amz-copy-source-if-modified-since", "Thu, 01 Jan 2099 00:00:00 GMT"),
        ("if-none-match", "*"),
        ("if-match", other),
    ];
    for (name, value) in refused {
        let request = copy(&s3, "from", "to").header(name, value);
        send(&s3, &request).await.expect_error(412, "PreconditionFailed");
        assert_eq!(s3.get("to").await.body, b"old", "{name}");
    }
    let request = copy(&s3, "from", "none").header("if-match", other);
    send(&s3, &request).await.expect_error(404, "NoSuchKey");
    for (to, name, value) in [
        ("new", "if-none-match", "*"),
        ("to", "if-match", &*old),
        ("a", "x-amz-copy-source-if-match", &*etag),
        ("b", "x-amz-copy-source-if-none-match", other),
    ] {
        send(&s3, &copy(&s3, "from", to).header(name, value)).await.expect_status(200);
        assert_eq!(s3.get(to).await.body, b"source", "{name}");
    }
}

#[tokio::test]
async fn invalid_copies_store_nothing() {
    let s3 = Fixture::start().await;
    s3.put("from", b"x").await.expect_status(200);
    send(&s3, &copy(&s3, "none", "to")).await.expect_error(404, "NoSuchKey");
    send(&s3, &copy(&s3, "from?versionId=0123", "to")).await.expect_error(404, "NoSuchVersion");
    send(&s3, &copy(&s3, "from", "from")).await.expect_error(400, "InvalidRequest");
    let elsewhere = s3.presign("PUT", "to").header("x-amz-copy-source", "/other-bucket/from");
    send(&s3, &elsewhere).await.expect_error(404, "NoSuchBucket");
    let condition = copy(&s3, "from", "to").header("if-none-match", "\"etag\"");
    send(&s3, &condition).await.expect_error(501, "NotImplemented");
    assert_eq!(s3.stored().await.len(), 1);
    let touched = copy(&s3, "from", "from").header("x-amz-metadata-directive", "REPLACE");
    send(&s3, &touched.header("content-type", "image/png")).await.expect_status(200);
    assert_eq!(s3.get("from").await.header("content-type"), "image/png");
}

/// CopyObject stores one part: the ETag is the MD5 of the content and the checksum is of the full object.
#[tokio::test]
async fn copy_of_a_multipart_upload_has_the_md5_of_the_content() {
    let s3 = Fixture::start().await;
    let id = create(&s3, "from").await;
    let one = upload_part(&s3, "from", &id, 1, vec![b'a'; PART]).await.header("etag").to_owned();
    let two = upload_part(&s3, "from", &id, 2, b"z".to_vec()).await.header("etag").to_owned();
    complete(&s3, "from", &id, &[(1, one), (2, two)]).await.expect_status(200);
    send(&s3, &copy(&s3, "from", "to")).await.expect_status(200);
    let content = [vec![b'a'; PART], b"z".to_vec()].concat();
    s3.put("plain", &content).await.expect_status(200);
    let (copied, plain) = (s3.get("to").await, s3.get("plain").await);
    assert!(copied.body == content);
    assert_eq!(copied.header("etag"), plain.header("etag"));
    // The copy has its own content.
    s3.send("DELETE", &s3.presign("DELETE", "from"), "").await.expect_status(204);
    assert!(s3.get("to").await.body == content);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_copies_if_absent_have_exactly_one_winner() {
    for is_versioned in [false, true] {
        let s3 = Arc::new(Fixture::with_builder(builder().versioned(is_versioned)).await);
        for source in 0..16 {
            s3.put(&format!("from/{source}"), format!("source {source}").as_bytes()).await.expect_status(200);
        }
        for round in 0..20 {
            let mut copies = JoinSet::new();
            for source in 0..16 {
                let s3 = Arc::clone(&s3);
                copies.spawn(async move {
                    let (from, to) = (format!("from/{source}"), format!("to/{round}"));
                    let response = send(&s3, &copy(&s3, &from, &to).header("if-none-match", "*")).await;
                    (response.status.as_u16(), format!("source {source}"))
                });
            }
            let responses = copies.join_all().await;
            let winners: Vec<_> = responses.iter().filter(|(status, _)| *status == 200).collect();
            assert_eq!(winners.len(), 1, "{responses:?}");
            assert!(responses.iter().all(|(status, _)| [200, 412].contains(status)), "{responses:?}");
            assert_eq!(s3.get(&format!("to/{round}")).await.text(), winners[0].1);
        }
    }
}

/// A copy that names the ETag of its source never has the bytes of an upload that replaces the source meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn copy_with_source_if_match_never_has_the_bytes_of_a_later_upload() {
    let s3 = Arc::new(Fixture::start().await);
    for round in 0..50 {
        let (from, to) = (format!("from/{round}"), format!("to/{round}"));
        let etag = s3.put(&from, b"first").await.header("etag").to_owned();
        let replace = {
            let (s3, from) = (Arc::clone(&s3), from.clone());
            tokio::spawn(async move { s3.put(&from, b"other").await.expect_status(200) })
        };
        let request = copy(&s3, &from, &to).header("x-amz-copy-source-if-match", etag);
        let copied = send(&s3, &request).await;
        replace.await.unwrap();
        match copied.status.as_u16() {
            200 => assert_eq!(s3.get(&to).await.body, b"first"),
            status => assert_eq!(status, 412, "{}", copied.text()),
        }
    }
}
