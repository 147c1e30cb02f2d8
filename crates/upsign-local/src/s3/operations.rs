//! The calls an upload needs. Every other one is answered 501 by the trait's own defaults.

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use axum::http::header::ETAG;
use axum::http::{HeaderMap, Method};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
    DeleteObjectInput, DeleteObjectOutput, ETag, GetObjectInput, GetObjectOutput, HeadObjectInput,
    HeadObjectOutput, ListPartsInput, ListPartsOutput, Part, PutObjectInput, PutObjectOutput, StreamingBlob,
    Timestamp, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, TrailingHeaders, s3_error};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::arguments::{check_key, precondition, refuse_part_numbers, refuse_versions};
use super::conditions::{Conditions, Standing};
use crate::store::{Attributes, Expected, Record, Store, internal};

/// The operations on a [`Store`].
#[derive(Debug)]
pub(super) struct Operations {
    pub(super) store: Arc<Store>,
    pub(super) max_object_bytes: u64,
    pub(super) base_url: String,
}

/// Where a POST form's object is, in the extensions of the answer: `Location`, unless the form asked for a redirect.
#[derive(Clone, Debug)]
pub(super) struct Location(pub(super) String);

#[async_trait::async_trait]
impl S3 for Operations {
    /// A POST form comes here too. Its answer carries `ETag` and `Location`
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>).
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let form = request.method == Method::POST;
        let location = format!("{}/{}/{}", self.base_url, request.input.bucket, encoded(&request.input.key));
        let output = self.put(request.input, request.trailing_headers).await?;
        if !form {
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
        refuse_versions(input.version_id.as_deref())?;
        refuse_part_numbers(input.part_number)?;
        self.store.require_bucket(&input.bucket)?;
        let (record, mut file, modified) =
            self.store.open_object(&input.bucket, &input.key).await?.ok_or_else(no_such_key)?;
        Conditions::of_get(&input).check(&Standing { etag: &record.etag, modified })?;
        let wanted = match input.range {
            Some(range) => range
                .check(record.bytes)
                .map_err(|_| s3_error!(InvalidRange, "The requested range is not satisfiable"))?,
            None => 0..record.bytes,
        };
        if wanted.start > 0 {
            file.seek(std::io::SeekFrom::Start(wanted.start)).await.map_err(internal)?;
        }
        let length = wanted.end - wanted.start;
        let whole = length == record.bytes;
        let asked = input.checksum_mode.is_some_and(|mode| mode.as_str() == "ENABLED");
        let output = GetObjectOutput {
            body: Some(StreamingBlob::wrap(ReaderStream::with_capacity(file.take(length), 64 * 1024))),
            content_length: i64::try_from(length).ok(),
            content_range: input.range.is_some().then(|| content_range(&wanted, record.bytes)),
            last_modified: Some(Timestamp::from(modified)),
            ..record.describe_get(asked && whole)
        };
        Ok(S3Response::new(output))
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        refuse_versions(input.version_id.as_deref())?;
        refuse_part_numbers(input.part_number)?;
        self.store.require_bucket(&input.bucket)?;
        let (record, modified) = self.find(&input.bucket, &input.key).await?;
        Conditions::of_head(&input).check(&Standing { etag: &record.etag, modified })?;
        let asked = input.checksum_mode.is_some_and(|mode| mode.as_str() == "ENABLED");
        let output = HeadObjectOutput {
            content_length: i64::try_from(record.bytes).ok(),
            last_modified: Some(Timestamp::from(modified)),
            ..record.describe_head(asked)
        };
        Ok(S3Response::new(output))
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let input = request.input;
        refuse_versions(input.version_id.as_deref())?;
        self.store.require_bucket(&input.bucket)?;
        self.store.remove(&input.bucket, &input.key).await?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = request.input;
        self.store.require_bucket(&input.bucket)?;
        let attributes = Attributes::of_multipart(&input)?;
        let id = self.store.begin(&input.bucket, &input.key, attributes).await;
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
        self.store.require_upload(&input.bucket, &input.key, &input.upload_id).await?;
        let expected = Expected::of_part(&input, self.max_object_bytes);
        let received = self.store.receive(input.body.take(), expected, request.trailing_headers).await?;
        let (etag, checksums) = (received.etag(), received.checksums.clone());
        let at = (input.bucket.as_str(), input.key.as_str(), input.upload_id.as_str());
        self.store.add_part(at, input.part_number, received).await?;
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
        let at = (input.bucket.as_str(), input.key.as_str(), input.upload_id.as_str());
        let marker =
            input.part_number_marker.as_ref().and_then(|marker| marker.to_string().parse().ok()).unwrap_or(0);
        let max = input.max_parts.unwrap_or(1_000).clamp(0, 1_000);
        let room = usize::try_from(max).unwrap_or_default();
        let (parts, more) = self
            .store
            .with_parts(at, |parts| {
                let after = || parts.iter().filter(|(number, _)| **number > marker);
                let page: Vec<Part> =
                    after().take(room).map(|(number, part)| listed(*number, part)).collect();
                (page, after().count() > room)
            })
            .await?;
        Ok(S3Response::new(ListPartsOutput {
            is_truncated: Some(more),
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
        let at = (input.bucket.as_str(), input.key.as_str(), input.upload_id.as_str());
        let record = self.store.complete(at, &parts, &precondition).await?;
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            location: Some(format!("{}/{}/{}", self.base_url, input.bucket, encoded(&input.key))),
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
        self.store.abort((&input.bucket, &input.key, &input.upload_id)).await?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }
}

impl Operations {
    async fn put(
        &self,
        mut input: PutObjectInput,
        trailers: Option<TrailingHeaders>,
    ) -> S3Result<PutObjectOutput> {
        self.store.require_bucket(&input.bucket)?;
        check_key(&input.key)?;
        let attributes = Attributes::of_put(&input)?;
        let precondition = precondition(input.if_none_match.as_ref(), input.if_match.as_ref())?;
        let expected = Expected::of_put(&input, self.max_object_bytes);
        let received = self.store.receive(input.body.take(), expected, trailers).await?;
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

fn listed(number: i32, part: &crate::store::Part) -> Part {
    Part {
        part_number: Some(number),
        e_tag: Some(ETag::Strong(part.etag())),
        size: i64::try_from(part.bytes).ok(),
        checksum_crc32: part.checksums.crc32.clone(),
        checksum_crc32c: part.checksums.crc32c.clone(),
        checksum_crc64nvme: part.checksums.crc64nvme.clone(),
        checksum_sha1: part.checksums.sha1.clone(),
        checksum_sha256: part.checksums.sha256.clone(),
        ..Default::default()
    }
}

fn no_such_key() -> S3Error {
    S3Error::with_message(S3ErrorCode::NoSuchKey, "The specified key does not exist.")
}

fn content_range(wanted: &Range<u64>, of: u64) -> String {
    format!("bytes {}-{}/{of}", wanted.start, wanted.end.saturating_sub(1))
}

/// The key as it stands in a URL.
fn encoded(key: &str) -> String {
    super::path::encode(key.as_bytes())
}
