//! The allowed sizes of an upload.

/// The minimum and maximum size of an upload in bytes. A single `PUT` can store at most 5 GiB.
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
    /// The maximum is more than one `PUT` can store.
    #[error("the maximum size must be at most 5368709120 bytes (5 GiB, the limit of one PUT), not {0}")]
    AboveMaxPut(u64),
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

    /// Allows 1 byte up to `max` bytes. Empty files are not allowed, because they are usually a mistake of the client.
    ///
    /// # Errors
    /// Returns [`InvalidSizeLimit`] if `max` is 0 or more than [`MAX_PUT`](Self::MAX_PUT).
    pub const fn up_to(max: u64) -> Result<Self, InvalidSizeLimit> {
        if max == 0 { Err(InvalidSizeLimit::Zero) } else { Self::between(1, max) }
    }

    /// Allows `min` to `max` bytes, both inclusive. `min` may be 0.
    ///
    /// # Errors
    /// Returns [`InvalidSizeLimit`] if `max` is 0 or more than [`MAX_PUT`](Self::MAX_PUT), or if `min` is larger than `max`.
    pub const fn between(min: u64, max: u64) -> Result<Self, InvalidSizeLimit> {
        if max == 0 {
            return Err(InvalidSizeLimit::Zero);
        }
        if max > Self::MAX_PUT {
            return Err(InvalidSizeLimit::AboveMaxPut(max));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_at_their_boundaries() {
        assert_eq!(SizeLimit::up_to(0), Err(InvalidSizeLimit::Zero));
        assert_eq!(SizeLimit::between(0, 0), Err(InvalidSizeLimit::Zero));
        assert_eq!(SizeLimit::up_to(5_368_709_120).unwrap().max(), SizeLimit::MAX_PUT);
        assert_eq!(SizeLimit::up_to(5_368_709_121), Err(InvalidSizeLimit::AboveMaxPut(5_368_709_121)));
        assert_eq!(SizeLimit::between(2, 1), Err(InvalidSizeLimit::MinAboveMax { min: 2, max: 1 }));
        assert_eq!(SizeLimit::between(0, 1).unwrap().min(), 0);
    }
}
