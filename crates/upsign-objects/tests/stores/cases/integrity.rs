//! What keeps CompleteMultipartUpload from assembling other bytes.

use upsign_core::ObjectKey;
use upsign_objects::{Checksum, ChecksumAlgorithm, CompleteMultipartUpload, HeadObject, ObjectError};

use crate::cases::{FULL_PART, create, create_with_part, key, ok, part, refused, same};
use crate::checksums::crc;
use crate::store::{TestBucket, now};

/// Fails if there is an object with the key.
async fn is_absent(bucket: &TestBucket, key: &ObjectKey) -> Result<(), String> {
    let head = bucket.calls.head_object(&HeadObject::new(key.clone()), now()).await;
    same(&head.is_err_and(|error: ObjectError| error.is_not_found()), &true)
}

pub(super) async fn part_with_another_etag_is_invalid_part(bucket: &TestBucket) -> Result<(), String> {
    let key = key("integrity/etag");
    let (id, _) = create_with_part(bucket, &key, b"x").await?;
    let other = part(1, "0123456789abcdef0123456789abcdef".parse().unwrap());
    let complete = CompleteMultipartUpload::new(key.clone(), id, [other]);
    refused(bucket.calls.complete_multipart_upload(&complete, now()).await, 400, "InvalidPart")?;
    is_absent(bucket, &key).await
}

pub(super) async fn missing_part_is_invalid_part(bucket: &TestBucket) -> Result<(), String> {
    let key = key("integrity/missing");
    let (id, one) = create_with_part(bucket, &key, &vec![b'x'; FULL_PART]).await?;
    let two = part(2, one.etag().clone());
    let complete = CompleteMultipartUpload::new(key.clone(), id, [one, two]);
    refused(bucket.calls.complete_multipart_upload(&complete, now()).await, 400, "InvalidPart")?;
    is_absent(bucket, &key).await
}

pub(super) async fn small_part_is_entity_too_small(bucket: &TestBucket) -> Result<(), String> {
    let key = key("integrity/small");
    let (id, one) = create_with_part(bucket, &key, b"x").await?;
    let two = part(2, bucket.put_part(&key, &id, 2, b"y").await?);
    let complete = CompleteMultipartUpload::new(key.clone(), id, [one, two]);
    refused(bucket.calls.complete_multipart_upload(&complete, now()).await, 400, "EntityTooSmall")?;
    is_absent(bucket, &key).await
}

pub(super) async fn wrong_object_size_is_refused(bucket: &TestBucket) -> Result<(), String> {
    let key = key("integrity/wrong-size");
    let (id, part) = create_with_part(bucket, &key, b"0123456789").await?;
    let complete = CompleteMultipartUpload::new(key.clone(), id, [part]).with_object_size(11);
    refused(bucket.calls.complete_multipart_upload(&complete, now()).await, 400, "InvalidRequest")?;
    is_absent(bucket, &key).await
}

pub(super) async fn right_object_size_is_accepted(bucket: &TestBucket) -> Result<(), String> {
    let key = key("integrity/right-size");
    let (id, part) = create_with_part(bucket, &key, b"0123456789").await?;
    let complete = CompleteMultipartUpload::new(key.clone(), id, [part]).with_object_size(10);
    ok(bucket.calls.complete_multipart_upload(&complete, now()).await)?;
    same(&bucket.bytes(&key).await?, &b"0123456789".to_vec())
}

pub(super) async fn full_object_crc64nvme_is_compared(bucket: &TestBucket) -> Result<(), String> {
    full_object_checksum_is_compared(bucket, ChecksumAlgorithm::Crc64nvme).await
}

pub(super) async fn full_object_crc32_is_compared(bucket: &TestBucket) -> Result<(), String> {
    full_object_checksum_is_compared(bucket, ChecksumAlgorithm::Crc32).await
}

async fn full_object_checksum_is_compared(
    bucket: &TestBucket,
    algorithm: ChecksumAlgorithm,
) -> Result<(), String> {
    let key = key(&format!("integrity/{}", algorithm.name()));
    let headers = [("x-amz-checksum-algorithm", algorithm.name()), ("x-amz-checksum-type", "FULL_OBJECT")];
    let id = create(bucket, &key, &headers).await?;
    let bodies = [vec![b'1'; FULL_PART], b"the end".to_vec()];
    let mut parts = Vec::new();
    for (number, body) in (1..).zip(&bodies) {
        parts.push(part(number, bucket.put_part(&key, &id, number, body).await?));
    }
    let complete = CompleteMultipartUpload::new(key.clone(), id, parts);
    let wrong: Checksum = crc(algorithm, b"other bytes");
    let call = complete.clone().with_checksum(wrong);
    refused(bucket.calls.complete_multipart_upload(&call, now()).await, 400, "BadDigest")?;
    is_absent(bucket, &key).await?;

    let right = crc(algorithm, &bodies.concat());
    let call = complete.with_checksum(right.clone());
    let completed = ok(bucket.calls.complete_multipart_upload(&call, now()).await)?;
    same(&completed.checksums, &vec![right.clone()])?;
    let head = ok(bucket.calls.head_object(&HeadObject::new(key), now()).await)?;
    same(&head.checksums, &vec![right])
}
