//! Comparisons of what the store has with the plan and with what the client stated. Pure functions.

use upsign_core::{MultipartPlan, PartNumber};
use upsign_objects::{ChecksumType, CompletedPart, ObjectHead, PartList, UploadedPart};
use upsign_policy::{ChecksumKind, MultipartChecksum, PlannedSize};

use crate::session::assembled::{may_consist_of, part_count_in};
use crate::session::checksum::{find, to_store};
use crate::session::error::SessionError;
use crate::session::ranges::PartRanges;
use crate::session::stated::{Stated, StatedPart};
use crate::session::status::OpenUpload;
use crate::session::upload::{SessionMethod, SessionUpload};
use crate::session::wrong_part::{PartDifference, WrongPart};

/// The parts of which the object will consist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reviewed {
    pub(super) parts: Vec<CompletedPart>,
    /// Their size in all.
    pub(super) size: u64,
}

/// Compares the uploaded parts with the plan and with what the client stated.
///
/// Succeeds only if every part is uploaded with the planned size, the stated entity tag and, where both sides have one, the
/// stated checksum.
pub(super) fn review(
    size: PlannedSize,
    checksum: Option<MultipartChecksum>,
    listed: &PartList,
    stated: &Stated,
) -> Result<Reviewed, SessionError> {
    let parts_of_store = ByNumber::new(&listed.parts);
    check_presence(size, &parts_of_store, stated)?;
    let last = stated.parts.last().map(|part| part.number);
    let compared = stated.parts.iter().filter_map(|part| {
        let is_last = last == Some(part.number);
        let listed = parts_of_store.get(part.number).iter();
        let compared =
            listed.map(|uploaded| (uploaded, difference(part, uploaded, fits(size, uploaded, is_last))));
        // If the store lists several uploads of the part, it takes the one with the stated entity tag.
        let (uploaded, difference) = compared.max_by_key(|(_, difference)| difference.is_none())?;
        Some((part, uploaded, difference))
    });
    let (mut parts, mut wrong, mut total) = (Vec::with_capacity(stated.parts.len()), Vec::new(), 0_u64);
    for (part, uploaded, difference) in compared {
        total = total.saturating_add(uploaded.size);
        match difference {
            Some(difference) => {
                wrong.push(WrongPart::new(part.number, difference, uploaded.etag.clone(), uploaded.size));
            }
            None => parts.push(completed_part(part, checksum)),
        }
    }
    if !wrong.is_empty() {
        return Err(SessionError::PartMismatch(wrong));
    }
    Ok(Reviewed { parts, size: total })
}

/// Checks that the store has every stated part, and in an upload of unknown size none after them: the object would lose its end.
fn check_presence(size: PlannedSize, uploaded: &ByNumber<'_>, stated: &Stated) -> Result<(), SessionError> {
    let last = stated.parts.last().map_or(0, |part| part.number.get());
    let absent = stated.parts.iter().map(|part| part.number);
    let missing = PartRanges::new(absent.filter(|number| uploaded.get(*number).is_empty()));
    if !missing.is_empty() {
        return Err(SessionError::PartsMissing { missing, part_count: last });
    }
    let unlisted: Vec<_> = match size {
        PlannedSize::Exact(_) => Vec::new(),
        PlannedSize::AtMost(_) | PlannedSize::FreeParts(_) => {
            uploaded.numbers().filter(|number| number.get() > last).collect()
        }
    };
    match unlisted.last() {
        None => Ok(()),
        Some(highest) => {
            let part_count = highest.get();
            Err(SessionError::PartsUnlisted { unlisted: PartRanges::new(unlisted), part_count })
        }
    }
}

fn difference(part: &StatedPart, uploaded: &UploadedPart, is_fitting: bool) -> Option<PartDifference> {
    if !is_fitting {
        return Some(PartDifference::Size);
    }
    if part.etag != uploaded.etag {
        return Some(PartDifference::ETag);
    }
    let stated = part.checksum.as_ref()?;
    let stored = find(&uploaded.checksums, stated.algorithm())?;
    (stored != *stated).then_some(PartDifference::Checksum)
}

/// Returns `true` if the size of an uploaded part is possible. The size of the last part of an upload of unknown size is not
/// known, but it is not empty unless the object is.
fn fits(size: PlannedSize, uploaded: &UploadedPart, is_last: bool) -> bool {
    if let PlannedSize::FreeParts(_) = size {
        return true;
    }
    let Some(planned) = size.plan().part(uploaded.number) else { return false };
    match size {
        PlannedSize::AtMost(_) if is_last => {
            let min = u64::from(uploaded.number > PartNumber::MIN);
            (min..=planned.len).contains(&uploaded.size)
        }
        _ => uploaded.size == planned.len,
    }
}

/// Only a composite checksum consists of those of the parts, so only then the store needs them again.
fn completed_part(part: &StatedPart, checksum: Option<MultipartChecksum>) -> CompletedPart {
    let completed = CompletedPart::new(part.number, part.etag.clone());
    let is_composite = checksum.is_some_and(|checksum| checksum.kind == ChecksumKind::Composite);
    match part.checksum.as_ref().filter(|_| is_composite).and_then(to_store) {
        Some(checksum) => completed.with_checksum(checksum),
        None => completed,
    }
}

