//! Part numbers and upload ids of multipart uploads.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The number of a part of a multipart upload: 1 to 10,000.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
///
/// ```
/// use upsign_core::PartNumber;
/// assert_eq!(PartNumber::new(10_000)?.get(), 10_000);
/// assert!(PartNumber::new(0).is_err());
/// # Ok::<(), upsign_core::InvalidPartNumber>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartNumber(u16);

/// The number is not in the range 1 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a part number must be 1 to 10000, not {0}")]
#[non_exhaustive]
pub struct InvalidPartNumber(pub u64);

impl PartNumber {
    /// The number of the first part.
    pub const MIN: Self = Self(1);
    /// The highest number that a part can have.
    pub const MAX: Self = Self(10_000);

    /// Creates a part number.
    ///
    /// # Errors
    /// Returns an error if the number is 0 or greater than 10,000.
    pub const fn new(number: u64) -> Result<Self, InvalidPartNumber> {
        if number >= 1 && number <= Self::MAX.0 as u64 {
            #[expect(clippy::cast_possible_truncation, reason = "at most 10000")]
            Ok(Self(number as u16))
        } else {
            Err(InvalidPartNumber(number))
        }
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// Calls `each` with the number in decimal digits, without allocating memory.
    pub(crate) fn with_digits<T>(self, each: impl FnOnce(&str) -> T) -> T {
        let mut digits = [b'0'; 5];
        let (mut rest, mut len) = (self.0, 0);
        for digit in digits.iter_mut().rev() {
            if rest == 0 {
                break;
            }
            *digit += u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
            len += 1;
        }
        let text = digits.get(digits.len() - len..).and_then(|digits| str::from_utf8(digits).ok());
        each(text.unwrap_or_default())
    }
}

impl TryFrom<u64> for PartNumber {
    type Error = InvalidPartNumber;

    fn try_from(number: u64) -> Result<Self, InvalidPartNumber> {
        Self::new(number)
    }
}

impl fmt::Display for PartNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id of a multipart upload, as returned by `CreateMultipartUpload`. It is opaque text and not empty.
///
/// Clones share the text, so the requests for all parts of an upload store it once.
///
/// ```
/// use upsign_core::{Operation, PartNumber, UploadId};
/// let upload_id: UploadId = "VXBsb2FkSWQ".parse()?; // from the answer to CreateMultipartUpload
/// let part = Operation::UploadPart { part_number: PartNumber::new(1)?, upload_id };
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadId(Arc<str>);

/// The text of an upload id is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the upload id must not be empty")]
#[non_exhaustive]
pub struct InvalidUploadId;

impl UploadId {
    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UploadId {
    type Err = InvalidUploadId;

    fn from_str(text: &str) -> Result<Self, InvalidUploadId> {
        if text.is_empty() { Err(InvalidUploadId) } else { Ok(Self(text.into())) }
    }
}

crate::text_type!(UploadId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_numbers_outside_the_range_are_rejected() {
        for number in [0, 10_001, 65_537, u64::MAX] {
            assert_eq!(PartNumber::new(number), Err(InvalidPartNumber(number)));
        }
        for number in 1..=10_000 {
            let part = PartNumber::new(number).unwrap();
            assert_eq!(part.with_digits(str::to_owned), number.to_string());
            assert_eq!((part.to_string(), u64::from(part.get())), (number.to_string(), number));
        }
    }

    #[test]
    fn empty_upload_id_is_rejected() {
        assert_eq!("".parse::<UploadId>(), Err(InvalidUploadId));
        assert_eq!("id with space&x=1".parse::<UploadId>().unwrap().as_str(), "id with space&x=1");
    }
}
