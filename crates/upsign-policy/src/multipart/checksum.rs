//! Checksums of multipart uploads.

use crate::object::checksum::ChecksumAlgorithm;

/// What a checksum of a multipart upload covers.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the upload token has a number for each kind")]
pub enum ChecksumKind {
    /// All bytes of the object (`FULL_OBJECT`). The store computes it and compares it with that of the client when the upload
    /// is completed. Parts may have checksums of the same algorithm in addition.
    FullObject,
    /// The checksums of all parts (`COMPOSITE`). Every part must have one, and completing the upload repeats them.
    Composite,
    /// Each part by itself, in `content-md5`. The store compares it when it receives the part, and forgets it.
    Parts,
}

/// The checksum with which a multipart upload is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a checksum of an upload is an algorithm and what it covers")]
pub struct MultipartChecksum {
    /// The algorithm of the checksums of the parts and of the object.
    pub algorithm: ChecksumAlgorithm,
    /// What the checksum covers.
    pub kind: ChecksumKind,
}

impl ChecksumKind {
    /// Returns the value of `x-amz-checksum-type`, or `None` if the upload is created without one.
    #[must_use]
    pub const fn header_value(self) -> Option<&'static str> {
        match self {
            Self::FullObject => Some("FULL_OBJECT"),
            Self::Composite => Some("COMPOSITE"),
            Self::Parts => None,
        }
    }
}
