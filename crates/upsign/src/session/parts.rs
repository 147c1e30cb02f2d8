//! The request for the URLs of parts, and its result.

use std::collections::HashSet;

use upsign_core::{
    ExpiresIn, ExpiryPrecision, ObjectKey, PartNumber, PresignedUrl, SignedHeaders, Timestamp,
};

/// The parts for which a client wants URLs.
///
/// ```
/// use upsign::session::PartsRequest;
/// use upsign::types::PartNumber;
///
/// let first = PartNumber::MIN;
/// let request = PartsRequest::new(vec![first])?.with_checksums(vec![Some("AAAAAAAAAAA=".into())])?;
/// assert_eq!(request.numbers(), [first]);
/// assert!(PartsRequest::new(vec![first, first]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartsRequest {
    numbers: Vec<PartNumber>,
    lengths: Option<Vec<u64>>,
    checksums: Option<Vec<Option<Box<str>>>>,
}

/// The reason why part numbers are not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPartNumbers {
    /// The request names no part.
    #[error("at least one part number is required")]
    None,
    /// The request names too many parts.
    #[error("{count} part numbers are too many: a request may have at most {max}")]
    TooMany {
        /// How many parts the request names.
        count: usize,
        /// How many it may name.
        max: usize,
    },
    /// The upload has no such part.
    #[error("part number {number} is not in the range 1 to {last} of this upload")]
    OutOfRange {
        /// The first number that is not in the range.
        number: u64,
        /// The number of the last part.
        last: u16,
    },
    /// The parts of the upload can have any length, and an object of at most the maximum size cannot have this one.
    #[error(
        "at most {max} bytes are permitted, so parts 1 to {last} are signed, and part number {number} is not"
    )]
    AboveMaxSize {
        /// The first number that is too large.
        number: u64,
        /// The highest number that is signed.
        last: u16,
        /// The maximum size of the object in bytes.
        max: u64,
    },
    /// The request names a part more than once.
    #[error("part number {0} occurs more than once")]
    Repeated(PartNumber),
    /// The parts of which an object will consist are not in ascending order.
    #[error("part number {0} follows a higher one: parts must be in ascending order")]
    Unsorted(PartNumber),
}

/// The reason why stated lengths of parts are not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPartLengths {
    /// The number of lengths is not the number of parts.
    #[error("one length per part is expected, {parts} in all, not {lengths}")]
    Count {
        /// The number of lengths.
        lengths: usize,
        /// The number of parts.
        parts: usize,
    },
    /// The size of the upload is known, and with it the length of every part.
    #[error("the lengths of the parts of this upload are fixed and cannot be stated")]
    Fixed,
    /// The parts of the upload can have any length, and their URLs bind none.
    #[error("the parts of this upload can have any length, so none can be stated")]
    Free,
    /// The size of the upload is not known, so the client must state the lengths of its parts.
    #[error("the size of this upload is not known, so the length of each part must be stated")]
    Missing,
    /// A part is longer than the part size.
    #[error("part {number} cannot have {len} bytes: the part size is {max}")]
    TooLong {
        /// The number of the part.
        number: PartNumber,
        /// The stated length in bytes.
        len: u64,
        /// The maximum length in bytes.
        max: u64,
    },
    /// A part is shorter than the part size although it cannot be the last one.
    #[error("part {number} cannot have {len} bytes: only the last part can be shorter than {part_size}")]
    TooShort {
        /// The number of the part.
        number: PartNumber,
        /// The stated length in bytes.
        len: u64,
        /// The part size in bytes.
        part_size: u64,
    },
    /// A part has no bytes. Only the only part of an empty object can be empty.
    #[error("part {0} cannot be empty")]
    Empty(PartNumber),
}

/// The number of checksums is not the number of parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("one checksum or null per part is expected, {parts} in all, not {checksums}")]
#[non_exhaustive]
pub struct InvalidChecksumCount {
    /// The number of checksums.
    pub checksums: usize,
    /// The number of parts.
    pub parts: usize,
}

