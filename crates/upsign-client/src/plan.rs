//! How an upload is divided into parts, and what is known when it is stored.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::checksum::{Checksum, ChecksumAlgorithm, ChecksumType};
use crate::confirm::Confirmation;

/// The largest number of parts of an upload.
pub(crate) const MAX_PARTS: u32 = 10_000;

/// How a multipart upload is divided.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartLayout {
    /// The size of the object in bytes, or `None` if it is known only at the end.
    pub size: Option<u64>,
    /// The length of each part but the last, in bytes.
    pub part_size: u64,
    /// The number of parts; the maximum if the size is not known.
    pub part_count: u32,
    /// The checksum of the upload.
    pub checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
}

impl PartLayout {
    /// Creates the layout, or returns `None` if the numbers contradict each other.
    pub(crate) fn new(
        size: Option<u64>,
        part_size: u64,
        part_count: u32,
        checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
    ) -> Option<Self> {
        let fits = size.is_none_or(|size| size.div_ceil(part_size.max(1)).max(1) == u64::from(part_count));
        let is_possible = part_size > 0
            && (1..=MAX_PARTS).contains(&part_count)
            && part_size.checked_mul(part_count.into()).is_some();
        (fits && is_possible).then_some(Self { size, part_size, part_count, checksum })
    }

    /// Returns the numbers of all parts.
    pub(crate) const fn numbers(&self) -> RangeInclusive<u32> {
        1..=self.part_count
    }

    /// Returns the offset of a part.
    pub(crate) fn offset(&self, number: u32) -> u64 {
        self.part_size.saturating_mul(number.saturating_sub(1).into())
    }

    /// Returns the length of a part; the longest one if the size is not known.
    pub(crate) fn len(&self, number: u32) -> u64 {
        let rest = self.size.map_or(u64::MAX, |size| size.saturating_sub(self.offset(number)));
        rest.min(self.part_size)
    }

    pub(crate) fn algorithm(&self) -> Option<ChecksumAlgorithm> {
        self.checksum.map(|(algorithm, _)| algorithm)
    }

    pub(crate) fn has_full_checksum(&self) -> bool {
        matches!(self.checksum, Some((_, ChecksumType::FullObject)))
    }

    /// Returns whether every part must have its checksum.
    pub(crate) fn needs_part_checksums(&self) -> bool {
        matches!(self.checksum, Some((_, ChecksumType::Composite | ChecksumType::Parts)))
    }
}

/// An object that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// The key of the object.
    pub key: String,
    /// The size in bytes.
    pub size: u64,
    /// The entity tag, without quotes, if the store sent one.
    pub etag: Option<String>,
    /// The version, in a bucket with versioning.
    pub version_id: Option<String>,
    /// The checksum of all bytes, if one was computed.
    pub checksum: Option<Checksum>,
    /// The ids in the answer of the API, such as `articleId`, and members of the application that are texts.
    pub ids: BTreeMap<String, String>,
    /// The number of parts, or `None` for an upload in one request.
    pub parts: Option<u32>,
    /// The confirmation, if the API offers it and [`UploadOptions::confirm`](crate::UploadOptions::confirm) does not prevent it.
    pub confirmation: Option<Confirmation>,
}

/// Returns an entity tag without quotes.
pub(crate) fn unquoted(etag: &str) -> &str {
    let inner = etag.strip_prefix('"').and_then(|etag| etag.strip_suffix('"'));
    inner.unwrap_or(etag)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_cover_the_object_once(size in 0_u64..1 << 40, part_size in 1_u64 << 20..1 << 32) {
            let count = size.div_ceil(part_size).max(1);
            prop_assume!(count <= u64::from(MAX_PARTS));
            let layout = PartLayout::new(Some(size), part_size, count as u32, None).unwrap();
            let mut end = 0;
            for number in layout.numbers() {
                prop_assert_eq!(layout.offset(number), end);
                end += layout.len(number);
            }
            prop_assert_eq!(end, size);
        }
    }

    #[test]
    fn contradictions_are_refused() {
        let layout = |size, part_size, count| PartLayout::new(size, part_size, count, None);
        assert!(layout(Some(10), 5, 2).is_some());
        assert!(layout(Some(0), 5, 1).is_some(), "an empty object has one empty part");
        for (size, part_size, count) in
            [(10, 5, 1), (10, 5, 3), (11, 5, 2), (10, 0, 1), (0, 5, 0), (10_001, 1, 10_001)]
        {
            assert_eq!(layout(Some(size), part_size, count), None, "{size} {part_size} {count}");
        }
        assert!(layout(None, 5, 10_000).is_some());
        for (part_size, count) in [(5, 0), (5, 10_001), (0, 5), (u64::MAX, 2)] {
            assert_eq!(layout(None, part_size, count), None, "{part_size} {count}");
        }
    }

    #[test]
    fn quotes_of_entity_tags_are_removed() {
        assert_eq!(unquoted("\"abc\""), "abc");
        assert_eq!(unquoted("abc"), "abc");
        assert_eq!(unquoted("\""), "\"");
    }
}
