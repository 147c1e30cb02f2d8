//! How large an upload may be.

/// The smallest and the largest body in bytes. A single PUT stores at most 5 GiB.
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

/// Why two numbers are no [`SizeLimit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSizeLimit {
    /// Nothing could be uploaded.
    #[error("a maximum size of 0 allows nothing")]
    Zero,
    /// Over 5 GiB.
    #[error("one PUT stores at most 5368709120 bytes (5 GiB), not {0}")]
    OverPut(u64),
    /// The smallest is larger than the largest.
    #[error("the minimum size {min} is above the maximum size {max}")]
    Order {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
    },
}

impl SizeLimit {
    /// The largest body of one PUT: 5 GiB.
    pub const MAX_PUT: u64 = 5 << 30;

    /// All that one PUT can store: what a builder starts from.
    pub(crate) const PUT: Self = Self { min: 0, max: Self::MAX_PUT };

    /// From 1 byte to `max`.
    ///
    /// # Errors
    /// [`InvalidSizeLimit`].
    pub const fn up_to(max: u64) -> Result<Self, InvalidSizeLimit> {
        if max == 0 { Err(InvalidSizeLimit::Zero) } else { Self::between(1, max) }
    }

    /// From `min`, which may be 0, to `max`, both included.
    ///
    /// # Errors
    /// [`InvalidSizeLimit`].
    pub const fn between(min: u64, max: u64) -> Result<Self, InvalidSizeLimit> {
        if max == 0 {
            return Err(InvalidSizeLimit::Zero);
        }
        if max > Self::MAX_PUT {
            return Err(InvalidSizeLimit::OverPut(max));
        }
        if min > max { Err(InvalidSizeLimit::Order { min, max }) } else { Ok(Self { min, max }) }
    }

    /// The smallest body.
    #[must_use]
    pub const fn min(self) -> u64 {
        self.min
    }

    /// The largest body.
    #[must_use]
    pub const fn max(self) -> u64 {
        self.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends() {
        assert_eq!(SizeLimit::up_to(0), Err(InvalidSizeLimit::Zero));
        assert_eq!(SizeLimit::between(0, 0), Err(InvalidSizeLimit::Zero));
        assert_eq!(SizeLimit::up_to(5_368_709_120).unwrap().max(), SizeLimit::MAX_PUT);
        assert_eq!(SizeLimit::up_to(5_368_709_121), Err(InvalidSizeLimit::OverPut(5_368_709_121)));
        assert_eq!(SizeLimit::between(2, 1), Err(InvalidSizeLimit::Order { min: 2, max: 1 }));
        assert_eq!(SizeLimit::between(0, 1).unwrap().min(), 0);
    }
}
