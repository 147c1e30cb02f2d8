//! ListParts, page by page.

use upsign_core::{ObjectKey, Operation, PartNumber, UploadId};

use crate::calls::prepared::{Answer, Expected, Prepared, Repeat, missing};
use crate::error::{CallFailure, InvalidAnswer, InvalidCall};
use crate::values::checksum::{Checksum, ChecksumAlgorithm, ChecksumType, checksums};
use crate::values::etag::ETag;
use crate::xml::Element;

/// Lists the parts of a multipart upload that were uploaded.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListParts {
    key: ObjectKey,
    upload_id: UploadId,
}

impl ListParts {
    /// Creates the call. It returns all parts, which takes up to ten requests on S3.
    #[must_use]
    pub const fn new(key: ObjectKey, upload_id: UploadId) -> Self {
        Self { key, upload_id }
    }

    /// Returns the key of the object that the upload will create.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the id of the upload.
    #[must_use]
    pub const fn upload_id(&self) -> &UploadId {
        &self.upload_id
    }

    /// Returns the request for the page after the part `after`.
    pub(crate) fn prepare(&self, after: Option<PartNumber>) -> Result<Prepared, InvalidCall> {
        // Reading is safe to repeat (RFC 9110, section 9.2.1).
        let operation = Operation::ListParts { upload_id: self.upload_id.clone() };
        let mut prepared = Prepared::new(operation, &self.key, Repeat::Always);
        if let Some(after) = after {
            prepared.parameter("part-number-marker", &after.to_string())?;
        }
        prepared.expected = Expected::Xml { root: "ListPartsResult", max: MAX_PAGE };
        Ok(prepared)
    }
}

/// Limit of a page in bytes. A page of S3 has up to 1,000 parts of up to about 600 bytes.
const MAX_PAGE: usize = 2 << 20;

/// The uploaded parts of a multipart upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartList {
    /// The parts, in ascending order of their numbers.
    pub parts: Vec<UploadedPart>,
    /// The algorithm of the parts' checksums, if the upload was started with one.
    pub checksum_algorithm: Option<ChecksumAlgorithm>,
    /// How the checksum of the object will relate to those of the parts.
    pub checksum_type: Option<ChecksumType>,
}

/// A part that was uploaded completely.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadedPart {
    /// The number of the part.
    pub number: PartNumber,
    /// The entity tag, which `CompleteMultipartUpload` needs.
    pub etag: ETag,
    /// The size in bytes.
    pub size: u64,
    /// The checksums of the part. Empty if it was uploaded without.
    pub checksums: Vec<Checksum>,
}

impl UploadedPart {
    /// Creates a part without checksums.
    #[must_use]
    pub const fn new(number: PartNumber, etag: ETag, size: u64) -> Self {
        Self { number, etag, size, checksums: Vec::new() }
    }

    fn read(part: &Element) -> Result<Self, CallFailure> {
        let number = part.text("PartNumber").and_then(part_number);
        let size = part.text("Size").and_then(|size| size.parse().ok());
        let etag = part.text("ETag").and_then(|etag| etag.parse().ok());
        Ok(Self {
            number: number.ok_or(missing("PartNumber"))?,
            etag: etag.ok_or(missing("ETag"))?,
            size: size.ok_or(missing("Size"))?,
            checksums: checksums(|algorithm| part.text(algorithm.element())),
        })
    }
}

impl PartList {
    /// Creates a list of parts, which are sorted by their numbers, of an upload without checksums.
    #[must_use]
    pub fn new(mut parts: Vec<UploadedPart>) -> Self {
        parts.sort_by_key(|part| part.number);
        Self { parts, ..Self::default() }
    }

    /// Adds the parts of a page. Returns the part after which the next page begins, or `None` if this is the last one.
    pub(crate) fn add_page(&mut self, answer: &Answer) -> Result<Option<PartNumber>, CallFailure> {
        let page = answer.xml()?;
        let algorithm = page.text("ChecksumAlgorithm").and_then(ChecksumAlgorithm::named);
        self.checksum_algorithm = algorithm.or(self.checksum_algorithm);
        self.checksum_type = page.text("ChecksumType").and_then(ChecksumType::named).or(self.checksum_type);
        for part in page.children("Part") {
            let part = UploadedPart::read(part)?;
            // Numbers that ascend are at most 10,000, so the list ends.
            if self.parts.last().is_some_and(|last| last.number >= part.number) {
                return Err(CallFailure::Answer(InvalidAnswer::Endless));
            }
            self.parts.push(part);
        }
        if page.text("IsTruncated").map(str::trim) != Some("true") {
            return Ok(None);
        }
        // The last part of the page is the marker of the next one. A page that is truncated and adds no part would repeat.
        let last = self.parts.last().map(|part| part.number);
        let next = page.text("NextPartNumberMarker").and_then(part_number);
        match (last, next) {
            (Some(last), Some(next)) if last == next && page.children("Part").next().is_some() => {
                Ok(Some(last))
            }
            _ => Err(CallFailure::Answer(InvalidAnswer::Endless)),
        }
    }
}

fn part_number(text: &str) -> Option<PartNumber> {
    PartNumber::new(text.trim().parse().ok()?).ok()
}
