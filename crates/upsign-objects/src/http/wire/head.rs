//! HeadObject as a request and an answer.

use upsign_core::{Operation, Timestamp};

use crate::calls::head::{HeadObject, ObjectHead};
use crate::error::{CallFailure, InvalidCall};
use crate::http::wire::checksum::checksums;
use crate::http::wire::{Answer, Prepared, Repeat, missing};
use crate::values::checksum::ChecksumType;

impl HeadObject {
    pub(crate) fn prepare(&self) -> Result<Prepared, InvalidCall> {
        // Reading is safe to repeat (RFC 9110, section 9.2.1).
        let mut prepared = Prepared::new(Operation::HeadObject, self.key(), Repeat::Always);
        prepared.bodyless_headers(self.headers())?;
        prepared.version(self.version_id())?;
        prepared.condition(false, self.if_match())?;
        Ok(prepared)
    }
}

impl ObjectHead {
    pub(crate) fn read(answer: &Answer) -> Result<Self, CallFailure> {
        let size = answer.header("content-length").and_then(|size| size.parse().ok());
        Self::read_with_size(answer, size.ok_or(missing("content-length"))?)
    }

    pub(crate) fn read_with_size(answer: &Answer, size: u64) -> Result<Self, CallFailure> {
        let etag = answer.header("etag").and_then(|etag| etag.parse().ok()).ok_or(missing("etag"))?;
        let metadata = answer.headers.0.iter().filter_map(|(name, value)| {
            name.strip_prefix("x-amz-meta-").map(|name| (name.into(), value.as_str().into()))
        });
        Ok(Self {
            size,
            etag,
            version_id: answer.version_id(),
            content_type: answer.header("content-type").map(Into::into),
            checksums: checksums(|algorithm| answer.header(algorithm.header())),
            checksum_type: answer.header("x-amz-checksum-type").and_then(ChecksumType::named),
            encryption: answer.header("x-amz-server-side-encryption").map(Into::into),
            last_modified: answer.header("last-modified").and_then(Timestamp::from_http_date),
            metadata: metadata.collect(),
        })
    }
}
