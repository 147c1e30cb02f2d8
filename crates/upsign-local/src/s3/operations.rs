//! The S3 operations that an upload needs, and the lists by which people look at the result.
//!
//! For all others, the default methods of the trait [`S3`] answer 501.

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use axum::http::header::ETAG;
use axum::http::{HeaderMap, Method};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, Bucket, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
    DeleteObjectInput, DeleteObjectOutput, ETag, GetObjectInput, GetObjectOutput, HeadBucketInput,
    HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListBucketsInput, ListBucketsOutput,
    ListObjectsV2Input, ListObjectsV2Output, ListPartsInput, ListPartsOutput, Part, PutObjectInput,
    PutObjectOutput, StreamingBlob, Timestamp, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, TrailingHeaders, s3_error};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use upsign_core::Region;

use super::input_checks::{check_key, maximum_size, precondition, reject_part_number, reject_version_id};
use super::listing;
use super::read_conditions::{CurrentObject, ReadConditions};
use crate::store::body::ExpectedBody;
use crate::store::object::{Attributes, Record};
use crate::store::{Store, internal_error};

/// The implementation of the operations on a [`Store`].
#[derive(Debug)]
pub(super) struct Operations {
    pub(super) store: Arc<Store>,
    /// Maximum size of an object or a part, in bytes.
    pub(super) max_object_bytes: u64,
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
        let output = self.put(&request.headers, request.input, max_bytes, request.trailing_headers).await?;
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
        reject_version_id(input.version_id.as_deref())?;
        reject_part_number(input.part_number)?;
        self.store.require_bucket(&input.bucket)?;
        let (record, mut file, modified) =
            self.store.open_object(&input.bucket, &input.key).await?.ok_or_else(no_such_key)?;
        ReadConditions::from_get(&input).check(&CurrentObject { etag: &record.etag, modified })?;
        let range = match input.range {
            Some(range) => range
                .check(record.bytes)
                .map_err(|_| s3_error!(InvalidRange, "The requested range is not satisfiable"))?,
            None => 0..record.bytes,
        };
        if range.start > 0 {
            file.seek(std::io::SeekFrom::Start(range.start)).await.map_err(internal_error)?;
        }
        let length = range.end - range.start;
        // The checksums are those of the whole object and would mislead with a range.
        let is_whole = length == record.bytes;
        let with_checksums = input.checksum_mode.is_some_and(|mode| mode.as_str() == "ENABLED");
        let output = GetObjectOutput {
            body: Some(StreamingBlob::wrap(ReaderStream::with_capacity(file.take(length), 64 * 1024))),
            content_length: i64::try_from(length).ok(),
            content_range: input.range.is_some().then(|| content_range(&range, record.bytes)),
            last_modified: Some(Timestamp::from(modified)),
            ..record.to_get_output(with_checksums && is_whole)
        };
        Ok(S3Response::new(output))
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        reject_version_id(input.version_id.as_deref())?;
        reject_part_number(input.part_number)?;
        self.store.require_bucket(&input.bucket)?;
        let (record, modified) = self.find(&input.bucket, &input.key).await?;
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
        let input = request.input;
        reject_version_id(input.version_id.as_deref())?;
        self.store.require_bucket(&input.bucket)?;
        self.store.remove(&input.bucket, &input.key).await?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
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
        let bucket = |name: &str| Bucket {
            name: Some(name.to_owned()),
            creation_date: Some(created.clone()),
            ..Default::default()
        };
        let buckets = self.store.buckets().map(bucket).collect();
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
        let input = request.input;
        self.store.require_bucket(&input.bucket)?;
        let attributes = Attributes::from_create(&input)?;
        let id = self.store.create_upload(&input.bucket, &input.key, attributes).await;
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            server_side_encryption: input.server_side_encryption,
            checksum_algorithm: input.checksum_algorithm,
            ..Default::default()
        }))
    }

    async fn upload_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let mut input = request.input;
        self.store.require_bucket(&input.bucket)?;
        if !(1..=10_000).contains(&input.part_number) {
            return Err(s3_error!(
                InvalidArgument,
                "Part number must be an integer between 1 and 10000, inclusive"
            ));
        }
        // Checked first, so that the body of a part without an upload is not stored. `add_part` checks again, because
        // the upload may be aborted or completed in the meantime.
        self.store.require_upload(&input.bucket, &input.key, &input.upload_id).await?;
        let expected = ExpectedBody::from_part(&input, self.max_object_bytes);
        let received = self
            .store
            .receive(&request.headers, input.body.take(), expected, request.trailing_headers)
            .await?;
        let (etag, checksums) = (received.etag(), received.checksums.clone());
        let upload = (input.bucket.as_str(), input.key.as_str(), input.upload_id.as_str());
        self.store.add_part(upload, input.part_number, received).await?;
        Ok(S3Response::new(UploadPartOutput {
            e_tag: Some(ETag::Strong(etag)),
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            ..Default::default()
        }))
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        let input = request.input;
        self.store.require_bucket(&input.bucket)?;
        let upload = (input.bucket.as_str(), input.key.as_str(), input.upload_id.as_str());
        let marker =
            input.part_number_marker.as_ref().and_then(|marker| marker.to_string().parse().ok()).unwrap_or(0);
        let max = input.max_parts.unwrap_or(1_000).clamp(0, 1_000);
        let page_size = usize::try_from(max).unwrap_or_default();
        let (parts, is_truncated) = self
            .store
            .with_parts(upload, |parts| {
                let after = || parts.iter().filter(|(number, _)| **number > marker);
                let page: Vec<Part> =
                    after().take(page_size).map(|(number, part)| part.to_list_entry(*number)).collect();
                (page, after().count() > page_size)
            })
            .await?;
        Ok(S3Response::new(ListPartsOutput {
            is_truncated: Some(is_truncated),
            next_part_number_marker: parts.last().and_then(|part| part.part_number),
            parts: Some(parts),
            max_parts: Some(max),
            part_number_marker: input.part_number_marker,
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            ..Default::default()
        }))
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = request.input;
        self.store.require_bucket(&input.bucket)?;
        let precondition = precondition(input.if_none_match.as_ref(), input.if_match.as_ref())?;
        let parts = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
        let upload = (input.bucket.as_str(), input.key.as_str(), input.upload_id.as_str());
        let record = self.store.complete_upload(upload, &parts, &precondition).await?;
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            location: Some(format!("{}/{}/{}", self.base_url, input.bucket, encode_key(&input.key))),
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(ETag::Strong(record.etag)),
            ..Default::default()
        }))
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let input = request.input;
        self.store.require_bucket(&input.bucket)?;
        self.store.abort_upload((&input.bucket, &input.key, &input.upload_id)).await?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }
}

