//! The checksum of a part: the store compares it with the bytes that it receives.

use sha2::{Digest, Sha256};
use upsign_core::{Operation, PartNumber};
use upsign_objects::{Checksum, ChecksumAlgorithm, ListParts};

use crate::cases::{create, key, ok, same};
use crate::checksums::crc;
use crate::store::{TestBucket, now};

const BODY: &[u8] = b"the bytes of a part";

/// Uploads a part with a header that states the checksum, and fails unless the store stores it if it is right and refuses it with
/// `BadDigest` if it is wrong.
async fn check(
    bucket: &TestBucket,
    algorithm: Option<&str>,
    header: &str,
    right: Option<&str>,
    wrong: &str,
) -> Result<(), String> {
    let key = key(&format!("part-checksums/{header}"));
    let created: Vec<(&str, &str)> =
        algorithm.map(|name| ("x-amz-checksum-algorithm", name)).into_iter().collect();
    let id = create(bucket, &key, &created).await?;
    let put = |value: String| {
        let operation = Operation::UploadPart { upload_id: id.clone(), part_number: PartNumber::MIN };
        let key = &key;
        async move { bucket.send(operation, key, &[(header, value.as_str())], BODY).await }
    };
    match put(wrong.to_owned()).await {
        Ok(_) => return Err("succeeded: a part with a wrong checksum".to_owned()),
        Err(error) if error.contains("400 Bad Request") && error.contains("<Code>BadDigest</Code>") => {}
        Err(error) => return Err(format!("another error: {error}")),
    }
    let list = ListParts::new(key.clone(), id.clone());
    same(&ok(bucket.calls.list_parts(&list, now()).await)?.parts.len(), &0)?;
    let Some(right) = right else { return Ok(()) };
    put(right.to_owned()).await.map_err(|error| format!("the right checksum: {error}"))?;
    same(&ok(bucket.calls.list_parts(&list, now()).await)?.parts.len(), &1)
}

async fn check_algorithm(
    bucket: &TestBucket,
    algorithm: ChecksumAlgorithm,
    right: Option<Checksum>,
) -> Result<(), String> {
    let wrong = Checksum::of_bytes(algorithm, &vec![0; ChecksumAlgorithm::len(algorithm)]).unwrap();
    let right = right.as_ref().map(Checksum::as_base64);
    check(bucket, Some(algorithm.name()), algorithm.header(), right, wrong.as_base64()).await
}

pub(super) async fn part_with_wrong_crc32_is_bad_digest(bucket: &TestBucket) -> Result<(), String> {
    check_algorithm(bucket, ChecksumAlgorithm::Crc32, Some(crc(ChecksumAlgorithm::Crc32, BODY))).await
}

pub(super) async fn part_with_wrong_crc32c_is_bad_digest(bucket: &TestBucket) -> Result<(), String> {
    check_algorithm(bucket, ChecksumAlgorithm::Crc32c, None).await
}

pub(super) async fn part_with_wrong_crc64nvme_is_bad_digest(bucket: &TestBucket) -> Result<(), String> {
    check_algorithm(bucket, ChecksumAlgorithm::Crc64nvme, Some(crc(ChecksumAlgorithm::Crc64nvme, BODY))).await
}

pub(super) async fn part_with_wrong_sha1_is_bad_digest(bucket: &TestBucket) -> Result<(), String> {
    check_algorithm(bucket, ChecksumAlgorithm::Sha1, None).await
}

pub(super) async fn part_with_wrong_sha256_is_bad_digest(bucket: &TestBucket) -> Result<(), String> {
    let right = Checksum::of_bytes(ChecksumAlgorithm::Sha256, &Sha256::digest(BODY));
    check_algorithm(bucket, ChecksumAlgorithm::Sha256, right).await
}

/// `Content-MD5` needs no algorithm at the creation of the upload.
pub(super) async fn part_with_wrong_md5_is_bad_digest(bucket: &TestBucket) -> Result<(), String> {
    check(bucket, None, "content-md5", None, "AAAAAAAAAAAAAAAAAAAAAA==").await
}
