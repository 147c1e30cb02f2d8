//! PutObjectTagging and GetObjectTagging.

use crate::support::{Fixture, TestResponse, builder};

fn document(tags: &[(&str, &str)]) -> String {
    let tags: String = tags
        .iter()
        .map(|(key, value)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>"))
        .collect();
    format!("<Tagging><TagSet>{tags}</TagSet></Tagging>")
}

async fn put_tags(s3: &Fixture, key: &str, query: &str, tags: &[(&str, &str)]) -> TestResponse {
    s3.send("PUT", &s3.presign("PUT", key).query(query), document(tags)).await
}

async fn tags(s3: &Fixture, key: &str, query: &str) -> Vec<(String, String)> {
    let response = s3.send("GET", &s3.presign("GET", key).query(query), "").await.expect_status(200);
    response.elements("Key").into_iter().zip(response.elements("Value")).collect()
}

fn pairs(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn tags_are_replaced_and_content_stays() {
    let s3 = Fixture::start().await;
    let put = s3.presign("PUT", "k").header("x-amz-tagging", "a=1&b=x%20y%2B%26");
    s3.send("PUT", &put, "bytes").await.expect_status(200);
    assert_eq!(tags(&s3, "k", "tagging=").await, pairs(&[("a", "1"), ("b", "x y+&amp;")]));
    let modified = s3.get("k").await.header("last-modified").to_owned();
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    put_tags(&s3, "k", "tagging=", &[("upsign", "confirmed"), ("c", "ä =&amp;")]).await.expect_status(200);
    assert_eq!(tags(&s3, "k", "tagging=").await, pairs(&[("upsign", "confirmed"), ("c", "ä =&amp;")]));
    let read = s3.get("k").await.expect_status(200);
    assert_eq!((read.body.as_slice(), read.header("last-modified")), (&b"bytes"[..], &*modified));
    assert_eq!(read.header("x-amz-tagging-count"), "2");
    assert_eq!(s3.stored().await[0].tags, pairs(&[("upsign", "confirmed"), ("c", "ä =&")]));
    put_tags(&s3, "k", "tagging=", &[]).await.expect_status(200);
    assert_eq!(tags(&s3, "k", "tagging=").await, []);
    // An upload replaces the object with its tags.
    put_tags(&s3, "k", "tagging=", &[("upsign", "confirmed")]).await.expect_status(200);
    s3.put("k", b"again").await.expect_status(200);
    assert_eq!(tags(&s3, "k", "tagging=").await, []);
}

#[tokio::test]
async fn invalid_tags_are_rejected() {
    let s3 = Fixture::start().await;
    put_tags(&s3, "none", "tagging=", &[("a", "b")]).await.expect_error(404, "NoSuchKey");
    s3.put("k", b"x").await.expect_status(200);
    let (long_key, long_value) = ("k".repeat(129), "v".repeat(257));
    let eleven: Vec<String> = (0..11).map(|number| number.to_string()).collect();
    let eleven: Vec<(&str, &str)> = eleven.iter().map(|key| (key.as_str(), "")).collect();
    for (tags, code) in [
        (vec![("", "b")], "InvalidTag"),
        (vec![(long_key.as_str(), "b")], "InvalidTag"),
        (vec![("a", long_value.as_str())], "InvalidTag"),
        (vec![("a", "1"), ("a", "2")], "InvalidTag"),
        (eleven, "BadRequest"),
    ] {
        put_tags(&s3, "k", "tagging=", &tags).await.expect_error(400, code);
    }
    assert_eq!(tags(&s3, "k", "tagging=").await, []);
}

#[tokio::test]
async fn tags_are_those_of_one_version() {
    let s3 = Fixture::with_builder(builder().versioned(true)).await;
    let old = s3.put("k", b"old").await.header("x-amz-version-id").to_owned();
    let new = s3.put("k", b"new").await.header("x-amz-version-id").to_owned();
    let of = |version: &str| format!("tagging=&versionId={version}");
    let answer = put_tags(&s3, "k", &of(&old), &[("upsign", "confirmed")]).await.expect_status(200);
    assert_eq!(answer.header("x-amz-version-id"), old);
    assert_eq!(tags(&s3, "k", &of(&old)).await, pairs(&[("upsign", "confirmed")]));
    assert_eq!(tags(&s3, "k", &of(&new)).await, []);
    assert_eq!(tags(&s3, "k", "tagging=").await, []);
    put_tags(&s3, "k", &of("0123"), &[("a", "b")]).await.expect_error(404, "NoSuchVersion");
    assert_eq!(s3.get("k").await.body, b"new");
}
