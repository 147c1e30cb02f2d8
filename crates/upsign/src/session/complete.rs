//! The request to complete an upload, and its result.

use upsign_core::{ObjectKey, PartNumber};
use upsign_objects::{ETag, VersionId};
use upsign_policy::{Checksum, ContentType};

use crate::session::parts::InvalidPartNumbers;

/// The parts of which the object shall consist, as the client sent them.
///
/// ```
/// use upsign::session::{ClientPart, CompleteRequest};
/// use upsign::types::PartNumber;
///
/// let part = |number| Ok::<_, Box<dyn std::error::Error>>(ClientPart::new(
///     PartNumber::new(number)?,
///     "\"9b2cf535f27731c974343645a3985328\"".parse()?,
/// ));
/// let request = CompleteRequest::new(vec![part(1)?, part(2)?])?.with_checksum("crc64nvme", "AAAAAAAAAAA=");
/// assert_eq!(request.parts().len(), 2);
/// assert!(CompleteRequest::new(vec![part(2)?, part(1)?]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompleteRequest {
    parts: Vec<ClientPart>,
    checksum: Option<(Box<str>, Box<str>)>,
}

/// A part that the client has uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientPart {
    /// The number of the part.
    pub number: PartNumber,
    /// The entity tag that the store returned for the part.
    pub etag: ETag,
    /// The checksum of the part in base64, by the algorithm of the upload. Required if the checksum of the upload is composite.
    pub checksum: Option<Box<str>>,
}

impl ClientPart {
    /// Creates a part without a checksum.
    #[must_use]
    pub const fn new(number: PartNumber, etag: ETag) -> Self {
        Self { number, etag, checksum: None }
    }

    /// Sets the checksum of the part in base64.
    #[must_use]
    pub fn with_checksum(self, base64: impl Into<Box<str>>) -> Self {
        Self { checksum: Some(base64.into()), ..self }
    }
}

impl CompleteRequest {
    /// Creates a request. The parts must be in ascending order, because S3 demands it, and because a list that lost its order
    /// may have lost more.
    ///
    /// # Errors
    /// Returns an error if a part follows one with a higher number, or occurs twice. Missing parts and numbers above that of the
    /// upload's last part are found later, because only the upload token states it.
    pub fn new(parts: Vec<ClientPart>) -> Result<Self, InvalidPartNumbers> {
        for (part, next) in parts.iter().zip(parts.iter().skip(1)) {
            if part.number == next.number {
                return Err(InvalidPartNumbers::Repeated(next.number));
            }
            if part.number > next.number {
                return Err(InvalidPartNumbers::Unsorted(next.number));
            }
        }
        Ok(Self { parts, checksum: None })
    }

    /// Sets the checksum of the whole object: the name of the algorithm, such as `crc64nvme`, and the checksum in base64. Both
    /// are checked when the request is answered, because only the upload token states the algorithm of the upload.
    #[must_use]
    pub fn with_checksum(self, algorithm: impl Into<Box<str>>, base64: impl Into<Box<str>>) -> Self {
        Self { checksum: Some((algorithm.into(), base64.into())), ..self }
    }

    /// Returns the parts in ascending order.
    #[must_use]
    pub fn parts(&self) -> &[ClientPart] {
        &self.parts
    }

    /// Returns the algorithm and the checksum of the whole object in base64.
    #[must_use]
    pub fn checksum(&self) -> Option<(&str, &str)> {
        self.checksum.as_ref().map(|(algorithm, base64)| (&**algorithm, &**base64))
    }
}

/// An object whose upload is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompletedObject {
    /// The key.
    pub key: ObjectKey,
    /// The size in bytes.
    pub size: u64,
    /// The entity tag.
    pub etag: ETag,
    /// The id of the version, in a bucket with versioning.
    pub version_id: Option<VersionId>,
    /// The checksum of all bytes of the object, if the upload has one.
    pub checksum: Option<Checksum>,
    /// The content type with which the upload began.
    pub content_type: ContentType,
    /// `true` if the upload was complete before this request. The client receives the same answer either way.
    pub was_complete: bool,
}
