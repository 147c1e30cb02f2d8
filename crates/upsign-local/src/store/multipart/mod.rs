//! Multipart uploads in progress.
//!
//! They exist only in memory, and their parts are blobs that no record names, so a restart discards them. Completing an
//! upload writes a record that names the blobs of the parts: nothing is copied.

mod part;
mod selection;
mod upload_checksum;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::SystemTime;

use s3s::crypto::{Checksum as _, Md5, Sha256};
use s3s::dto::CompletedPart;
use s3s::{S3Error, S3Result, s3_error};
use tokio::sync::Mutex;

pub(crate) use part::Part;
pub(crate) use upload_checksum::UploadChecksum;

use super::Store;
use super::attributes::Attributes;
use super::blobs::{Content, IndexedObject};
use super::body::ReceivedBody;
use super::checksum::Checksums;
use super::notification::{Cause, EventName, RequestId};
use super::object::{Record, Version};
use super::precondition::Precondition;
use crate::hex::hex;

/// Maximum size of a part in bytes: 5 GiB.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
pub(crate) const MAX_PART: u64 = 5 * 1024 * 1024 * 1024;

/// The uploads in progress, by upload id.
pub(super) type MultipartUploads = BTreeMap<String, Arc<MultipartUpload>>;

/// Bucket, key and id of an upload, as a request names them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UploadName<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    pub(crate) id: &'a str,
}

/// An upload in progress.
#[derive(Debug)]
pub(crate) struct MultipartUpload {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) initiated: SystemTime,
    /// Greater than that of every upload that was started earlier.
    number: u64,
    pub(crate) checksum: UploadChecksum,
    attributes: Attributes,
    /// The parts that were received until now, by their numbers; `None` after the upload was completed or aborted.
    ///
    /// A request that changes them holds this lock. It is acquired before the lock of the index, never after it.
    parts: Mutex<Option<Parts>>,
}

type Parts = BTreeMap<i32, Part>;

/// What a request to complete an upload demands.
#[derive(Debug)]
pub(crate) struct CompletionRequest {
    pub(crate) parts: Vec<CompletedPart>,
    pub(crate) precondition: Precondition,
    /// The value of `x-amz-mp-object-size`.
    pub(crate) object_size: Option<i64>,
    /// The checksums of the object.
    pub(crate) checksums: Checksums,
    /// The value of `x-amz-checksum-type`.
    pub(crate) checksum_type: Option<String>,
    /// Maximum size of the object in bytes.
    pub(crate) max_bytes: u64,
}

impl Store {
    /// Starts an upload and returns its id.
    pub(crate) fn create_upload(
        &self,
        (bucket, key): (&str, &str),
        attributes: Attributes,
        checksum: UploadChecksum,
        initiated: SystemTime,
    ) -> String {
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        let id = hex(&Sha256::checksum(format!("{number}/{bucket}/{key}").as_bytes()));
        let upload = MultipartUpload {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            initiated,
            number,
            checksum,
            attributes,
            parts: Mutex::new(Some(Parts::new())),
        };
        self.with_uploads(|uploads| uploads.insert(id.clone(), Arc::new(upload)));
        id
    }

    /// Returns the upload.
    ///
    /// # Errors
    /// `NoSuchUpload` if no upload with this id is in progress for this bucket and key.
    pub(crate) fn upload(&self, name: UploadName<'_>) -> S3Result<Arc<MultipartUpload>> {
        let upload = self.with_uploads(|uploads| uploads.get(name.id).cloned());
        upload
            .filter(|upload| upload.bucket == name.bucket && upload.key == name.key)
            .ok_or_else(no_such_upload)
    }

    /// Returns the uploads in progress of a bucket with their ids, by key and then in the order of their start.
    pub(crate) fn uploads(&self, bucket: &str) -> Vec<(String, Arc<MultipartUpload>)> {
        let mut found = self.with_uploads(|uploads| {
            let of_bucket = uploads.iter().filter(|(_, upload)| upload.bucket == bucket);
            of_bucket.map(|(id, upload)| (id.clone(), Arc::clone(upload))).collect::<Vec<_>>()
        });
        found.sort_by(|(_, one), (_, other)| (&one.key, one.number).cmp(&(&other.key, other.number)));
        found
    }

