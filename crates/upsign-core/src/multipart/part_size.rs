//! The choice of a part size within the limits of a store.

use crate::request::part::PartNumber;
use crate::target::capabilities::Capabilities;

/// Every part size is a multiple of 1 MiB.
pub(super) const UNIT: u64 = 1 << 20;

/// The reason why an object cannot be divided as requested. Each variant states what was found and what is possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMultipartPlan {
    /// The object is larger than the store accepts.
    #[error(
        "an object of {size} bytes is too large: the store accepts at most {max} bytes in a multipart upload"
    )]
    ObjectTooLarge {
        /// The size of the object in bytes.
        size: u64,
        /// The largest possible size in bytes.
        max: u64,
    },
    /// The object is smaller than the store accepts in a multipart upload. Upload it with one `PUT`.
    #[error("an object of {size} bytes is too small: the store accepts at least {min} in a multipart upload")]
    ObjectTooSmall {
        /// The size of the object in bytes.
        size: u64,
        /// The smallest possible size in bytes.
        min: u64,
    },
    /// The requested part size is outside the range of the store.
    #[error(
        "a part size of {part_size} bytes is not possible: the store accepts {min} to {max} bytes; the nearest possible \
         part size is {nearest}"
    )]
    PartSizeOutOfRange {
        /// The requested part size in bytes.
        part_size: u64,
        /// The smallest part size of the store, rounded up to 1 MiB.
        min: u64,
        /// The largest part size of the store, rounded down to 1 MiB.
        max: u64,
        /// The nearest part size that is possible for the object.
        nearest: u64,
    },
    /// The requested part size is not a multiple of 1 MiB.
    #[error(
        "a part size of {part_size} bytes is not a multiple of 1048576 (1 MiB); the nearest possible part size is \
         {nearest}"
    )]
    PartSizeNotAligned {
        /// The requested part size in bytes.
        part_size: u64,
        /// The nearest part size that is possible for the object.
        nearest: u64,
    },
    /// The requested part size divides the object into more parts than the store accepts.
    #[error(
        "a part size of {part_size} bytes divides an object of {size} bytes into {parts} parts, but the store accepts at \
         most {max_parts}; the nearest possible part size is {nearest}"
    )]
    TooManyParts {
        /// The requested part size in bytes.
        part_size: u64,
        /// The size of the object in bytes.
        size: u64,
        /// The number of parts that would be necessary.
        parts: u64,
        /// The maximum number of parts.
        max_parts: u16,
        /// The nearest part size that is possible for the object.
        nearest: u64,
    },
    /// No part size satisfies the limits of the store, for example because it accepts no parts.
    #[error(
        "the store's limits allow no multipart upload: at most {max_parts} parts of {min} to {max} bytes, in multiples of \
         1048576 (1 MiB)"
    )]
    NoPartSize {
        /// The minimum size of a part in bytes.
        min: u64,
        /// The maximum size of a part in bytes.
        max: u64,
        /// The maximum number of parts.
        max_parts: u16,
    },
}

impl InvalidMultipartPlan {
    /// Returns the possible part size that is nearest to the requested one, in bytes, or `None` if the object cannot be
    /// uploaded with any.
    #[must_use]
    pub const fn nearest_part_size(&self) -> Option<u64> {
        match self {
            Self::PartSizeOutOfRange { nearest, .. }
            | Self::PartSizeNotAligned { nearest, .. }
            | Self::TooManyParts { nearest, .. } => Some(*nearest),
            Self::ObjectTooLarge { .. } | Self::ObjectTooSmall { .. } | Self::NoPartSize { .. } => None,
        }
    }
}

/// The part sizes that a store accepts for one object.
///
/// Invariants: `min` and `max` are multiples of [`UNIT`]; `min <= lowest <= max`; with parts of `lowest` bytes or more, the
/// object has at most `max_parts` parts.
pub(super) struct PartSizes {
    size: u64,
    min: u64,
    max: u64,
    max_parts: u16,
    /// The smallest part size that is possible for the object.
    lowest: u64,
}

impl PartSizes {
    pub(super) fn of(size: u64, store: &Capabilities) -> Result<Self, InvalidMultipartPlan> {
        let max_parts = store.max_parts.min(PartNumber::MAX.get());
        let none = InvalidMultipartPlan::NoPartSize {
            min: store.min_part_bytes,
            max: store.max_part_bytes,
            max_parts,
        };
        let min = store.min_part_bytes.max(1).checked_next_multiple_of(UNIT).ok_or(none)?;
        let max = store.max_part_bytes / UNIT * UNIT;
        if min > max || max_parts == 0 {
            return Err(none);
        }
        let max_size = store.max_object_bytes.min(max.saturating_mul(u64::from(max_parts)));
        if size > max_size {
            return Err(InvalidMultipartPlan::ObjectTooLarge { size, max: max_size });
        }
        if size < store.min_object_bytes {
            return Err(InvalidMultipartPlan::ObjectTooSmall { size, min: store.min_object_bytes });
        }
        // At most `max`, because that is a multiple of `UNIT` and at least `size / max_parts`.
        let even = size.div_ceil(u64::from(max_parts)).checked_next_multiple_of(UNIT).unwrap_or(max);
        Ok(Self { size, min, max, max_parts, lowest: even.clamp(min, max) })
    }

    /// Returns the possible part size that is nearest to `wanted`. Of two that are equally near, it is the larger one.
    pub(super) fn nearest(&self, wanted: u64) -> u64 {
        let rounded_up = u64::from(wanted % UNIT >= UNIT / 2);
        (wanted / UNIT + rounded_up).saturating_mul(UNIT).clamp(self.lowest, self.max)
    }

    /// Returns `wanted` if it is possible.
    pub(super) fn exactly(&self, wanted: u64) -> Result<u64, InvalidMultipartPlan> {
        let nearest = self.nearest(wanted);
        if nearest == wanted {
            Ok(wanted)
        } else if wanted < self.min || wanted > self.max {
            let Self { min, max, .. } = *self;
            Err(InvalidMultipartPlan::PartSizeOutOfRange { part_size: wanted, min, max, nearest })
        } else if !wanted.is_multiple_of(UNIT) {
            Err(InvalidMultipartPlan::PartSizeNotAligned { part_size: wanted, nearest })
        } else {
            let Self { size, max_parts, .. } = *self;
            let parts = size.div_ceil(wanted);
            Err(InvalidMultipartPlan::TooManyParts { part_size: wanted, size, parts, max_parts, nearest })
        }
    }
}
