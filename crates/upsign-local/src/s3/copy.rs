//! CopyObject.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use s3s::dto::{
    ChecksumType, CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETag, ETagCondition,
    StreamingBlob, Timestamp,
};
use s3s::{S3Request, S3Result, s3_error};

use super::input_checks::{check_key, precondition, request_id};
use super::operations::Operations;
use super::read_conditions::{CurrentObject, ReadConditions};
use crate::store::attributes::Attributes;
use crate::store::blobs::{Content, IndexedObject};
use crate::store::body::{ExpectedBody, ReceivedBody};
use crate::store::checksum::{Algorithm, ChecksumKind};
use crate::store::multipart::MAX_PART;
use crate::store::notification::{Cause, EventName};
use crate::store::object::{Record, Version};

impl Operations {
    /// Copies an object, or one version of it.
    ///
    /// The content is read and hashed again: the copy of an object from a multipart upload has the ETag and the checksum of an
    /// object from one request, as on S3. An object that is replaced while it is copied does not change the copy.
    pub(super) async fn copy(&self, request: S3Request<CopyObjectInput>) -> S3Result<CopyObjectOutput> {
        let id = request_id(&request.extensions);
        let (if_none_match, if_match) = (
            condition(&request.headers, &header::IF_NONE_MATCH)?,
            condition(&request.headers, &header::IF_MATCH)?,
        );
        let precondition = precondition(if_none_match.as_ref(), if_match.as_ref())?;
        let input = request.input;
        self.store.require_bucket(&input.bucket)?;
        check_key(&input.key)?;
        let (source, version_id) = self.source(&input).await?;
        let attributes = Attributes::from_copy(&input, &source.record.attributes)?;
        let algorithm = input.checksum_algorithm.as_ref().and_then(|name| Algorithm::named(name.as_str()));
        let algorithm = algorithm.or_else(|| source.record.checksums.algorithms().next());
        let received = self.receive_copy(Arc::clone(&source), algorithm).await?;
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
        let cause = Cause { name: EventName::Copy, request: &id };
        let copied = self.store.commit(record, &precondition, cause).await?;
        blob.keep();
        Ok(CopyObjectOutput {
            copy_object_result: Some(self.result(&copied).await),
            copy_source_version_id: version_id,
            version_id: copied.record.version.id.clone(),
            server_side_encryption: input.server_side_encryption,
            ssekms_key_id: input.ssekms_key_id,
            bucket_key_enabled: input.bucket_key_enabled,
            ..Default::default()
        })
    }

    /// Returns the object to copy and its version id, after the checks of the conditions on it.
    async fn source(&self, input: &CopyObjectInput) -> S3Result<(Arc<IndexedObject>, Option<String>)> {
        let CopySource::Bucket { bucket, key, version_id } = &input.copy_source else {
            return Err(s3_error!(NotImplemented, "Copying from an access point is not implemented"));
        };
        self.store.require_bucket(bucket)?;
        let (source, modified) = self.store.find(bucket, key, version_id.as_deref()).await?;
        let record = &source.record;
        ReadConditions::from_copy(input).check_copy(&CurrentObject { etag: &record.etag, modified })?;
        if record.bytes > MAX_PART {
            return Err(s3_error!(
                InvalidRequest,
                "The specified copy source is larger than the maximum allowable size for a copy source: {MAX_PART}"
            ));
        }
        let is_itself = **bucket == *input.bucket && **key == *input.key && version_id.is_none();
        if is_itself && !changes_headers(input) {
            return Err(s3_error!(
                InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's \
                 metadata, storage class, website redirect location or encryption attributes."
            ));
        }
        let version_id = record.version.id.clone();
        Ok((source, version_id))
    }

    /// Reads the content of an object as if it was uploaded.
    async fn receive_copy(
        &self,
        source: Arc<IndexedObject>,
        algorithm: Option<Algorithm>,
    ) -> S3Result<ReceivedBody> {
        let bytes = source.record.bytes;
        let expected = ExpectedBody {
            length: i64::try_from(bytes).ok(),
            algorithm,
            max_bytes: MAX_PART,
            ..ExpectedBody::default()
        };
        let body = StreamingBlob::wrap(source.read(0..bytes));
        self.store.receive(&HeaderMap::new(), Some(body), expected, None).await
    }

    async fn result(&self, copied: &IndexedObject) -> CopyObjectResult {
        let Record { bucket, key, etag, checksums, version, .. } = &copied.record;
        let checksums = checksums.clone();
        let found = self.store.find(bucket, key, version.id.as_deref()).await;
        CopyObjectResult {
            e_tag: Some(ETag::Strong(etag.clone())),
            // Another request may have deleted the copy already.
            last_modified: found.ok().map(|(_, modified)| Timestamp::from(modified)),
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            checksum_type: Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        }
    }
}

/// Returns the value of a condition on the destination. `s3s` does not read these headers of CopyObject.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>.
fn condition(headers: &HeaderMap, name: &header::HeaderName) -> S3Result<Option<ETagCondition>> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let parsed = ETagCondition::parse_http_header(value.as_bytes());
    parsed.map(Some).map_err(|_| s3_error!(InvalidArgument, "The value of {name} is invalid"))
}

/// Returns whether a copy of an object to itself changes something.
fn changes_headers(input: &CopyObjectInput) -> bool {
    input.metadata_directive.as_ref().is_some_and(|directive| directive.as_str() == "REPLACE")
        || input.tagging_directive.as_ref().is_some_and(|directive| directive.as_str() == "REPLACE")
        || input.storage_class.is_some()
        || input.website_redirect_location.is_some()
        || input.server_side_encryption.is_some()
}
