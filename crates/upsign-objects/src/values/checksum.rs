//! Checksums as S3 transmits them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// An algorithm of S3's `x-amz-checksum-…` headers.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ChecksumAlgorithm {
    /// CRC-32 (IEEE), 4 bytes.
    Crc32,
    /// CRC-32C (Castagnoli), 4 bytes.
    Crc32c,
    /// CRC-64/NVME, 8 bytes. Multipart uploads have it for the full object only.
    Crc64nvme,
    /// SHA-1, 20 bytes. Multipart uploads have it for the parts only.
    Sha1,
    /// SHA-256, 32 bytes. Multipart uploads have it for the parts only.
    Sha256,
}

impl ChecksumAlgorithm {
    /// All algorithms.
    pub const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64nvme, Self::Sha1, Self::Sha256];

    /// Returns the name in `x-amz-checksum-algorithm`, such as `CRC64NVME`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// Returns the name of the header that carries the checksum, such as `x-amz-checksum-crc64nvme`.
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// Returns the length of the checksum in bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no checksum is empty")]
    pub const fn len(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

/// A checksum in base64, as in S3's headers and XML.
///
/// ```
/// use upsign_objects::{Checksum, ChecksumAlgorithm};
/// let checksum = Checksum::parse(ChecksumAlgorithm::Crc32, "NSRBwg==")?;
/// assert_eq!((checksum.algorithm().header(), checksum.as_base64()), ("x-amz-checksum-crc32", "NSRBwg=="));
/// assert!(Checksum::parse(ChecksumAlgorithm::Sha256, "NSRBwg==").is_err()); // 4 bytes, not 32
/// # Ok::<(), upsign_objects::InvalidChecksum>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Checksum {
    algorithm: ChecksumAlgorithm,
    base64: Box<str>,
}

/// The text is not a checksum of the algorithm in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a {} checksum must be {} bytes in base64", algorithm.name(), algorithm.len())]
#[non_exhaustive]
pub struct InvalidChecksum {
    /// The expected algorithm.
    pub algorithm: ChecksumAlgorithm,
}

impl Checksum {
    /// Reads a checksum in base64, with padding.
    ///
    /// # Errors
    /// Returns an error if the text is not base64 of the algorithm's length. The checksum of checksums that S3 returns for
    /// a composite checksum, which ends in a hyphen and the number of parts, is one such text.
    pub fn parse(algorithm: ChecksumAlgorithm, base64: &str) -> Result<Self, InvalidChecksum> {
        // The longest checksum has 44 characters, so longer text need not be decoded.
        let bytes = STANDARD.decode(base64.get(..45).unwrap_or(base64)).unwrap_or_default();
        if base64.len() > 44 || bytes.len() != algorithm.len() {
            return Err(InvalidChecksum { algorithm });
        }
        Ok(Self { algorithm, base64: base64.into() })
    }

    /// Returns the checksum that consists of `bytes`, or `None` if the algorithm has another length.
    #[must_use]
    pub fn of_bytes(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> Option<Self> {
        (bytes.len() == algorithm.len()).then(|| Self { algorithm, base64: STANDARD.encode(bytes).into() })
    }

    /// Returns the algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> ChecksumAlgorithm {
        self.algorithm
    }

    /// Returns the checksum in base64.
    #[must_use]
    pub fn as_base64(&self) -> &str {
        &self.base64
    }
}

/// How the checksum of an object relates to its bytes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChecksumType {
    /// The checksum of all bytes of the object.
    FullObject,
    /// The checksum of the checksums of the parts.
    Composite,
}

impl ChecksumType {
    /// Returns the value in the header `x-amz-checksum-type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_base64_of_the_right_length_is_a_checksum() {
        for algorithm in ChecksumAlgorithm::ALL {
            let checksum = Checksum::of_bytes(algorithm, &vec![7; algorithm.len()]).unwrap();
            assert_eq!(Checksum::parse(algorithm, checksum.as_base64()), Ok(checksum.clone()));
            let composite = format!("{}-3", checksum.as_base64());
            for text in ["", "====", "AAAAAAAAAAA", composite.as_str(), &"A".repeat(1 << 16)] {
                assert_eq!(
                    Checksum::parse(algorithm, text),
                    Err(InvalidChecksum { algorithm }),
                    "{text:.50}"
                );
            }
            assert_eq!(Checksum::of_bytes(algorithm, b"x"), None);
        }
    }
}
