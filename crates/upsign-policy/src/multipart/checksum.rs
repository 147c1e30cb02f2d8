//! Checksums of multipart uploads.

use upsign_core::Capabilities;

use crate::object::checksum::{ChecksumAlgorithm, Checksums};

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

/// The algorithms of uploads for which the policy names none. Each can cover all bytes of the object, so that parts need none.
const DEFAULT_CANDIDATES: [ChecksumAlgorithm; 3] =
    [ChecksumAlgorithm::Crc64nvme, ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc32c];

impl MultipartChecksum {
    /// Returns what a checksum of this algorithm covers at the store, or `None` if the store verifies none in a multipart upload.
    ///
    /// S3 combines only CRCs to that of the full object, and has no composite CRC-64/NVME:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>.
    pub(crate) fn of(algorithm: ChecksumAlgorithm, store: &Capabilities) -> Option<Self> {
        use ChecksumAlgorithm::{Crc32, Crc32c, Crc64nvme, Md5, Sha1, Sha256};
        let name = algorithm.as_str();
        let is_full = || store.full_object_checksums.contain(name);
        let is_of_parts = || store.part_checksums.contain(name);
        let kind = match algorithm {
            Crc64nvme | Crc32 | Crc32c if is_full() => ChecksumKind::FullObject,
            Crc32 | Crc32c | Sha1 | Sha256 if is_of_parts() => ChecksumKind::Composite,
            Md5 if is_of_parts() => ChecksumKind::Parts,
            _ => return None,
        };
        Some(Self { algorithm, kind })
    }

    /// Returns the checksums that a policy accepts and the store verifies, the preferred ones first.
    pub(crate) fn candidates(checksums: &Checksums, store: &Capabilities) -> impl Iterator<Item = Self> {
        let listed = match checksums {
            Checksums::None => DEFAULT_CANDIDATES.as_slice(),
            Checksums::Optional(list) | Checksums::Required(list) => list,
        };
        listed.iter().filter_map(|algorithm| Self::of(*algorithm, store))
    }

    /// Returns the checksum of an upload whose client names no algorithm.
    ///
    /// A checksum of the full object is the first choice, because it also proves that no part is missing or misplaced. A composite
    /// checksum makes every client compute one for each part, so it is chosen only if the policy requires a checksum.
    pub(crate) fn default(checksums: &Checksums, store: &Capabilities) -> Option<Self> {
        let full = Self::candidates(checksums, store).find(|it| it.kind == ChecksumKind::FullObject);
        let is_bearable = |it: &Self| checksums.is_required() || it.kind == ChecksumKind::Parts;
        full.or_else(|| Self::candidates(checksums, store).find(is_bearable))
    }
}