/// Returns what is uploaded of an open upload, and what is missing.
pub(super) fn survey(size: PlannedSize, listed: PartList) -> OpenUpload {
    let plan = size.plan();
    let highest = listed.parts.last().map(|part| part.number);
    let is_fitting = |part: &UploadedPart| fits(size, part, highest == Some(part.number));
    let (mut parts, wrong): (Vec<_>, Vec<_>) = listed.parts.into_iter().partition(is_fitting);
    // Of several uploads of a part, one is enough.
    parts.dedup_by_key(|part| part.number);
    let expected = match size {
        PlannedSize::Exact(_) => plan.part_count(),
        PlannedSize::AtMost(_) => highest.map_or(1, PartNumber::get).min(plan.part_count()),
        PlannedSize::FreeParts(_) => highest.map_or(1, PartNumber::get),
    };
    let present = ByNumber::new(&parts);
    let numbers = (1..=expected).filter_map(|number| PartNumber::new(number.into()).ok());
    let missing = PartRanges::new(numbers.filter(|number| present.get(*number).is_empty()));
    let bytes = parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.size));
    let wrong = wrong.iter().map(|part| part.number).filter(|number| present.get(*number).is_empty());
    let wrong = PartRanges::new(wrong);
    OpenUpload { parts, bytes, missing, wrong }
}

/// Returns `true` if the object under the key of the upload is the upload's.
///
/// The key contains an id that was generated for this upload, so no other upload has it. The comparison finds objects that
/// someone with other permissions stored there, and uploads that another client of the same caller completed with other parts.
/// `stated` is what the client states of the upload, if it completes it.
pub(super) fn is_ours(upload: &SessionUpload, stated: Option<&Stated>, head: &ObjectHead) -> bool {
    let parts = match (upload.size, stated) {
        (PlannedSize::Exact(plan), _) => Some(plan.part_count()),
        (PlannedSize::AtMost(_) | PlannedSize::FreeParts(_), Some(stated)) => {
            u16::try_from(stated.parts.len()).ok()
        }
        (PlannedSize::AtMost(_) | PlannedSize::FreeParts(_), None) => None,
    };
    let has_size = match upload.size {
        PlannedSize::Exact(plan) => head.size == plan.size(),
        PlannedSize::AtMost(plan) => is_possible_size(plan, parts, head.size),
        PlannedSize::FreeParts(plan) => head.size <= plan.size(),
    };
    // Stores form the entity tag of a single `PUT` in different ways.
    let has_parts = match (&upload.method, parts, part_count_in(&head.etag)) {
        (SessionMethod::Multipart(_), Some(expected), Some(found)) => expected == found,
        _ => true,
    };
    has_size && has_parts && stated.is_none_or(|stated| has_stated_content(stated, head))
}

/// Returns `false` if the checksum or the entity tag of the object shows that it has other content than the stated one.
pub(super) fn has_stated_content(stated: &Stated, head: &ObjectHead) -> bool {
    may_consist_of(stated, head) && has_checksum(stated, head)
}

/// Returns `true` if an upload of `parts` parts can have this size, or one of any number of parts if that is `None`.
fn is_possible_size(plan: MultipartPlan, parts: Option<u16>, size: u64) -> bool {
    let Some(parts) = parts else { return size <= plan.size() };
    let before = u64::from(parts.saturating_sub(1)).saturating_mul(plan.part_size());
    let is_above = if parts <= 1 { true } else { size > before };
    is_above && size <= before.saturating_add(plan.part_size()).min(plan.size())
}

/// Returns `false` if both sides have a checksum of all bytes, and the two differ.
fn has_checksum(stated: &Stated, head: &ObjectHead) -> bool {
    let Some(stated) = &stated.checksum else { return true };
    if head.checksum_type == Some(ChecksumType::Composite) {
        return true;
    }
    find(&head.checksums, stated.algorithm()).is_none_or(|stored| stored == *stated)
}

/// Uploaded parts by their numbers. Invariant: they are in ascending order, as [`PartList`] states.
struct ByNumber<'a>(&'a [UploadedPart]);

impl<'a> ByNumber<'a> {
    const fn new(parts: &'a [UploadedPart]) -> Self {
        Self(parts)
    }

    /// Returns the uploads of a part: none or one, or several at a store that lists all of them.
    fn get(&self, number: PartNumber) -> &'a [UploadedPart] {
        let start = self.0.partition_point(|part| part.number < number);
        let rest = self.0.get(start..).unwrap_or_default();
        rest.get(..rest.partition_point(|part| part.number == number)).unwrap_or_default()
    }

    fn numbers(&self) -> impl Iterator<Item = PartNumber> + '_ {
        self.0.iter().map(|part| part.number)
    }
}

#[cfg(test)]
mod tests;
