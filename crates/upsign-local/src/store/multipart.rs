//! Multipart uploads in progress.
//!
//! They exist only in memory and in `incoming`, so a restart discards them.

use std::collections::BTreeMap;
use std::io::{Read, Seek, Write};
use std::sync::atomic::Ordering;

use s3s::crypto::{Checksum as _, Md5, Sha256};
use s3s::dto::{self, CompletedPart, ETag};
use s3s::{S3Result, s3_error};
use tempfile::NamedTempFile;

use super::body::ReceivedBody;
use super::object::{Attributes, Checksums, Record};
use super::precondition::Precondition;
use super::{Store, internal_error};
use crate::hex::hex;

/// Minimum size of every part except the last, in bytes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
const MIN_PART: u64 = 5 * 1024 * 1024;

/// The uploads in progress, by upload id.
pub(super) type MultipartUploads = BTreeMap<String, MultipartUpload>;

/// An upload in progress: its destination, its headers, and the parts received until now.
#[derive(Debug)]
pub(super) struct MultipartUpload {
    bucket: String,
    key: String,
    attributes: Attributes,
    parts: BTreeMap<i32, Part>,
}

/// A part that was received completely. Dropping it removes its file.
#[derive(Debug)]
pub(crate) struct Part {
    file: NamedTempFile,
    bytes: u64,
    md5: [u8; 16],
    checksums: Checksums,
}

impl Part {
    /// Returns the ETag of the part: the MD5 of its content in hex.
    pub(crate) fn etag(&self) -> String {
        hex(&self.md5)
    }

    /// Returns the entry of the part in the response to ListParts.
    pub(crate) fn to_list_entry(&self, number: i32) -> dto::Part {
        dto::Part {
            part_number: Some(number),
            e_tag: Some(ETag::Strong(self.etag())),
            size: i64::try_from(self.bytes).ok(),
            checksum_crc32: self.checksums.crc32.clone(),
            checksum_crc32c: self.checksums.crc32c.clone(),
            checksum_crc64nvme: self.checksums.crc64nvme.clone(),
            checksum_sha1: self.checksums.sha1.clone(),
            checksum_sha256: self.checksums.sha256.clone(),
            ..Default::default()
        }
    }
}

impl Store {
    /// Starts an upload and returns its id.
    pub(crate) async fn create_upload(&self, bucket: &str, key: &str, attributes: Attributes) -> String {
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        let id = hex(&Sha256::checksum(format!("{number}/{bucket}/{key}").as_bytes()));
        let upload = MultipartUpload {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            attributes,
            parts: BTreeMap::new(),
        };
        self.uploads.lock().await.insert(id.clone(), upload);
        id
    }

    /// Returns `NoSuchUpload` unless the upload is in progress for this bucket and key.
    pub(crate) async fn require_upload(&self, bucket: &str, key: &str, id: &str) -> S3Result<()> {
        find(&mut *self.uploads.lock().await, bucket, key, id).map(|_| ())
    }

    /// Adds a part. It replaces an earlier part with the same number, as on S3.
    pub(crate) async fn add_part(
        &self,
        (bucket, key, id): (&str, &str, &str),
        number: i32,
        received: ReceivedBody,
    ) -> S3Result<()> {
        let mut uploads = self.uploads.lock().await;
        let upload = find(&mut uploads, bucket, key, id)?;
        let ReceivedBody { file, bytes, md5, checksums } = received;
        upload.parts.insert(number, Part { file, bytes, md5, checksums });
        Ok(())
    }

    /// Calls `read` with the parts received until now, by part number.
    pub(crate) async fn with_parts<T>(
        &self,
        (bucket, key, id): (&str, &str, &str),
        read: impl FnOnce(&BTreeMap<i32, Part>) -> T,
    ) -> S3Result<T> {
        let mut uploads = self.uploads.lock().await;
        find(&mut uploads, bucket, key, id).map(|upload| read(&upload.parts))
    }

