//! Uploaded parts that are not the expected ones.

use upsign_core::PartNumber;
use upsign_objects::ETag;

use crate::session::ranges::PartRanges;

/// An uploaded part that is not the one that was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrongPart {
    /// The number of the part.
    pub number: PartNumber,
    /// The first difference.
    pub difference: PartDifference,
    /// The entity tag of the uploaded part.
    pub etag: ETag,
    /// The size of the uploaded part in bytes.
    pub size: u64,
}

/// How an uploaded part differs from the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PartDifference {
    /// Its size is not that of the plan.
    Size,
    /// Its entity tag is not the one that the client stated: it was uploaded again since, or is that of another upload.
    ETag,
    /// Its checksum is not the one that the client stated.
    Checksum,
}

impl WrongPart {
    pub(crate) const fn new(number: PartNumber, difference: PartDifference, etag: ETag, size: u64) -> Self {
        Self { number, difference, etag, size }
    }
}

impl PartDifference {
    /// Returns a stable word for programs: `size`, `etag` or `checksum`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::ETag => "etag",
            Self::Checksum => "checksum",
        }
    }
}

/// Describes how uploaded parts differ, and what the client can do.
pub(super) fn describe(parts: &[WrongPart]) -> String {
    let kinds = [
        (PartDifference::Size, "another size than planned"),
        (PartDifference::ETag, "another ETag than stated"),
        (PartDifference::Checksum, "another checksum than stated"),
    ];
    let differences = kinds.into_iter().filter_map(|(kind, text)| {
        let differing = parts.iter().filter(|part| part.difference == kind);
        let numbers = PartRanges::new(differing.map(|part| part.number));
        match numbers.len() {
            0 => None,
            1 => Some(format!("part {numbers} with {text}")),
            _ => Some(format!("parts {numbers} with {text}")),
        }
    });
    let differences = differences.collect::<Vec<_>>().join(", ");
    // Only an ETag can be the right one although it differs: the client has sent the part again, and stated the first answer.
    let can_be_right = parts.iter().all(|part| part.difference == PartDifference::ETag);
    let remedy = match (parts.len(), can_be_right) {
        (1, true) => "upload it again, or state the ETag that the store has",
        (1, false) => "upload it again",
        (_, true) => "upload them again, or state the ETags that the store has",
        (_, false) => "upload them again",
    };
    format!("the store has {differences}: {remedy}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_names_the_parts_of_each_difference_and_the_remedy() {
        let parts = |parts: &[(u64, PartDifference)]| {
            let part = |(number, difference): &(u64, PartDifference)| {
                WrongPart::new(PartNumber::new(*number).unwrap(), *difference, "e".parse().unwrap(), 7)
            };
            describe(&parts.iter().map(part).collect::<Vec<_>>())
        };
        assert_eq!(
            parts(&[(2, PartDifference::ETag)]),
            "the store has part 2 with another ETag than stated: upload it again, or state the ETag that the store has"
        );
        assert_eq!(
            parts(&[(2, PartDifference::ETag), (3, PartDifference::ETag)]),
            "the store has parts 2-3 with another ETag than stated: upload them again, or state the ETags that the store has"
        );
        assert_eq!(
            parts(&[(1, PartDifference::ETag), (3, PartDifference::Checksum), (4, PartDifference::Size)]),
            "the store has part 4 with another size than planned, part 1 with another ETag than stated, part 3 with another \
             checksum than stated: upload them again"
        );
    }
}
