//! The operations of multipart uploads.

use axum::http::HeaderMap;
use s3s::dto::{
    ChecksumAlgorithm, ChecksumType, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, ETag, ListPartsInput, ListPartsOutput, Part,
    UploadPartInput, UploadPartOutput,
};
use s3s::{S3Result, TrailingHeaders, s3_error};
use upsign::{Clock, SystemClock};

use super::input_checks::precondition;
use super::operations::{Operations, encode_key};
use crate::store::attributes::Attributes;
use crate::store::body::ExpectedBody;
use crate::store::checksum::Checksums;
use crate::store::multipart::{CompletionRequest, MAX_PART, UploadChecksum, UploadName};
use crate::store::notification::RequestId;

impl Operations {
    pub(super) fn create_upload(
        &self,
        input: CreateMultipartUploadInput,
    ) -> S3Result<CreateMultipartUploadOutput> {
        self.store.require_bucket(&input.bucket)?;
        let attributes = Attributes::from_create(&input)?;
        let checksum = UploadChecksum::from_create(&input)?;
        let place = (input.bucket.as_str(), input.key.as_str());
        let id = self.store.create_upload(place, attributes, checksum, SystemClock.now().into());
        Ok(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            server_side_encryption: input.server_side_encryption,
            checksum_algorithm: checksum.is_declared.then(|| algorithm(checksum)),
            checksum_type: checksum.is_declared.then(|| kind(checksum)),
            ..Default::default()
        })
    }

    pub(super) async fn receive_part(
        &self,
        mut input: UploadPartInput,
        headers: &HeaderMap,
        trailers: Option<TrailingHeaders>,
    ) -> S3Result<UploadPartOutput> {
        self.store.require_bucket(&input.bucket)?;
        if !(1..=10_000).contains(&input.part_number) {
            return Err(s3_error!(
                InvalidArgument,
                "Part number must be an integer between 1 and 10000, inclusive"
            ));
        }
        // Checked first, so that the body of a part without an upload is not stored. `add_part` checks again, because
        // the upload may be aborted or completed in the meantime.
        let name = UploadName { bucket: &input.bucket, key: &input.key, id: &input.upload_id };
        let upload = self.store.upload(name)?;
        upload.checksum.check_part(&input, headers)?;
        let max_bytes = self.max_object_bytes.min(MAX_PART);
        let expected = ExpectedBody::from_part(&input, max_bytes, upload.checksum.algorithm);
        let received = self.store.receive(headers, input.body.take(), expected, trailers).await?;
        let (etag, checksums) = (received.etag(), received.checksums.clone());
        self.store.add_part(&upload, input.part_number, received).await?;
        Ok(UploadPartOutput {
            e_tag: Some(ETag::Strong(etag)),
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            ..Default::default()
        })
    }

    pub(super) async fn parts_page(&self, input: ListPartsInput) -> S3Result<ListPartsOutput> {
        self.store.require_bucket(&input.bucket)?;
        let upload =
            self.store.upload(UploadName { bucket: &input.bucket, key: &input.key, id: &input.upload_id })?;
        let marker =
            input.part_number_marker.as_ref().and_then(|marker| marker.to_string().parse().ok()).unwrap_or(0);
        let max = input.max_parts.unwrap_or(1_000).clamp(0, 1_000);
        let page_size = usize::try_from(max).unwrap_or_default();
        let checksum = upload.checksum;
        let (parts, is_truncated) = upload
            .with_parts(|parts| {
                let after = || parts.iter().filter(|(number, _)| **number > marker);
                let entries = after().take(page_size);
                let page: Vec<Part> =
                    entries.map(|(number, part)| part.to_list_entry(*number, checksum.algorithm)).collect();
                (page, after().count() > page_size)
            })
            .await?;
        Ok(ListPartsOutput {
            is_truncated: Some(is_truncated),
            next_part_number_marker: parts.last().and_then(|part| part.part_number),
            parts: Some(parts),
            max_parts: Some(max),
            part_number_marker: input.part_number_marker,
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            checksum_algorithm: Some(algorithm(checksum)),
            checksum_type: Some(kind(checksum)),
            ..Default::default()
        })
    }

    pub(super) async fn complete_upload(
        &self,
        input: CompleteMultipartUploadInput,
        id: &RequestId,
    ) -> S3Result<CompleteMultipartUploadOutput> {
        self.store.require_bucket(&input.bucket)?;
        let request = CompletionRequest {
            precondition: precondition(input.if_none_match.as_ref(), input.if_match.as_ref())?,
            parts: input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default(),
            object_size: input.mpu_object_size,
            checksums: Checksums {
                crc32: input.checksum_crc32,
                crc32c: input.checksum_crc32c,
                crc64nvme: input.checksum_crc64nvme,
                sha1: input.checksum_sha1,
                sha256: input.checksum_sha256,
            },
            checksum_type: input.checksum_type.map(|kind| kind.as_str().to_owned()),
            max_bytes: self.max_multipart_bytes,
        };
        let name = UploadName { bucket: &input.bucket, key: &input.key, id: &input.upload_id };
        let object = self.store.complete_upload(name, &request, id).await?;
        let record = &object.record;
        let checksums = record.checksums.clone();
        Ok(CompleteMultipartUploadOutput {
            location: Some(format!("{}/{}/{}", self.base_url, input.bucket, encode_key(&input.key))),
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(ETag::Strong(record.etag.clone())),
            version_id: record.version.id.clone(),
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            checksum_type: Some(ChecksumType::from_static(record.checksum_kind.as_str())),
            ..Default::default()
        })
    }
}

fn algorithm(checksum: UploadChecksum) -> ChecksumAlgorithm {
    ChecksumAlgorithm::from_static(checksum.algorithm.as_str())
}

fn kind(checksum: UploadChecksum) -> ChecksumType {
    ChecksumType::from_static(checksum.kind.as_str())
}
