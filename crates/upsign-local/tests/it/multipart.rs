//! Uploads in parts.

use crate::support::{Answer, Fixture};

const PART: usize = 5 * 1024 * 1024;

async fn begin(s3: &Fixture, key: &str) -> String {
    let request = s3.presign("POST", key).query("uploads=").header("content-type", "image/jpeg");
    s3.send("POST", &request, "").await.expect(200).element("UploadId")
}

async fn part(s3: &Fixture, key: &str, id: &str, number: u32, bytes: Vec<u8>) -> Answer {
    let query = format!("partNumber={number}&uploadId={id}");
    s3.send("PUT", &s3.presign("PUT", key).query(&query), bytes).await
}

async fn complete(s3: &Fixture, key: &str, id: &str, parts: &[(u32, String)]) -> Answer {
    let part = |(number, etag): &(u32, String)| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
    };
    let xml: String = parts.iter().map(part).collect();
    let xml = format!("<CompleteMultipartUpload>{xml}</CompleteMultipartUpload>");
    s3.send("POST", &s3.presign("POST", key).query(&format!("uploadId={id}")), xml).await
}

#[tokio::test]
async fn parts_become_an_object() {
    let s3 = Fixture::start().await;
    let id = begin(&s3, "big").await;
    let first = part(&s3, "big", &id, 1, vec![1; PART]).await.expect(200).header("etag").to_owned();
    let second = part(&s3, "big", &id, 2, vec![2; 10]).await.expect(200).header("etag").to_owned();
    let query = format!("uploadId={id}");
    let listed = s3.send("GET", &s3.presign("GET", "big").query(&query), "").await.expect(200).text();
    assert!(
        listed.contains("<PartNumber>1</PartNumber>") && listed.contains("<PartNumber>2</PartNumber>"),
        "{listed}"
    );
    s3.get("big").await.refused(404, "NoSuchKey");
    let answer = complete(&s3, "big", &id, &[(1, first), (2, second)]).await.expect(200);
    assert!(answer.element("ETag").contains("-2"), "{}", answer.text());
    let read = s3.get("big").await.expect(200);
    assert_eq!(read.header("content-type"), "image/jpeg");
    assert!(read.header("etag").ends_with("-2\""));
    assert!(read.body == [vec![1; PART], vec![2; 10]].concat());
    complete(&s3, "big", &id, &[(1, String::new())]).await.refused(404, "NoSuchUpload");
}

#[tokio::test]
async fn lists_of_parts_that_are_refused() {
    let s3 = Fixture::start().await;
    let id = begin(&s3, "k").await;
    let one = part(&s3, "k", &id, 1, vec![1; 10]).await.header("etag").to_owned();
    let two = part(&s3, "k", &id, 2, vec![2; 10]).await.header("etag").to_owned();
    let parts =
        |list: &[(u32, &String)]| list.iter().map(|(n, etag)| (*n, (*etag).clone())).collect::<Vec<_>>();
    complete(&s3, "k", &id, &parts(&[(2, &two), (1, &one)])).await.refused(400, "InvalidPartOrder");
    complete(&s3, "k", &id, &parts(&[(1, &one), (1, &one)])).await.refused(400, "InvalidPartOrder");
    complete(&s3, "k", &id, &parts(&[(1, &two)])).await.refused(400, "InvalidPart");
    complete(&s3, "k", &id, &parts(&[(3, &one)])).await.refused(400, "InvalidPart");
    complete(&s3, "k", &id, &parts(&[(1, &one), (2, &two)])).await.refused(400, "EntityTooSmall");
    complete(&s3, "other", &id, &parts(&[(1, &one)])).await.refused(404, "NoSuchUpload");
    part(&s3, "k", &id, 0, vec![]).await.refused(400, "InvalidArgument");
    part(&s3, "k", &id, 10_001, vec![]).await.refused(400, "InvalidArgument");
    part(&s3, "k", "nobody", 1, vec![]).await.refused(404, "NoSuchUpload");
    assert!(s3.stored().await.is_empty());
    complete(&s3, "k", &id, &parts(&[(1, &one)])).await.expect(200);
    assert_eq!(s3.get("k").await.body, [1; 10]);
}

#[tokio::test]
async fn an_aborted_upload_is_gone() {
    let s3 = Fixture::start().await;
    let id = begin(&s3, "k").await;
    let etag = part(&s3, "k", &id, 1, vec![1]).await.header("etag").to_owned();
    let query = format!("uploadId={id}");
    s3.send("DELETE", &s3.presign("DELETE", "k").query(&query), "").await.expect(204);
    s3.send("DELETE", &s3.presign("DELETE", "k").query(&query), "").await.refused(404, "NoSuchUpload");
    complete(&s3, "k", &id, &[(1, etag)]).await.refused(404, "NoSuchUpload");
    assert!(s3.stored().await.is_empty());
}

#[tokio::test]
async fn a_completion_does_not_overwrite_when_told_so() {
    let s3 = Fixture::start().await;
    let id = begin(&s3, "k").await;
    let etag = part(&s3, "k", &id, 1, vec![1]).await.header("etag").to_owned();
    s3.put("k", b"first").await.expect(200);
    let xml = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    let request = s3.presign("POST", "k").query(&format!("uploadId={id}")).header("if-none-match", "*");
    s3.send("POST", &request, xml).await.refused(412, "PreconditionFailed");
    assert_eq!(s3.get("k").await.body, b"first");
}
