//! What a POST policy says of a form.

use std::fmt;

use crate::post::key::FILE_NAME;

/// How many bytes the file may have, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LengthRange {
    min: u64,
    max: u64,
}

/// The range is empty, or larger than what one form can store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a form stores from {0} to {1} bytes: the first must not be above the second, nor that above 5 GiB")]
#[non_exhaustive]
pub struct InvalidLengthRange(pub u64, pub u64);

/// What a field of the form must be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Condition {
    /// Exactly this.
    Exact {
        /// The field; S3 takes names in any letter case.
        name: Box<str>,
        /// Its value.
        value: Box<str>,
    },
    /// Anything that starts with this.
    StartsWith {
        /// The field; S3 takes names in any letter case.
        name: Box<str>,
        /// What its value starts with; empty for anything.
        prefix: Box<str>,
    },
}

impl LengthRange {
    /// Whatever one form can store: an empty file up to 5 GiB.
    pub const ANY: Self = Self { min: 0, max: 5 << 30 };

    /// From `min` to `max` bytes, both included.
    ///
    /// # Errors
    /// [`InvalidLengthRange`] when `min` is above `max`, or `max` above 5 GiB.
    pub const fn new(min: u64, max: u64) -> Result<Self, InvalidLengthRange> {
        if min <= max && max <= Self::ANY.max {
            Ok(Self { min, max })
        } else {
            Err(InvalidLengthRange(min, max))
        }
    }

    /// The fewest bytes.
    #[must_use]
    pub const fn min(self) -> u64 {
        self.min
    }

    /// The most bytes.
    #[must_use]
    pub const fn max(self) -> u64 {
        self.max
    }
}

impl Condition {
    /// The field must be exactly `value`.
    #[must_use]
    pub fn exact(name: &str, value: &str) -> Self {
        Self::Exact { name: name.into(), value: value.into() }
    }

    /// The field must start with `prefix`.
    #[must_use]
    pub fn starts_with(name: &str, prefix: &str) -> Self {
        Self::StartsWith { name: name.into(), prefix: prefix.into() }
    }

    /// What a field that the form carries satisfies: S3 puts the file's name in place of `${filename}` first.
    pub(crate) fn of_field(name: &str, value: &str) -> Self {
        match value.strip_suffix(FILE_NAME) {
            Some(prefix) => Self::starts_with(name, prefix),
            None => Self::exact(name, value),
        }
    }

    /// The field it is about.
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

    pub(crate) fn is_about(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// Whether one value can satisfy both, their fields being the same.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
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

    /// Whether a field that satisfies `carried` satisfies this, whatever the file is called.
    pub(crate) fn admits(&self, carried: &Self) -> bool {
        let file_name = matches!(carried, Self::StartsWith { .. });
        !(file_name && matches!(self, Self::Exact { .. })) && self.agrees_with(carried)
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
    fn sizes() {
        assert_eq!(LengthRange::new(1, 10).unwrap().to_string(), "1 to 10 bytes");
        assert_eq!(LengthRange::new(2, 1), Err(InvalidLengthRange(2, 1)));
        assert_eq!(LengthRange::new(0, 5 << 30), Ok(LengthRange::ANY));
        assert!(LengthRange::new(0, (5 << 30) + 1).is_err());
    }
}
