//! The parts of a request to complete an upload, and their size.
//!
//! Source: the errors in <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>.

use s3s::dto::{CompletedPart, ETag};
use s3s::{S3Error, S3Result, s3_error};

use super::{CompletionRequest, Part, Parts};
use crate::error_details::WithDetail;
use crate::store::body::too_large;

/// Minimum size of every part except the last, in bytes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
const MIN_PART: u64 = 5 * 1024 * 1024;

/// Returns the listed parts in order, or the error of S3 if the list is invalid.
pub(super) fn select<'a>(parts: &'a Parts, listed: &[CompletedPart]) -> S3Result<Vec<&'a Part>> {
    if listed.is_empty() {
        return Err(s3_error!(MalformedXML, "The XML you provided was not well-formed or did not validate"));
    }
    if !listed.is_sorted_by(|a, b| a.part_number < b.part_number) {
        return Err(s3_error!(
            InvalidPartOrder,
            "The list of parts was not in ascending order. Parts must be ordered by part number."
        ));
    }
    let selected = listed.iter().map(|entry| {
        let part = entry.part_number.and_then(|number| parts.get(&number));
        let etag_matches = |part: &&Part| entry.e_tag.as_ref().map(ETag::value) == Some(part.etag().as_str());
        part.filter(etag_matches).ok_or_else(|| invalid_part(entry))
    });
    let selected = selected.collect::<S3Result<Vec<_>>>()?;
    let others = selected.iter().zip(listed).take(selected.len().saturating_sub(1));
    if let Some((part, entry)) = others.into_iter().find(|(part, _)| part.bytes() < MIN_PART) {
        return Err(s3_error!(
            EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed size"
        )
        .with_detail("ProposedSize", &part.bytes().to_string())
        .with_detail("MinSizeAllowed", &MIN_PART.to_string())
        .with_detail("PartNumber", &entry.part_number.unwrap_or_default().to_string())
        .with_detail("ETag", &part.etag()));
    }
    Ok(selected)
}

/// Compares the size of the object with the maximum and with `x-amz-mp-object-size`.
pub(super) fn check_size(bytes: u64, request: &CompletionRequest) -> S3Result<()> {
    if bytes > request.max_bytes {
        return Err(too_large(bytes, request.max_bytes));
    }
    match request.object_size {
        Some(stated) if u64::try_from(stated) != Ok(bytes) => Err(s3_error!(
            InvalidRequest,
            "The provided 'x-amz-mp-object-size' header value {stated} does not match what was computed: {bytes}"
        )),
        _ => Ok(()),
    }
}

/// Returns the error for a listed part that was not received, or has another ETag or checksum.
pub(super) fn invalid_part(listed: &CompletedPart) -> S3Error {
    let etag = listed.e_tag.as_ref().map(ETag::value).unwrap_or_default();
    s3_error!(
        InvalidPart,
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified \
         entity tag may not match the part's entity tag."
    )
    .with_detail("PartNumber", &listed.part_number.unwrap_or_default().to_string())
    .with_detail("ETag", etag)
}
