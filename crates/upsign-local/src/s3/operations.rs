//! The S3 operations that an upload needs, and the lists by which people look at the result.
//!
//! For all others, the default methods of the trait [`S3`] answer 501.

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use axum::http::header::ETAG;
use axum::http::{HeaderMap, Method};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, Bucket, ChecksumType,
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectInput, DeleteObjectOutput, ETag,
    GetObjectInput, GetObjectOutput, GetObjectTaggingInput, GetObjectTaggingOutput, HeadBucketInput,
    HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListBucketsInput, ListBucketsOutput,
    ListMultipartUploadsInput, ListMultipartUploadsOutput, ListObjectsV2Input, ListObjectsV2Output,
    ListPartsInput, ListPartsOutput, PutObjectInput, PutObjectOutput, PutObjectTaggingInput,
    PutObjectTaggingOutput, StreamingBlob, Timestamp, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result, TrailingHeaders, s3_error};

use upsign_core::Region;

use super::input_checks::{check_key, maximum_size, precondition, reject_part_number, request_id};
use super::read_conditions::{CurrentObject, ReadConditions};
use super::{listing, upload_listing};
use crate::store::attributes::Attributes;
use crate::store::blobs::Content;
use crate::store::body::ExpectedBody;
use crate::store::checksum::ChecksumKind;
use crate::store::multipart::UploadName;
use crate::store::notification::{Cause, EventName};
use crate::store::object::{Record, Version};
use crate::store::{Remover, Store};

/// The implementation of the operations on a [`Store`].
#[derive(Debug)]
pub(super) struct Operations {
    pub(super) store: Arc<Store>,
    /// Maximum size of the body of one request, an object or a part, in bytes.
    pub(super) max_object_bytes: u64,
    /// Maximum size of an object from a multipart upload, in bytes.
    pub(super) max_multipart_bytes: u64,
    /// `http://127.0.0.1:PORT`, for `Location`.
    pub(super) base_url: String,
    pub(super) region: Region,
    /// When the server started: the creation date of its buckets.
    pub(super) started: SystemTime,
}

/// The URL of an object that a POST form stored, as an extension of the response.
///
/// The handler turns it into the `Location` header, unless the form requested a redirect.
#[derive(Clone, Debug)]
pub(super) struct Location(pub(super) String);

