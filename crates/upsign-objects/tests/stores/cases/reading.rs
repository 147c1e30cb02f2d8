//! HeadObject and GetObject.

use upsign_core::error_chain;
use upsign_objects::{Checksum, ChecksumAlgorithm, GetObject, HeadObject};

use crate::cases::{key, ok, refused, same};
use crate::store::{TestBucket, now};

pub(super) async fn head_of_a_missing_object_is_404(bucket: &TestBucket) -> Result<(), String> {
    let error = bucket.calls.head_object(&HeadObject::new(key("head/none")), now()).await.unwrap_err();
    same(&error.is_not_found(), &true)?;
    same(&error.store().map(|store| (store.status(), store.code().is_some())), &Some((404, false)))
}

pub(super) async fn head_describes_the_object(bucket: &TestBucket) -> Result<(), String> {
    let key = key("head/described.txt");
    let headers =
        [("content-type", "text/x-test"), ("x-amz-meta-article", "17"), ("x-amz-meta-owner", "a b")];
    let etag = bucket.put(&key, &headers, b"0123456789").await?;
    let mut head = ok(bucket.calls.head_object(&HeadObject::new(key.clone()), now()).await)?;
    same(&(head.size, &head.etag), &(10, &etag))?;
    same(&head.content_type.as_deref(), &Some("text/x-test"))?;
    head.metadata.sort();
    let metadata = [("article", "17"), ("owner", "a b")].map(|(name, value)| (name.into(), value.into()));
    same(&head.metadata, &metadata.to_vec())?;
    let version = head.version_id.ok_or("the answer names no version")?;
    bucket.put(&key, &[], b"another").await?;
    let old =
        ok(bucket.calls.head_object(&HeadObject::new(key).with_version_id(version.clone()), now()).await)?;
    same(&(old.size, old.version_id), &(10, Some(version)))
}

pub(super) async fn head_returns_the_checksum(bucket: &TestBucket) -> Result<(), String> {
    let key = key("head/checksum");
    // Of `123456789`.
    let sha256 = "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=";
    bucket.put(&key, &[("x-amz-checksum-sha256", sha256)], b"123456789").await?;
    let head = ok(bucket.calls.head_object(&HeadObject::new(key), now()).await)?;
    same(&head.checksums, &vec![Checksum::parse(ChecksumAlgorithm::Sha256, sha256).unwrap()])
}

pub(super) async fn head_with_another_etag_is_412(bucket: &TestBucket) -> Result<(), String> {
    let key = key("head/conditional");
    let etag = bucket.put(&key, &[], b"x").await?;
    ok(bucket.calls.head_object(&HeadObject::new(key.clone()).with_if_match(etag), now()).await)?;
    let other = HeadObject::new(key).with_if_match("0123456789abcdef0123456789abcdef".parse().unwrap());
    refused(bucket.calls.head_object(&other, now()).await, 412, "")
}

pub(super) async fn get_returns_ranges(bucket: &TestBucket) -> Result<(), String> {
    let key = key("get/ranges");
    bucket.put(&key, &[], b"0123456789").await?;
    for (offset, length, expected) in
        [(0, 4, "0123"), (3, 2, "34"), (8, 100, "89"), (0, 10, "0123456789"), (0, 1 << 20, "0123456789")]
    {
        let range = ok(bucket.calls.get_object(&GetObject::range(key.clone(), offset, length), now()).await)?;
        same(&(range.head.size, String::from_utf8_lossy(&range.bytes).as_ref()), &(10, expected))?;
    }
    Ok(())
}

pub(super) async fn get_returns_the_range_of_a_version(bucket: &TestBucket) -> Result<(), String> {
    let key = key("get/version");
    bucket.put(&key, &[], b"0123456789").await?;
    let head = ok(bucket.calls.head_object(&HeadObject::new(key.clone()), now()).await)?;
    let version = head.version_id.ok_or("the answer names no version")?;
    bucket.put(&key, &[], b"other").await?;
    let call = GetObject::range(key, 3, 2).with_version_id(version).with_if_match(head.etag);
    let range = ok(bucket.calls.get_object(&call, now()).await)?;
    same(&(range.head.size, range.bytes), &(10, b"34".to_vec()))
}

pub(super) async fn get_after_the_end_is_invalid_range(bucket: &TestBucket) -> Result<(), String> {
    let key = key("get/after-the-end");
    bucket.put(&key, &[], b"0123456789").await?;
    let call = GetObject::range(key, 10, 1);
    refused(bucket.calls.get_object(&call, now()).await, 416, "InvalidRange")
}

pub(super) async fn get_of_a_missing_object_is_no_such_key(bucket: &TestBucket) -> Result<(), String> {
    let call = GetObject::range(key("get/none"), 0, 1);
    refused(bucket.calls.get_object(&call, now()).await, 404, "NoSuchKey")
}

pub(super) async fn get_with_another_etag_is_412(bucket: &TestBucket) -> Result<(), String> {
    let key = key("get/conditional");
    bucket.put(&key, &[], b"x").await?;
    let call = GetObject::range(key, 0, 1).with_if_match("0123456789abcdef0123456789abcdef".parse().unwrap());
    refused(bucket.calls.get_object(&call, now()).await, 412, "PreconditionFailed")
}

/// The error names the code, and nothing of the request that stores repeat in this answer.
pub(super) async fn wrong_secret_is_signature_does_not_match(bucket: &TestBucket) -> Result<(), String> {
    let call = GetObject::range(key("get/secret"), 0, 1);
    let error = bucket.wrong_secret.get_object(&call, now()).await.unwrap_err();
    let text = format!("{} {error:?}", error_chain(&error));
    for part in ["AKIATESTADMIN", "AWS4-HMAC-SHA256", "UNSIGNED-PAYLOAD", "X-Amz-Signature", "get/secret"] {
        same(&text.contains(part), &false)?;
    }
    refused::<()>(Err(error), 403, "SignatureDoesNotMatch")
}
