//! The allowed sizes of an upload.

use upsign_core::PartNumber;

/// The minimum and maximum size of an upload in bytes. A single `PUT` can store at most 5 GiB, and the parts of a multipart
/// upload at most 48.8 TiB.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
///
/// ```
/// use upsign_policy::SizeLimit;
/// let limit = SizeLimit::up_to(10 << 20)?;
/// assert_eq!((limit.min(), limit.max()), (1, 10_485_760));
/// # Ok::<(), upsign_policy::InvalidSizeLimit>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SizeLimit {
    min: u64,
    max: u64,
}

/// The reason why two sizes do not form a [`SizeLimit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSizeLimit {
    /// The maximum is 0, so nothing could be uploaded.
    #[error("the maximum size must be at least 1 byte, not 0")]
    Zero,
    /// The maximum is more than an object can have.
    #[error(
        "the maximum size must be at most 53687091200000 bytes (48.8 TiB, 10000 parts of 5 GiB), not {0}"
    )]
    AboveMaxObject(u64),
    /// The minimum is larger than the maximum.
    #[error("the minimum size {min} is larger than the maximum size {max}")]
    MinAboveMax {
        /// The minimum.
        min: u64,
        /// The maximum.
        max: u64,
    },
}

impl SizeLimit {
    /// Maximum size of one `PUT`: 5 GiB.
    pub const MAX_PUT: u64 = 5 << 30;

    /// Maximum size of an object: 10,000 parts of 5 GiB, or 48.8 TiB.
    pub const MAX_OBJECT: u64 = PartNumber::MAX.get() as u64 * Self::MAX_PUT;

    /// Allows 1 byte up to `max` bytes. Empty files are not allowed, because they are usually a mistake of the client.
    ///
    /// # Errors
    /// Returns [`InvalidSizeLimit`] if `max` is 0 or more than [`MAX_OBJECT`](Self::MAX_OBJECT).
    pub const fn up_to(max: u64) -> Result<Self, InvalidSizeLimit> {
        if max == 0 { Err(InvalidSizeLimit::Zero) } else { Self::between(1, max) }
    }

    /// Allows `min` to `max` bytes, both inclusive. `min` may be 0.
    ///
    /// # Errors
    /// Returns [`InvalidSizeLimit`] if `max` is 0 or more than [`MAX_OBJECT`](Self::MAX_OBJECT), or if `min` is larger than `max`.
    pub const fn between(min: u64, max: u64) -> Result<Self, InvalidSizeLimit> {
        if max == 0 {
            return Err(InvalidSizeLimit::Zero);
        }
        if max > Self::MAX_OBJECT {
            return Err(InvalidSizeLimit::AboveMaxObject(max));
        }
        if min > max { Err(InvalidSizeLimit::MinAboveMax { min, max }) } else { Ok(Self { min, max }) }
    }

    /// Returns the minimum size in bytes.
    #[must_use]
    pub const fn min(self) -> u64 {
        self.min
    }

    /// Returns the maximum size in bytes.
    #[must_use]
    pub const fn max(self) -> u64 {
        self.max
    }
}

/// Returns a number of bytes in the largest unit that gives it exactly, or `None` if it is not a multiple of 1 KiB.
pub(crate) fn in_largest_unit(bytes: u64) -> Option<(u64, &'static str)> {
    let units = [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let (unit, name) = units.into_iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit))?;
    Some((bytes / unit, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_at_their_boundaries() {
        assert_eq!(SizeLimit::up_to(0), Err(InvalidSizeLimit::Zero));
        assert_eq!(SizeLimit::between(0, 0), Err(InvalidSizeLimit::Zero));
        assert_eq!(SizeLimit::up_to(53_687_091_200_000).unwrap().max(), SizeLimit::MAX_OBJECT);
        let above = 53_687_091_200_001;
        assert_eq!(SizeLimit::up_to(above), Err(InvalidSizeLimit::AboveMaxObject(above)));
        assert_eq!(SizeLimit::between(2, 1), Err(InvalidSizeLimit::MinAboveMax { min: 2, max: 1 }));
        assert_eq!(SizeLimit::between(0, 1).unwrap().min(), 0);
    }

    #[test]
    fn sizes_have_the_largest_exact_unit() {
        for (bytes, expected) in [
            (0, None),
            (1_023, None),
            (1_025, None),
            (1 << 10, Some((1, "KiB"))),
            (1_536 << 20, Some((1_536, "MiB"))),
            (5 << 30, Some((5, "GiB"))),
            (2 << 40, Some((2, "TiB"))),
        ] {
            assert_eq!(in_largest_unit(bytes), expected, "{bytes}");
        }
    }
}
