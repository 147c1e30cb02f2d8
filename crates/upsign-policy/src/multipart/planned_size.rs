//! The size of a multipart upload.

use upsign_core::MultipartPlan;

/// What is known about the size of a multipart upload when it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a size is known, or it is bounded")]
pub enum PlannedSize {
    /// The exact size: the lengths of all parts follow from the plan.
    Exact(MultipartPlan),
    /// A maximum: the object has at most this size and this many parts, and only its last part may be shorter than the others.
    AtMost(MultipartPlan),
    /// A maximum, with parts of any length: the sum of the parts is compared with it when the upload is completed, because nothing bound
    /// their lengths before. The number and the size of the parts of the plan mean nothing.
    FreeParts(MultipartPlan),
}

impl PlannedSize {
    /// Returns the plan of the exact size or of the maximum.
    #[must_use]
    pub const fn plan(self) -> MultipartPlan {
        match self {
            Self::Exact(plan) | Self::AtMost(plan) | Self::FreeParts(plan) => plan,
        }
    }

    /// Returns the exact size in bytes, or `None` if only a maximum is known.
    #[must_use]
    pub const fn exact(self) -> Option<u64> {
        match self {
            Self::Exact(plan) => Some(plan.size()),
            Self::AtMost(_) | Self::FreeParts(_) => None,
        }
    }
}