impl PartsRequest {
    /// The maximum number of parts in one request: 1,000. It bounds the size of the answer and the work of one call.
    pub const MAX_PARTS: usize = 1_000;

    /// Creates a request for the parts with these numbers, in any order.
    ///
    /// # Errors
    /// Returns an error if there is no number, if there are more than 1,000, or if one occurs twice. Numbers above that of the
    /// upload's last part are found later, because only the upload token states it.
    pub fn new(numbers: Vec<PartNumber>) -> Result<Self, InvalidPartNumbers> {
        if numbers.is_empty() {
            return Err(InvalidPartNumbers::None);
        }
        if numbers.len() > Self::MAX_PARTS {
            return Err(InvalidPartNumbers::TooMany { count: numbers.len(), max: Self::MAX_PARTS });
        }
        let mut seen = HashSet::with_capacity(numbers.len());
        match numbers.iter().find(|number| !seen.insert(**number)) {
            Some(number) => Err(InvalidPartNumbers::Repeated(*number)),
            None => Ok(Self { numbers, lengths: None, checksums: None }),
        }
    }

    /// Sets the length of each part in bytes, in the order of the numbers. Required if the size of the upload is not known, and
    /// not allowed otherwise.
    ///
    /// # Errors
    /// Returns an error if the number of lengths is not the number of parts.
    pub fn with_lengths(self, lengths: Vec<u64>) -> Result<Self, InvalidPartLengths> {
        let (lengths_len, parts) = (lengths.len(), self.numbers.len());
        if lengths_len != parts {
            return Err(InvalidPartLengths::Count { lengths: lengths_len, parts });
        }
        Ok(Self { lengths: Some(lengths), ..self })
    }

    /// Sets the checksum of each part in base64, in the order of the numbers, or `None` for a part without one. The upload
    /// fixes the algorithm, so the text is checked when the request is answered.
    ///
    /// # Errors
    /// Returns an error if the number of checksums is not the number of parts.
    pub fn with_checksums(self, checksums: Vec<Option<Box<str>>>) -> Result<Self, InvalidChecksumCount> {
        let (count, parts) = (checksums.len(), self.numbers.len());
        if count != parts {
            return Err(InvalidChecksumCount { checksums: count, parts });
        }
        Ok(Self { checksums: Some(checksums), ..self })
    }

    /// Returns the numbers of the parts.
    #[must_use]
    pub fn numbers(&self) -> &[PartNumber] {
        &self.numbers
    }

    /// Returns the stated lengths, in the order of the numbers.
    #[must_use]
    pub fn lengths(&self) -> Option<&[u64]> {
        self.lengths.as_deref()
    }

    /// Returns the checksums in base64, in the order of the numbers.
    #[must_use]
    pub fn checksums(&self) -> Option<&[Option<Box<str>>]> {
        self.checksums.as_deref()
    }
}

/// The URLs of parts, all with the same lifetime.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartUrls {
    /// The key under which the object will be stored.
    pub key: ObjectKey,
    /// The parts, in the order of the request.
    pub parts: Vec<PartUrl>,
    /// The lifetime of the URLs.
    pub expires_in: ExpiresIn,
    /// The instant at which they expire, at the latest when the upload token does.
    pub expires_at: Timestamp,
    /// Whether `expires_at` is exact. It is an upper bound if the expiry of the signing credentials had to be assumed.
    pub expiry_precision: ExpiryPrecision,
}

/// The URL to which a client sends one part with `PUT`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartUrl {
    /// The number of the part.
    pub number: PartNumber,
    /// The URL. Anyone who holds it can upload the part until it expires.
    pub url: PresignedUrl,
    /// The exact length of the part in bytes. In an upload whose parts can have any length, it is the maximum, which nothing binds.
    pub len: u64,
    /// The headers that the client must send, `content-length` among them unless the part can have any length.
    pub headers: SignedHeaders,
}
