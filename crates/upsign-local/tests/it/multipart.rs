//! Multipart uploads: create, upload parts, list, complete, abort.

use crate::support::{Fixture, TestResponse};

const PART: usize = 5 * 1024 * 1024;

async fn create(s3: &Fixture, key: &str) -> String {
    let request = s3.presign("POST", key).query("uploads=").header("content-type", "image/jpeg");
    s3.send("POST", &request, "").await.expect_status(200).element("UploadId")
}

async fn upload_part(s3: &Fixture, key: &str, id: &str, number: u32, bytes: Vec<u8>) -> TestResponse {
    let query = format!("partNumber={number}&uploadId={id}");
    s3.send("PUT", &s3.presign("PUT", key).query(&query), bytes).await
}

async fn complete(s3: &Fixture, key: &str, id: &str, parts: &[(u32, String)]) -> TestResponse {
    let part = |(number, etag): &(u32, String)| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
    };
    let xml: String = parts.iter().map(part).collect();
    let xml = format!("<CompleteMultipartUpload>{xml}</CompleteMultipartUpload>");
    s3.send("POST", &s3.presign("POST", key).query(&format!("uploadId={id}")), xml).await
}

#[tokio::test]
async fn completed_parts_become_an_object() {
    let s3 = Fixture::start().await;
    let id = create(&s3, "big").await;
    let first =
        upload_part(&s3, "big", &id, 1, vec![1; PART]).await.expect_status(200).header("etag").to_owned();
    let second =
        upload_part(&s3, "big", &id, 2, vec![2; 10]).await.expect_status(200).header("etag").to_owned();
    let query = format!("uploadId={id}");
    let listed = s3.send("GET", &s3.presign("GET", "big").query(&query), "").await.expect_status(200).text();
    assert!(
        listed.contains("<PartNumber>1</PartNumber>") && listed.contains("<PartNumber>2</PartNumber>"),
        "{listed}"
    );
    s3.get("big").await.expect_error(404, "NoSuchKey");
    let response = complete(&s3, "big", &id, &[(1, first), (2, second)]).await.expect_status(200);
    assert!(response.element("ETag").contains("-2"), "{}", response.text());
    let read = s3.get("big").await.expect_status(200);
    assert_eq!(read.header("content-type"), "image/jpeg");
    assert!(read.header("etag").ends_with("-2\""));
    assert!(read.body == [vec![1; PART], vec![2; 10]].concat());
    complete(&s3, "big", &id, &[(1, String::new())]).await.expect_error(404, "NoSuchUpload");
}

#[tokio::test]
async fn invalid_part_lists_are_rejected() {
    let s3 = Fixture::start().await;
    let id = create(&s3, "k").await;
    let one = upload_part(&s3, "k", &id, 1, vec![1; 10]).await.header("etag").to_owned();
    let two = upload_part(&s3, "k", &id, 2, vec![2; 10]).await.header("etag").to_owned();
    let parts =
        |list: &[(u32, &String)]| list.iter().map(|(n, etag)| (*n, (*etag).clone())).collect::<Vec<_>>();
    complete(&s3, "k", &id, &parts(&[(2, &two), (1, &one)])).await.expect_error(400, "InvalidPartOrder");
    complete(&s3, "k", &id, &parts(&[(1, &one), (1, &one)])).await.expect_error(400, "InvalidPartOrder");
    complete(&s3, "k", &id, &parts(&[(1, &two)])).await.expect_error(400, "InvalidPart");
    complete(&s3, "k", &id, &parts(&[(3, &one)])).await.expect_error(400, "InvalidPart");
    complete(&s3, "k", &id, &parts(&[(1, &one), (2, &two)])).await.expect_error(400, "EntityTooSmall");
    complete(&s3, "other", &id, &parts(&[(1, &one)])).await.expect_error(404, "NoSuchUpload");
    upload_part(&s3, "k", &id, 0, vec![]).await.expect_error(400, "InvalidArgument");
    upload_part(&s3, "k", &id, 10_001, vec![]).await.expect_error(400, "InvalidArgument");
    upload_part(&s3, "k", "unknown", 1, vec![]).await.expect_error(404, "NoSuchUpload");
    assert!(s3.stored().await.is_empty());
    complete(&s3, "k", &id, &parts(&[(1, &one)])).await.expect_status(200);
    assert_eq!(s3.get("k").await.body, [1; 10]);
}

#[tokio::test]
async fn aborted_upload_cannot_be_completed() {
    let s3 = Fixture::start().await;
    let id = create(&s3, "k").await;
    let etag = upload_part(&s3, "k", &id, 1, vec![1]).await.header("etag").to_owned();
    let query = format!("uploadId={id}");
    s3.send("DELETE", &s3.presign("DELETE", "k").query(&query), "").await.expect_status(204);
    s3.send("DELETE", &s3.presign("DELETE", "k").query(&query), "").await.expect_error(404, "NoSuchUpload");
    complete(&s3, "k", &id, &[(1, etag)]).await.expect_error(404, "NoSuchUpload");
    assert!(s3.stored().await.is_empty());
}

#[tokio::test]
async fn completion_with_if_none_match_does_not_overwrite() {
    let s3 = Fixture::start().await;
    let id = create(&s3, "k").await;
    let etag = upload_part(&s3, "k", &id, 1, vec![1]).await.header("etag").to_owned();
    s3.put("k", b"first").await.expect_status(200);
    let xml = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    let request = s3.presign("POST", "k").query(&format!("uploadId={id}")).header("if-none-match", "*");
    s3.send("POST", &request, xml).await.expect_error(412, "PreconditionFailed");
    assert_eq!(s3.get("k").await.body, b"first");
}
