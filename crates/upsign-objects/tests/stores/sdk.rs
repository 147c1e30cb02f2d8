//! The calls made by the AWS SDK.

use aws_sdk_s3::config::{BehaviorVersion, Credentials as AwsCredentials, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{
    BucketVersioningStatus, ChecksumMode, ChecksumType as AwsChecksumType, CompletedMultipartUpload,
    CompletedPart as AwsPart, Tag, Tagging, VersioningConfiguration,
};
use aws_sdk_s3::{Client, Config};
use upsign_core::{Bucket, Credentials, PartNumber, SignedHeaders, Timestamp, UploadId, async_trait};
use upsign_objects::*;

#[derive(Debug)]
pub(crate) struct SdkCalls {
    client: Client,
    bucket: Bucket,
}

pub(crate) fn client(endpoint: &str, credentials: &Credentials) -> Client {
    let (id, secret) = (credentials.access_key_id(), credentials.secret_access_key());
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .credentials_provider(AwsCredentials::new(id, secret, None, None, "tests"));
    Client::from_conf(config.build())
}

/// Creates a bucket with versioning.
pub(crate) async fn create_versioned_bucket(client: &Client, bucket: &Bucket) {
    client.create_bucket().bucket(bucket.as_str()).send().await.unwrap();
    let versioning = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    let call = client.put_bucket_versioning().bucket(bucket.as_str());
    call.versioning_configuration(versioning).send().await.unwrap();
}

impl SdkCalls {
    pub(crate) const fn new(client: Client, bucket: Bucket) -> Self {
        Self { client, bucket }
    }
}

type HttpAnswer = aws_sdk_s3::config::http::HttpResponse;

/// Converts an error of the SDK to what `HttpObjects` reports.
fn failed<E: ProvideErrorMetadata>(
    operation: &'static str,
) -> impl Fn(SdkError<E, HttpAnswer>) -> ObjectError {
    move |error| {
        let Some(answer) = error.raw_response() else { panic!("{operation}: no answer") };
        let store = StoreError::new(answer.status().as_u16());
        // For an answer to HEAD, the SDK derives a code from the status.
        let code = error.code().filter(|_| operation != "HeadObject");
        let store = code.map_or(store.clone(), |code| store.with_code(code));
        ObjectError::new(operation, CallFailure::Store(store))
    }
}

fn etag(text: Option<&str>) -> ETag {
    text.unwrap().parse().unwrap()
}

fn version(text: Option<&str>) -> Option<VersionId> {
    text.and_then(|text| text.parse().ok())
}

/// Adds the headers of a call to a request of the SDK, before it signs.
macro_rules! with_headers {
    ($operation:expr, $headers:expr) => {{
        let headers: SignedHeaders = $headers.clone();
        $operation.customize().mutate_request(move |request| {
            for (name, value) in headers.iter() {
                request.headers_mut().insert(name.to_owned(), value.to_owned());
            }
        })
    }};
}

fn found(
    algorithm: ChecksumAlgorithm,
    crc32: Option<&str>,
    crc64nvme: Option<&str>,
    sha256: Option<&str>,
) -> Option<String> {
    match algorithm {
        ChecksumAlgorithm::Crc32 => crc32,
        ChecksumAlgorithm::Crc64nvme => crc64nvme,
        ChecksumAlgorithm::Sha256 => sha256,
        _ => None,
    }
    .map(str::to_owned)
}

fn checksums(find: impl Fn(ChecksumAlgorithm) -> Option<String>) -> Vec<Checksum> {
    let read = |algorithm| Checksum::parse(algorithm, &find(algorithm)?).ok();
    ChecksumAlgorithm::ALL.into_iter().filter_map(read).collect()
}

#[async_trait]
impl ObjectCalls for SdkCalls {
    async fn head_object(&self, call: &HeadObject, _: Timestamp) -> Result<ObjectHead, ObjectError> {
        let request = self.client.head_object().bucket(self.bucket.as_str()).key(call.key().as_str());
        let request = request
            .set_version_id(call.version_id().map(ToString::to_string))
            .set_if_match(call.if_match().map(ETag::quoted))
            .checksum_mode(ChecksumMode::Enabled);
        let answer = request.send().await.map_err(failed("HeadObject"))?;
        let size = answer.content_length().unwrap().try_into().unwrap();
        let mut head = ObjectHead::new(size, etag(answer.e_tag()));
        head.version_id = version(answer.version_id());
        head.content_type = answer.content_type().map(Into::into);
        head.checksums = checksums(|algorithm| {
            found(algorithm, answer.checksum_crc32(), answer.checksum_crc64_nvme(), answer.checksum_sha256())
        });
        let metadata = answer.metadata().unwrap().iter();
        head.metadata = metadata.map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect();
        Ok(head)
    }

    async fn get_object(&self, call: &GetObject, _: Timestamp) -> Result<ObjectRange, ObjectError> {
        let request = self.client.get_object().bucket(self.bucket.as_str()).key(call.key().as_str());
        let last = call.offset() + call.len() as u64 - 1;
        let request = request
            .set_version_id(call.version_id().map(ToString::to_string))
            .set_if_match(call.if_match().map(ETag::quoted))
            .range(format!("bytes={}-{last}", call.offset()));
        let answer = request.send().await.map_err(failed("GetObject"))?;
        let whole = || ObjectError::new("GetObject", CallFailure::Answer(InvalidAnswer::Range));
        let range = answer.content_range().ok_or_else(whole)?;
        let size = range.split_once('/').unwrap().1.parse().unwrap();
        let head = ObjectHead::new(size, etag(answer.e_tag()));
        Ok(ObjectRange::new(head, answer.body.collect().await.unwrap().to_vec()))
    }

    async fn create_multipart_upload(
        &self,
        call: &CreateMultipartUpload,
        _: Timestamp,
    ) -> Result<UploadId, ObjectError> {
        let request =
            self.client.create_multipart_upload().bucket(self.bucket.as_str()).key(call.key().as_str());
        let answer =
            with_headers!(request, call.headers()).send().await.map_err(failed("CreateMultipartUpload"))?;
        Ok(answer.upload_id().unwrap().parse().unwrap())
    }

    async fn list_parts(&self, call: &ListParts, _: Timestamp) -> Result<PartList, ObjectError> {
        let request = self.client.list_parts().bucket(self.bucket.as_str()).key(call.key().as_str());
        let mut pages = request.upload_id(call.upload_id().as_str()).into_paginator().send();
        let mut parts = Vec::new();
        while let Some(page) = pages.next().await {
            for part in page.map_err(failed("ListParts"))?.parts() {
                let number = PartNumber::new(part.part_number().unwrap().try_into().unwrap()).unwrap();
                let size = part.size().unwrap().try_into().unwrap();
                parts.push(UploadedPart::new(number, etag(part.e_tag()), size));
            }
        }
        Ok(PartList::new(parts))
    }

    async fn complete_multipart_upload(
        &self,
        call: &CompleteMultipartUpload,
        _: Timestamp,
    ) -> Result<CompletedUpload, ObjectError> {
        let parts = call.parts().iter().map(|part| {
            AwsPart::builder().part_number(part.number().get().into()).e_tag(part.etag().quoted()).build()
        });
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
        let checksum = |algorithm| {
            call.checksum()
                .filter(|checksum| checksum.algorithm() == algorithm)
                .map(|c| c.as_base64().to_owned())
        };
        let request = self.client.complete_multipart_upload().bucket(self.bucket.as_str());
        let request = request
            .key(call.key().as_str())
            .upload_id(call.upload_id().as_str())
            .multipart_upload(parts)
            .set_if_none_match(call.is_if_absent().then(|| "*".to_owned()))
            .set_if_match(call.if_match().map(ETag::quoted))
            .set_mpu_object_size(call.object_size().map(|size| size.try_into().unwrap()))
            .set_checksum_crc32(checksum(ChecksumAlgorithm::Crc32))
            .set_checksum_crc64_nvme(checksum(ChecksumAlgorithm::Crc64nvme))
            .set_checksum_type(call.checksum().map(|_| AwsChecksumType::FullObject));
        let answer = request.send().await.map_err(failed("CompleteMultipartUpload"))?;
        let mut completed = CompletedUpload::new(etag(answer.e_tag()));
        completed.version_id = version(answer.version_id());
        completed.checksums = checksums(|algorithm| {
            found(algorithm, answer.checksum_crc32(), answer.checksum_crc64_nvme(), answer.checksum_sha256())
        });
        Ok(completed)
    }

    async fn abort_multipart_upload(
        &self,
        call: &AbortMultipartUpload,
        _: Timestamp,
    ) -> Result<(), ObjectError> {
        let request =
            self.client.abort_multipart_upload().bucket(self.bucket.as_str()).key(call.key().as_str());
        let answer = request.upload_id(call.upload_id().as_str()).send().await;
        answer.map(|_| ()).map_err(failed("AbortMultipartUpload"))
    }

    async fn copy_object(&self, call: &CopyObject, _: Timestamp) -> Result<CopiedObject, ObjectError> {
        let source = call.source();
        // The SDK sends the value as it is.
        let prepared = percent_encoded(source.key().as_str());
        let version_id = source.version_id().map(|id| format!("?versionId={id}")).unwrap_or_default();
        let request = self.client.copy_object().bucket(self.bucket.as_str()).key(call.key().as_str());
        let request = request
            .copy_source(format!("/{}/{prepared}{version_id}", source.bucket().as_str()))
            .set_copy_source_if_match(source.if_match().map(ETag::quoted))
            .set_if_none_match(call.is_if_absent().then(|| "*".to_owned()))
            .set_if_match(call.if_match().map(ETag::quoted));
        let answer = with_headers!(request, call.headers()).send().await.map_err(failed("CopyObject"))?;
        let mut copied = CopiedObject::new(etag(answer.copy_object_result().unwrap().e_tag()));
        copied.version_id = version(answer.version_id());
        Ok(copied)
    }

    async fn get_object_tagging(
        &self,
        call: &GetObjectTagging,
        _: Timestamp,
    ) -> Result<ObjectTags, ObjectError> {
        let request = self.client.get_object_tagging().bucket(self.bucket.as_str()).key(call.key().as_str());
        let request = request.set_version_id(call.version_id().map(ToString::to_string));
        let answer = request.send().await.map_err(failed("GetObjectTagging"))?;
        Ok(answer.tag_set().iter().map(|tag| (tag.key(), tag.value())).collect())
    }

    async fn put_object_tagging(&self, call: &PutObjectTagging, _: Timestamp) -> Result<(), ObjectError> {
        let tags = call.tags().map(|(key, value)| Tag::builder().key(key).value(value).build().unwrap());
        let tagging = Tagging::builder().set_tag_set(Some(tags.collect())).build().unwrap();
        let request = self.client.put_object_tagging().bucket(self.bucket.as_str()).key(call.key().as_str());
        let request = request.set_version_id(call.version_id().map(ToString::to_string)).tagging(tagging);
        request.send().await.map(|_| ()).map_err(failed("PutObjectTagging"))
    }

    async fn delete_object(&self, call: &DeleteObject, _: Timestamp) -> Result<DeletedObject, ObjectError> {
        let request = self.client.delete_object().bucket(self.bucket.as_str()).key(call.key().as_str());
        let request = request.set_version_id(call.version_id().map(ToString::to_string));
        let request = request.set_if_match(call.if_match().map(ETag::quoted));
        let answer = request.send().await.map_err(failed("DeleteObject"))?;
        let mut deleted = DeletedObject::new();
        deleted.delete_marker = answer.delete_marker() == Some(true);
        deleted.version_id = version(answer.version_id());
        Ok(deleted)
    }
}

fn percent_encoded(key: &str) -> String {
    key.bytes()
        .map(|byte| match byte {
            b'/' | b'.' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