impl Operations {
    /// Receives the body and stores the object, for PUT requests and POST forms.
    async fn put(
        &self,
        headers: &HeaderMap,
        mut input: PutObjectInput,
        max_bytes: u64,
        trailers: Option<TrailingHeaders>,
    ) -> S3Result<PutObjectOutput> {
        self.store.require_bucket(&input.bucket)?;
        check_key(&input.key)?;
        let attributes = Attributes::from_put(&input, headers)?;
        let precondition = precondition(input.if_none_match.as_ref(), input.if_match.as_ref())?;
        let expected = ExpectedBody::from_put(&input, max_bytes);
        let received = self.store.receive(headers, input.body.take(), expected, trailers).await?;
        let record = Record {
            etag: received.etag(),
            bucket: input.bucket,
            key: input.key,
            blob: 0,
            bytes: received.bytes,
            attributes,
            checksums: received.checksums,
        };
        let checksums = record.checksums.clone();
        let output = PutObjectOutput {
            e_tag: Some(ETag::Strong(record.etag.clone())),
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            server_side_encryption: input.server_side_encryption,
            ssekms_key_id: input.ssekms_key_id,
            ssekms_encryption_context: input.ssekms_encryption_context,
            bucket_key_enabled: input.bucket_key_enabled,
            ..Default::default()
        };
        self.store.commit(record, received.file, &precondition).await?;
        Ok(output)
    }

    async fn find(&self, bucket: &str, key: &str) -> S3Result<(Arc<Record>, SystemTime)> {
        self.store.find(bucket, key).await?.ok_or_else(no_such_key)
    }
}

fn no_such_key() -> S3Error {
    S3Error::with_message(S3ErrorCode::NoSuchKey, "The specified key does not exist.")
}

/// Returns the value of `Content-Range`.
fn content_range(range: &Range<u64>, total: u64) -> String {
    format!("bytes {}-{}/{total}", range.start, range.end.saturating_sub(1))
}

/// Returns the key in the encoding of a URL.
fn encode_key(key: &str) -> String {
    super::signature::uri_encoding::encode(key.as_bytes())
}
