//! What a client states when it completes an upload, checked as far as that is possible without the store.

use upsign_core::PartNumber;
use upsign_objects::ETag;
use upsign_policy::{Checksum, ChecksumKind, MultipartChecksum, PlannedSize};

use crate::session::complete::{ClientPart, CompleteRequest};
use crate::session::error::SessionError;
use crate::session::parts::InvalidPartNumbers;
use crate::session::ranges::PartRanges;

/// The checked content of a [`CompleteRequest`].
///
/// Invariant: the numbers of `parts` are 1 to n without gaps, and n is the number of parts of the plan unless that is a maximum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stated {
    pub(super) parts: Vec<StatedPart>,
    /// The checksum of all bytes.
    pub(super) checksum: Option<Checksum>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StatedPart {
    pub(super) number: PartNumber,
    pub(super) etag: ETag,
    pub(super) checksum: Option<Checksum>,
}

impl Stated {
    /// Checks a request for an upload with this size and checksum. `is_required` states whether the policy requires a checksum.
    pub(super) fn check(
        request: &CompleteRequest,
        size: PlannedSize,
        checksum: Option<MultipartChecksum>,
        is_required: bool,
    ) -> Result<Self, SessionError> {
        check_numbers(request.parts(), size)?;
        let part = |part: &ClientPart| {
            let text = part.checksum.as_deref();
            let checksum = check_part_checksum(part.number, text, checksum, false)?;
            Ok(StatedPart { number: part.number, etag: part.etag.clone(), checksum })
        };
        let parts = request.parts().iter().map(part).collect::<Result<_, SessionError>>()?;
        Ok(Self { parts, checksum: check_object_checksum(request, checksum, is_required)? })
    }
}

/// Checks that the parts are 1 to n, in an upload that has n parts or can end there.
fn check_numbers(parts: &[ClientPart], size: PlannedSize) -> Result<(), SessionError> {
    let count = match size {
        PlannedSize::FreeParts(_) => PartNumber::MAX.get(),
        PlannedSize::Exact(plan) | PlannedSize::AtMost(plan) => plan.part_count(),
    };
    if let Some(part) = parts.iter().find(|part| part.number.get() > count) {
        let number = part.number.get().into();
        return Err(InvalidPartNumbers::OutOfRange { number, last: count }.into());
    }
    // The list is in ascending order and each number occurs once, so n parts are complete if the last one has the number n.
    let last = match size {
        PlannedSize::Exact(_) => count,
        PlannedSize::AtMost(_) | PlannedSize::FreeParts(_) => {
            parts.last().map_or(1, |part| part.number.get())
        }
    };
    if parts.len() == usize::from(last) {
        return Ok(());
    }
    let stated: Vec<_> = parts.iter().map(|part| part.number).collect();
    let numbers = (1..=last).filter_map(|number| PartNumber::new(number.into()).ok());
    let unlisted = PartRanges::new(numbers.filter(|number| stated.binary_search(number).is_err()));
    Err(SessionError::PartsUnlisted { unlisted, part_count: last })
}

fn check_object_checksum(
    request: &CompleteRequest,
    checksum: Option<MultipartChecksum>,
    is_required: bool,
) -> Result<Option<Checksum>, SessionError> {
    let of_object = checksum.filter(|checksum| checksum.kind == ChecksumKind::FullObject);
    let part = None;
    match (request.checksum(), of_object) {
        (None, Some(MultipartChecksum { algorithm, .. })) if is_required => {
            Err(SessionError::ChecksumRequired { part, algorithm })
        }
        (None, _) => Ok(None),
        (Some((name, base64)), Some(MultipartChecksum { algorithm, .. })) if name == algorithm.as_str() => {
            let invalid = SessionError::ChecksumInvalid { part, algorithm };
            Checksum::parse(algorithm, base64).map(Some).map_err(|_| invalid)
        }
        (Some(_), of_object) => {
            let algorithm = of_object.map(|checksum| checksum.algorithm);
            Err(SessionError::ChecksumNotAllowed { part, algorithm })
        }
    }
}

/// Checks the checksum of a part in base64. A part of an upload with a composite checksum always needs one, because that of the
/// object consists of those of all parts.
pub(super) fn check_part_checksum(
    number: PartNumber,
    base64: Option<&str>,
    checksum: Option<MultipartChecksum>,
    is_required: bool,
) -> Result<Option<Checksum>, SessionError> {
    let part = Some(number);
    match (base64, checksum) {
        (None, Some(MultipartChecksum { algorithm, kind }))
            if is_required || kind == ChecksumKind::Composite =>
        {
            Err(SessionError::ChecksumRequired { part, algorithm })
        }
        (None, _) => Ok(None),
        (Some(_), None) => Err(SessionError::ChecksumNotAllowed { part, algorithm: None }),
        (Some(base64), Some(MultipartChecksum { algorithm, .. })) => {
            let invalid = SessionError::ChecksumInvalid { part, algorithm };
            Checksum::parse(algorithm, base64).map(Some).map_err(|_| invalid)
        }
    }
}