    /// Discards an upload and its parts.
    pub(crate) async fn abort_upload(&self, (bucket, key, id): (&str, &str, &str)) -> S3Result<()> {
        let mut uploads = self.uploads.lock().await;
        find(&mut uploads, bucket, key, id)?;
        uploads.remove(id);
        Ok(())
    }

    /// Stores the concatenation of the listed parts as an object.
    ///
    /// If this fails, for example because of the precondition, the upload stays in progress and the client can retry.
    /// The lock of the uploads is held meanwhile, so that no part can be replaced while it is being copied. It is
    /// acquired before the lock of the index, never after it.
    pub(crate) async fn complete_upload(
        &self,
        (bucket, key, id): (&str, &str, &str),
        listed: &[CompletedPart],
        precondition: &Precondition,
    ) -> S3Result<Record> {
        let mut uploads = self.uploads.lock().await;
        let upload = find(&mut uploads, bucket, key, id)?;
        let parts = select_parts(&upload.parts, listed)?;
        let (file, bytes) = self.concatenate(&parts)?;
        let digests: Vec<u8> = parts.iter().flat_map(|part| part.md5).collect();
        let etag = format!("{}-{}", hex(&Md5::checksum(&digests)), parts.len());
        let record = Record {
            bucket: upload.bucket.clone(),
            key: upload.key.clone(),
            blob: 0,
            bytes,
            etag,
            attributes: upload.attributes.clone(),
            checksums: Checksums::default(),
        };
        self.commit(record.clone(), file, precondition).await?;
        uploads.remove(id);
        Ok(record)
    }

    /// Copies the parts into one new file and returns it with its size.
    fn concatenate(&self, parts: &[&Part]) -> S3Result<(NamedTempFile, u64)> {
        let mut whole = self.new_incoming_file().map_err(internal_error)?;
        let mut bytes = 0;
        for part in parts {
            let mut file = part.file.as_file();
            file.rewind().map_err(internal_error)?;
            let mut content = file.take(part.bytes);
            bytes += std::io::copy(&mut content, &mut whole).map_err(internal_error)?;
        }
        whole.flush().map_err(internal_error)?;
        Ok((whole, bytes))
    }
}

/// Returns the upload with this id, if it belongs to this bucket and key.
fn find<'a>(
    uploads: &'a mut MultipartUploads,
    bucket: &str,
    key: &str,
    id: &str,
) -> S3Result<&'a mut MultipartUpload> {
    let upload = uploads.get_mut(id).filter(|upload| upload.bucket == bucket && upload.key == key);
    upload.ok_or_else(|| {
        s3_error!(
            NoSuchUpload,
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted \
             or completed."
        )
    })
}

/// Returns the listed parts in order, or the error of S3 if the list is invalid.
///
/// Source: the errors in <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>.
fn select_parts<'a>(parts: &'a BTreeMap<i32, Part>, listed: &[CompletedPart]) -> S3Result<Vec<&'a Part>> {
    if listed.is_empty() {
        return Err(s3_error!(MalformedXML, "The XML you provided was not well-formed or did not validate"));
    }
    if !listed.is_sorted_by(|a, b| a.part_number < b.part_number) {
        return Err(s3_error!(
            InvalidPartOrder,
            "The list of parts was not in ascending order. Parts must be ordered by part number."
        ));
    }
    let invalid = || {
        s3_error!(
            InvalidPart,
            "One or more of the specified parts could not be found. The part may not have been uploaded, or the \
             specified entity tag may not match the part's entity tag."
        )
    };
    let selected = listed.iter().map(|entry| {
        let part = entry.part_number.and_then(|number| parts.get(&number));
        let etag_matches = |part: &&Part| entry.e_tag.as_ref().map(ETag::value) == Some(part.etag().as_str());
        part.filter(etag_matches).ok_or_else(invalid)
    });
    let selected = selected.collect::<S3Result<Vec<_>>>()?;
    let (_last, others) = selected.split_last().ok_or_else(invalid)?;
    if others.iter().any(|part| part.bytes < MIN_PART) {
        return Err(s3_error!(
            EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed size"
        ));
    }
    Ok(selected)
}
