//! Conditions of a POST policy.

use std::fmt;

use crate::post::key::FILE_NAME;

/// The allowed size of an uploaded file in bytes. Both ends are included.
///
/// In the policy document it becomes the condition `content-length-range`.
///
/// ```
/// use upsign_core::LengthRange;
/// let up_to_10_mib = LengthRange::new(1, 10 << 20)?;
/// assert_eq!((up_to_10_mib.min(), up_to_10_mib.max()), (1, 10_485_760));
/// assert!(LengthRange::new(2, 1).is_err());
/// # Ok::<(), upsign_core::InvalidLengthRange>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LengthRange {
    min: u64,
    max: u64,
}

/// The minimum, the first field, is greater than the maximum, the second field, or the maximum is greater than 5 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid size range {0} to {1} bytes: the minimum must not exceed the maximum, and the maximum must not exceed 5 GiB"
)]
#[non_exhaustive]
pub struct InvalidLengthRange(pub u64, pub u64);

/// A condition on the value of a form field.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>.
///
/// ```
/// use upsign_core::Condition;
/// // A PostPolicy adds a condition for each of its own fields. This one lets the client choose the subtype.
/// let images = Condition::starts_with("Content-Type", "image/");
/// assert!(matches!(images, Condition::StartsWith { .. }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Condition {
    /// The field must have exactly this value.
    Exact {
        /// The name of the field. S3 ignores its letter case.
        name: Box<str>,
        /// The required value.
        value: Box<str>,
    },
    /// The value of the field must start with this prefix.
    StartsWith {
        /// The name of the field. S3 ignores its letter case.
        name: Box<str>,
        /// The required prefix. If it is empty, any value is allowed.
        prefix: Box<str>,
    },
}

impl LengthRange {
    /// Every size that a form upload can have: 0 bytes to 5 GiB.
    pub const ANY: Self = Self { min: 0, max: 5 << 30 };

    /// Creates the range from `min` to `max` bytes, both included.
    ///
    /// # Errors
    /// Returns an error if `min` is greater than `max`, or `max` is greater than 5 GiB.
    pub const fn new(min: u64, max: u64) -> Result<Self, InvalidLengthRange> {
        if min <= max && max <= Self::ANY.max {
            Ok(Self { min, max })
        } else {
            Err(InvalidLengthRange(min, max))
        }
    }

    /// Returns the minimum number of bytes.
    #[must_use]
    pub const fn min(self) -> u64 {
        self.min
    }

    /// Returns the maximum number of bytes.
    #[must_use]
    pub const fn max(self) -> u64 {
        self.max
    }
}

impl Condition {
    /// Requires the field to have exactly this value.
    #[must_use]
    pub fn exact(name: &str, value: &str) -> Self {
        Self::Exact { name: name.into(), value: value.into() }
    }

    /// Requires the value of the field to start with `prefix`.
    #[must_use]
    pub fn starts_with(name: &str, prefix: &str) -> Self {
        Self::StartsWith { name: name.into(), prefix: prefix.into() }
    }

    /// Returns the condition that a field of the form satisfies. If the value ends in `${filename}`, only its beginning
    /// is known, because S3 inserts the name of the file before it checks the policy.
    pub(crate) fn of_field(name: &str, value: &str) -> Self {
        match value.strip_suffix(FILE_NAME) {
            Some(prefix) => Self::starts_with(name, prefix),
            None => Self::exact(name, value),
        }
    }

    /// Returns the name of the field.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Exact { name, .. } | Self::StartsWith { name, .. } => name,
        }
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Exact { value, .. } => value,
            Self::StartsWith { prefix, .. } => prefix,
        }
    }

    pub(crate) fn applies_to(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// Returns `true` if a single value can satisfy both conditions. Both must apply to the same field.
    pub(crate) fn is_compatible_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact { value, .. }, Self::Exact { value: other, .. }) => value == other,
            (Self::Exact { value, .. }, Self::StartsWith { prefix, .. })
            | (Self::StartsWith { prefix, .. }, Self::Exact { value, .. }) => {
                value.starts_with(prefix.as_ref())
            }
            (Self::StartsWith { prefix, .. }, Self::StartsWith { prefix: other, .. }) => {
                prefix.starts_with(other.as_ref()) || other.starts_with(prefix.as_ref())
            }
        }
    }

    /// Returns `true` if every value that a field of the form can take, as described by `field`, satisfies this
    /// condition, regardless of the name of the file.
    pub(crate) fn is_satisfied_by(&self, field: &Self) -> bool {
        let varies = matches!(field, Self::StartsWith { .. });
        !(varies && matches!(self, Self::Exact { .. })) && self.is_compatible_with(field)
    }
}

impl fmt::Display for LengthRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {} bytes", self.min, self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_ranges_are_validated() {
        assert_eq!(LengthRange::new(1, 10).unwrap().to_string(), "1 to 10 bytes");
        assert_eq!(LengthRange::new(2, 1), Err(InvalidLengthRange(2, 1)));
        assert_eq!(LengthRange::new(0, 5 << 30), Ok(LengthRange::ANY));
        assert!(LengthRange::new(0, (5 << 30) + 1).is_err());
    }
}