    /// Adds a part. It replaces an earlier part with the same number, as on S3.
    pub(crate) async fn add_part(
        &self,
        upload: &MultipartUpload,
        number: i32,
        received: ReceivedBody,
    ) -> S3Result<()> {
        let ReceivedBody { file, bytes, md5, checksums } = received;
        let blob = self.add_blob(file, bytes)?;
        let mut parts = upload.parts.lock().await;
        let parts = parts.as_mut().ok_or_else(no_such_upload)?;
        parts.insert(number, Part { blob, md5, checksums });
        Ok(())
    }

    /// Discards an upload and its parts.
    pub(crate) async fn abort_upload(&self, name: UploadName<'_>) -> S3Result<()> {
        let upload = self.upload(name)?;
        upload.parts.lock().await.take().ok_or_else(no_such_upload)?;
        self.with_uploads(|uploads| uploads.remove(name.id));
        Ok(())
    }

    /// Stores the concatenation of the listed parts as an object.
    ///
    /// If this fails, for example because of the precondition, the upload stays in progress and the client can retry.
    pub(crate) async fn complete_upload(
        &self,
        name: UploadName<'_>,
        request: &CompletionRequest,
        id: &RequestId,
    ) -> S3Result<Arc<IndexedObject>> {
        let upload = self.upload(name)?;
        let mut state = upload.parts.lock().await;
        let parts = state.as_ref().ok_or_else(no_such_upload)?;
        let record = upload.review(parts, request)?;
        let cause = Cause { name: EventName::CompleteMultipartUpload, request: id };
        let object = self.commit(record, &request.precondition, cause).await?;
        // Nothing is awaited from here on, so that a client that disconnects cannot leave blobs behind that both the
        // record and a part own.
        let listed = request.parts.iter().filter_map(|entry| entry.part_number);
        let mut parts = state.take().unwrap_or_default();
        listed.filter_map(|number| parts.remove(&number)).for_each(|part| part.blob.keep());
        drop(state);
        self.with_uploads(|uploads| uploads.remove(name.id));
        Ok(object)
    }

    /// The map of the uploads is locked for a moment only; nothing is read, written or awaited meanwhile.
    fn with_uploads<T>(&self, access: impl FnOnce(&mut MultipartUploads) -> T) -> T {
        access(&mut self.uploads.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl MultipartUpload {
    /// Calls `read` with the parts received until now, by part number.
    pub(crate) async fn with_parts<T>(&self, read: impl FnOnce(&BTreeMap<i32, Part>) -> T) -> S3Result<T> {
        self.parts.lock().await.as_ref().map(read).ok_or_else(no_such_upload)
    }

    /// Returns the record of the object that a request to complete this upload stores, or the error of S3.
    fn review(&self, parts: &Parts, request: &CompletionRequest) -> S3Result<Record> {
        let selected = selection::select(parts, &request.parts)?;
        let bytes: u64 = selected.iter().map(|part| part.bytes()).sum();
        selection::check_size(bytes, request)?;
        let checksums = self.checksum.review(&selected, request)?;
        let digests: Vec<u8> = selected.iter().flat_map(|part| part.md5).collect();
        Ok(Record {
            bucket: self.bucket.clone(),
            key: self.key.clone(),
            content: Content::Parts(selected.iter().map(|part| part.blob.blob()).collect()),
            bytes,
            etag: format!("{}-{}", hex(&Md5::checksum(&digests)), selected.len()),
            attributes: self.attributes.clone(),
            checksums,
            checksum_kind: self.checksum.kind,
            version: Version::default(),
        })
    }
}

fn no_such_upload() -> S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or \
         completed."
    )
}