#[async_trait::async_trait]
impl S3 for Operations {
    /// Stores an object from a PUT request or a POST form.
    ///
    /// The response to a form has the headers `ETag` and `Location`
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>).
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let is_form = request.method == Method::POST;
        let location =
            format!("{}/{}/{}", self.base_url, request.input.bucket, encode_key(&request.input.key));
        let max_bytes = maximum_size(&request.uri)?.unwrap_or(u64::MAX).min(self.max_object_bytes);
        let id = request_id(&request.extensions);
        let name = if is_form { EventName::Post } else { EventName::Put };
        let (body, cause) = ((&request.headers, request.trailing_headers), Cause { name, request: &id });
        let output = self.put(body, request.input, max_bytes, cause).await?;
        if !is_form {
            return Ok(S3Response::new(output));
        }
        let mut headers = HeaderMap::new();
        if let Some(etag) = output.e_tag.as_ref().and_then(|etag| etag.to_http_header().ok()) {
            headers.insert(ETAG, etag);
        }
        let mut response = S3Response::with_headers(output, headers);
        response.extensions.insert(Location(location));
        Ok(response)
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        reject_part_number(input.part_number)?;
        self.store.require_bucket(&input.bucket)?;
        let version_id = input.version_id.as_deref();
        let (object, modified) = self.store.find(&input.bucket, &input.key, version_id).await?;
        let record = &object.record;
        ReadConditions::from_get(&input).check(&CurrentObject { etag: &record.etag, modified })?;
        let range = match input.range {
            Some(range) => range
                .check(record.bytes)
                .map_err(|_| s3_error!(InvalidRange, "The requested range is not satisfiable"))?,
            None => 0..record.bytes,
        };
        let length = range.end - range.start;
        // The checksums are those of the whole object and would mislead with a range.
        let is_whole = length == record.bytes;
        let with_checksums = input.checksum_mode.is_some_and(|mode| mode.as_str() == "ENABLED");
        let output = GetObjectOutput {
            content_length: i64::try_from(length).ok(),
            content_range: input.range.is_some().then(|| content_range(&range, record.bytes)),
            last_modified: Some(Timestamp::from(modified)),
            ..record.to_get_output(with_checksums && is_whole)
        };
        Ok(S3Response::new(GetObjectOutput { body: Some(StreamingBlob::wrap(object.read(range))), ..output }))
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        reject_part_number(input.part_number)?;
        self.store.require_bucket(&input.bucket)?;
        let version_id = input.version_id.as_deref();
        let (object, modified) = self.store.find(&input.bucket, &input.key, version_id).await?;
        let record = &object.record;
        ReadConditions::from_head(&input).check(&CurrentObject { etag: &record.etag, modified })?;
        let with_checksums = input.checksum_mode.is_some_and(|mode| mode.as_str() == "ENABLED");
        let output = HeadObjectOutput {
            content_length: i64::try_from(record.bytes).ok(),
            last_modified: Some(Timestamp::from(modified)),
            ..record.to_head_output(with_checksums)
        };
        Ok(S3Response::new(output))
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let id = request_id(&request.extensions);
        let input = request.input;
        self.store.require_bucket(&input.bucket)?;
        let precondition = precondition(None, input.if_match.as_ref())?;
        let (place, version_id) = ((&*input.bucket, &*input.key), input.version_id.as_deref());
        let removed = self.store.remove(place, version_id, &precondition, (Remover::Client, &id)).await?;
        Ok(S3Response::new(DeleteObjectOutput {
            delete_marker: removed.is_delete_marker.then_some(true),
            version_id: removed.version_id,
            ..Default::default()
        }))
    }

    async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        self.copy(request).await.map(S3Response::new)
    }

    async fn put_object_tagging(
        &self,
        request: S3Request<PutObjectTaggingInput>,
    ) -> S3Result<S3Response<PutObjectTaggingOutput>> {
        self.put_tags(request).await.map(S3Response::new)
    }

    async fn get_object_tagging(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> S3Result<S3Response<GetObjectTaggingOutput>> {
        self.tags(request.input).await.map(S3Response::new)
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        self.store.require_bucket(&input.bucket)?;
        let objects = self.store.list_modified(&input.bucket).await?;
        Ok(S3Response::new(listing::list(input, objects)))
    }

    async fn list_buckets(&self, _: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        let created = Timestamp::from(self.started);
        let bucket = |bucket: &upsign_core::Bucket| Bucket {
            name: Some(bucket.to_string()),
            creation_date: Some(created.clone()),
            ..Default::default()
        };
        let buckets = self.store.buckets().iter().map(bucket).collect();
        Ok(S3Response::new(ListBucketsOutput { buckets: Some(buckets), ..Default::default() }))
    }

    async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        self.store.require_bucket(&request.input.bucket)?;
        Ok(S3Response::new(HeadBucketOutput {
            bucket_region: Some(self.region.to_string()),
            ..Default::default()
        }))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        self.create_upload(request.input).map(S3Response::new)
    }

    async fn upload_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let S3Request { input, headers, trailing_headers, .. } = request;
        self.receive_part(input, &headers, trailing_headers).await.map(S3Response::new)
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        self.parts_page(request.input).await.map(S3Response::new)
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        self.store.require_bucket(&request.input.bucket)?;
        let uploads = self.store.uploads(&request.input.bucket);
        Ok(S3Response::new(upload_listing::list(request.input, uploads)))
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let id = request_id(&request.extensions);
        self.complete_upload(request.input, &id).await.map(S3Response::new)
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let input = request.input;
        self.store.require_bucket(&input.bucket)?;
        let name = UploadName { bucket: &input.bucket, key: &input.key, id: &input.upload_id };
        self.store.abort_upload(name).await?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }
}

impl Operations {
    /// Receives the body and stores the object, for PUT requests and POST forms.
    async fn put(
        &self,
        (headers, trailers): (&HeaderMap, Option<TrailingHeaders>),
        mut input: PutObjectInput,
        max_bytes: u64,
        cause: Cause<'_>,
    ) -> S3Result<PutObjectOutput> {
        self.store.require_bucket(&input.bucket)?;
        check_key(&input.key)?;
        let attributes = Attributes::from_put(&input, headers)?;
        let precondition = precondition(input.if_none_match.as_ref(), input.if_match.as_ref())?;
        let expected = ExpectedBody::from_put(&input, max_bytes);
        let received = self.store.receive(headers, input.body.take(), expected, trailers).await?;
        let etag = received.etag();
        let blob = self.store.add_blob(received.file, received.bytes)?;
        let record = Record {
            etag,
            bucket: input.bucket,
            key: input.key,
            content: Content::Single(blob.blob().number),
            bytes: received.bytes,
            attributes,
            checksums: received.checksums,
            checksum_kind: ChecksumKind::FullObject,
            version: Version::default(),
        };
        let checksums = record.checksums.clone();
        let output = PutObjectOutput {
            e_tag: Some(ETag::Strong(record.etag.clone())),
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            checksum_type: Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
            server_side_encryption: input.server_side_encryption,
            ssekms_key_id: input.ssekms_key_id,
            ssekms_encryption_context: input.ssekms_encryption_context,
            bucket_key_enabled: input.bucket_key_enabled,
            ..Default::default()
        };
        let stored = self.store.commit(record, &precondition, cause).await?;
        blob.keep();
        Ok(PutObjectOutput { version_id: stored.record.version.id.clone(), ..output })
    }
}

/// Returns the value of `Content-Range`.
fn content_range(range: &Range<u64>, total: u64) -> String {
    format!("bytes {}-{}/{total}", range.start, range.end.saturating_sub(1))
}

/// Returns the key in the encoding of a URL.
pub(super) fn encode_key(key: &str) -> String {
    super::signature::uri_encoding::encode(key.as_bytes())
}
