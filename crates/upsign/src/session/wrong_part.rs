//! Uploaded parts that are not the expected ones.

use upsign_core::PartNumber;
use upsign_objects::ETag;

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
