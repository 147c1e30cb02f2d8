//! ListParts as a request for each page, and its answers.

use upsign_core::{Operation, PartNumber};

use crate::calls::list_parts::{ListParts, PartList, UploadedPart};
use crate::error::{CallFailure, InvalidAnswer, InvalidCall};
use crate::http::wire::checksum::checksums;
use crate::http::wire::xml::Element;
use crate::http::wire::{Answer, Expected, Prepared, Repeat, member, missing};
use crate::values::checksum::{ChecksumAlgorithm, ChecksumType};

/// Limit of a page in bytes. A page of S3 has up to 1,000 parts of up to about 600 bytes. SeaweedFS lists all parts on one page,
/// with about 200 bytes for each.
const MAX_PAGE: usize = 4 << 20;

/// Limit of all parts, also of those that are listed repeatedly. An upload has at most 10,000.
const MAX_LISTED: usize = 100_000;

impl ListParts {
    /// Returns the request for the page after the part `after`.
    pub(crate) fn prepare(&self, after: Option<PartNumber>) -> Result<Prepared, InvalidCall> {
        // Reading is safe to repeat (RFC 9110, section 9.2.1).
        let operation = Operation::ListParts { upload_id: self.upload_id().clone() };
        let mut prepared = Prepared::new(operation, self.key(), Repeat::Always);
        prepared.bodyless_headers(self.headers())?;
        if let Some(after) = after {
            prepared.parameter("part-number-marker", &after.to_string())?;
        }
        prepared.expected = Expected::Xml { root: "ListPartsResult", max: MAX_PAGE };
        Ok(prepared)
    }
}

impl UploadedPart {
    fn read(part: &Element) -> Result<Self, CallFailure> {
        Ok(Self {
            number: part_number(part, "PartNumber")?,
            etag: member(part, "ETag")?,
            size: member(part, "Size")?,
            checksums: checksums(|algorithm| part.text(algorithm.element())),
        })
    }
}

impl PartList {
    /// Adds the parts of a page. Returns the part after which the next page begins, or `None` if this is the last one.
    pub(crate) fn add_page(&mut self, answer: &Answer) -> Result<Option<PartNumber>, CallFailure> {
        let page = answer.xml()?;
        let algorithm = page.text("ChecksumAlgorithm").and_then(ChecksumAlgorithm::named);
        self.checksum_algorithm = algorithm.or(self.checksum_algorithm);
        self.checksum_type = page.text("ChecksumType").and_then(ChecksumType::named).or(self.checksum_type);
        let before = self.parts.last().map(|part| part.number);
        for part in page.children("Part") {
            let part = UploadedPart::read(part)?;
            // Numbers ascend from page to page, so there are at most 10,000 pages. Within a page, SeaweedFS lists a part once
            // for each time that it was sent.
            let is_repeated_page = before.is_some_and(|before| before >= part.number);
            let is_unsorted = self.parts.last().is_some_and(|last| last.number > part.number);
            if is_repeated_page || is_unsorted || self.parts.len() >= MAX_LISTED {
                return Err(CallFailure::Answer(InvalidAnswer::Endless));
            }
            self.parts.push(part);
        }
        if page.text("IsTruncated").map(str::trim) != Some("true") {
            return Ok(None);
        }
        // The last part of the page is the marker of the next one. A page that is truncated and adds no part would repeat.
        let last = self.parts.last().map(|part| part.number);
        let next = part_number(page, "NextPartNumberMarker").ok();
        match (last, next) {
            (Some(last), Some(next)) if last == next && page.children("Part").next().is_some() => {
                Ok(Some(last))
            }
            _ => Err(CallFailure::Answer(InvalidAnswer::Endless)),
        }
    }
}

fn part_number(element: &Element, name: &'static str) -> Result<PartNumber, CallFailure> {
    PartNumber::new(member(element, name)?).map_err(|_| missing(name))
}
