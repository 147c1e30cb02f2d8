//! Checksums that S3 verifies when it receives an upload.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A checksum algorithm that S3 supports.
///
/// A client can send the checksum of its file with the request. It is signed as a header, so S3 refuses any other bytes.
///
/// Stores other than Amazon S3 verify only some of them; see
/// [`Capabilities::checksums`](upsign_core::Capabilities::checksums).
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>.
///
/// ```
/// use upsign_policy::ChecksumAlgorithm;
/// let algorithm: ChecksumAlgorithm = "crc64nvme".parse()?;
/// assert_eq!((algorithm.header(), algorithm.len()), ("x-amz-checksum-crc64nvme", 8));
/// # Ok::<(), upsign_policy::InvalidChecksumAlgorithm>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ChecksumAlgorithm {
    /// SHA-256, 32 bytes.
    Sha256,
    /// SHA-1, 20 bytes.
    Sha1,
    /// CRC-32 (IEEE), 4 bytes.
    Crc32,
    /// CRC-32C (Castagnoli), 4 bytes.
    Crc32c,
    /// CRC-64/NVME, 8 bytes.
    Crc64nvme,
    /// MD5, 16 bytes, in `content-md5`.
    Md5,
    /// SHA-512, 64 bytes.
    Sha512,
    /// MD5, 16 bytes, in `x-amz-checksum-md5`. Unlike that of [`Md5`](Self::Md5), S3 stores this one with the object.
    AmzMd5,
    /// XXHash64, 8 bytes.
    XxHash64,
    /// XXHash3 with 64 bits, 8 bytes.
    XxHash3,
    /// XXHash3 with 128 bits, 16 bytes.
    XxHash128,
}

/// The text is not the name of a checksum algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a checksum algorithm must be one of {}", ChecksumAlgorithm::ALL.map(ChecksumAlgorithm::as_str).join(", "))]
#[non_exhaustive]
pub struct InvalidChecksumAlgorithm;

/// A checksum in base64, as in the headers of S3.
///
/// ```
/// use upsign_policy::{Checksum, ChecksumAlgorithm};
/// let checksum = Checksum::parse(ChecksumAlgorithm::Crc32c, "yZRlqg==")?;
/// assert_eq!((checksum.algorithm().header(), checksum.as_base64()), ("x-amz-checksum-crc32c", "yZRlqg=="));
/// # Ok::<(), upsign_policy::InvalidChecksum>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Checksum {
    algorithm: ChecksumAlgorithm,
    base64: Box<str>,
    bytes: Box<[u8]>,
}

/// The text is not a checksum of the given algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a {0} checksum must be {len} bytes in base64 with padding", len = .0.len())]
pub struct InvalidChecksum(pub ChecksumAlgorithm);

impl ChecksumAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 11] = [
        Self::Sha256,
        Self::Sha1,
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64nvme,
        Self::Md5,
        Self::Sha512,
        Self::AmzMd5,
        Self::XxHash64,
        Self::XxHash3,
        Self::XxHash128,
    ];

    /// Returns the name in lower case, for example `sha256`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha1 => "sha1",
            Self::Crc32 => "crc32",
            Self::Crc32c => "crc32c",
            Self::Crc64nvme => "crc64nvme",
            Self::Md5 => "md5",
            Self::Sha512 => "sha512",
            Self::AmzMd5 => "amz-md5",
            Self::XxHash64 => "xxhash64",
            Self::XxHash3 => "xxhash3",
            Self::XxHash128 => "xxhash128",
        }
    }

    /// Returns the header that carries the checksum.
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Self::Sha256 => "x-amz-checksum-sha256",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64nvme => "x-amz-checksum-crc64nvme",
            Self::Md5 => "content-md5",
            Self::Sha512 => "x-amz-checksum-sha512",
            Self::AmzMd5 => "x-amz-checksum-md5",
            Self::XxHash64 => "x-amz-checksum-xxhash64",
            Self::XxHash3 => "x-amz-checksum-xxhash3",
            Self::XxHash128 => "x-amz-checksum-xxhash128",
        }
    }

    /// Returns the length of the checksum in bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "the size of a digest, not of a collection")]
    pub const fn len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha1 => 20,
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64nvme | Self::XxHash64 | Self::XxHash3 => 8,
            Self::Md5 | Self::AmzMd5 | Self::XxHash128 => 16,
            Self::Sha512 => 64,
        }
    }
}

impl FromStr for ChecksumAlgorithm {
    type Err = InvalidChecksumAlgorithm;

    fn from_str(text: &str) -> Result<Self, InvalidChecksumAlgorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text).ok_or(InvalidChecksumAlgorithm)
    }
}

impl fmt::Display for ChecksumAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Checksum {
    /// Parses a checksum in base64 with padding.
    ///
    /// # Errors
    /// Returns [`InvalidChecksum`] if the text is not base64, or if it does not decode to the length of the algorithm.
    pub fn parse(algorithm: ChecksumAlgorithm, base64: &str) -> Result<Self, InvalidChecksum> {
        let invalid = InvalidChecksum(algorithm);
        if base64.len() != algorithm.len().div_ceil(3) * 4 {
            return Err(invalid);
        }
        let bytes = STANDARD.decode(base64).map_err(|_| invalid)?;
        if bytes.len() != algorithm.len() {
            return Err(invalid);
        }
        Ok(Self { algorithm, base64: base64.into(), bytes: bytes.into() })
    }

    /// Returns the SHA-256 checksum with these bytes.
    ///
    /// ```
    /// use upsign_policy::{Checksum, ChecksumAlgorithm};
    /// let zero = Checksum::sha256([0; 32]);
    /// assert_eq!(zero, Checksum::parse(ChecksumAlgorithm::Sha256, zero.as_base64())?);
    /// # Ok::<(), upsign_policy::InvalidChecksum>(())
    /// ```
    #[must_use]
    pub fn sha256(bytes: [u8; 32]) -> Self {
        let algorithm = ChecksumAlgorithm::Sha256;
        Self { algorithm, base64: STANDARD.encode(bytes).into(), bytes: bytes.into() }
    }

    /// Returns a checksum that consists of zeros only: a well-formed value for sample requests.
    #[must_use]
    pub fn zero(algorithm: ChecksumAlgorithm) -> Self {
        let bytes: Box<[u8]> = vec![0; algorithm.len()].into();
        Self { algorithm, base64: STANDARD.encode(&bytes).into(), bytes }
    }

    /// Returns the algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> ChecksumAlgorithm {
        self.algorithm
    }

    /// Returns the checksum in base64: the value of the header.
    #[must_use]
    pub fn as_base64(&self) -> &str {
        &self.base64
    }

    /// Returns the bytes of the checksum.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Which checksums a client may or must send.
///
/// TOML keys: `checksums`, `require_checksum`.
///
/// ```
/// use upsign_policy::{Bodyless, ChecksumAlgorithm, Checksums};
/// # use upsign_policy::{Identity, Ids, Target, Timestamp, UploadPolicy, UploadRequest, uuid_v4};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let caller = Identity::from_verified("https://issuer.example", "alice")?;
/// # let ids = Ids::new(Timestamp::UNIX_EPOCH, uuid_v4([7; 16]));
/// // `target`, `caller` and `ids` are those of the first example of this crate.
/// let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
///     .content_types(["image/jpeg"])
///     .max_size(10 << 20)
///     .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
///     .build()?;
/// let request = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
/// let denied = policy.authorize(&caller, &request, &ids).unwrap_err();
/// assert_eq!(denied.to_string(), "send a checksum of the file: sha256");
///
/// let request = request.with_checksum("sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
/// let permit = policy.authorize(&caller, &request, &ids)?;
/// assert!(permit.headers().unwrap().get("x-amz-checksum-sha256").is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checksums {
    /// Clients must not send a checksum. A request with one is denied, because the checksum would not be verified.
    #[default]
    None,
    /// A client may send one of these. It is signed if it is sent.
    Optional(Box<[ChecksumAlgorithm]>),
    /// A client must send one of these. It is signed.
    Required(Box<[ChecksumAlgorithm]>),
}

impl Checksums {
    /// Returns the accepted algorithms.
    #[must_use]
    pub fn algorithms(&self) -> &[ChecksumAlgorithm] {
        match self {
            Self::None => &[],
            Self::Optional(list) | Self::Required(list) => list,
        }
    }

    /// Returns whether a request must contain a checksum.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        matches!(self, Self::Required(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithm_names_and_lengths() {
        for algorithm in ChecksumAlgorithm::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(algorithm));
            let zero = Checksum::zero(algorithm);
            assert_eq!(Checksum::parse(algorithm, zero.as_base64()), Ok(zero.clone()));
            assert_eq!(zero.as_bytes().len(), algorithm.len());
        }
        for text in ["", "SHA256", "sha-256", "sha384", "crc64", "xxhash"] {
            assert_eq!(text.parse::<ChecksumAlgorithm>(), Err(InvalidChecksumAlgorithm), "{text}");
        }
    }

    #[test]
    fn malformed_checksums_are_rejected() {
        for (algorithm, text) in [
            (ChecksumAlgorithm::Crc32, ""),
            (ChecksumAlgorithm::Crc32, "AAAAAA"),
            (ChecksumAlgorithm::Crc32, "AAAAAAA="),
            (ChecksumAlgorithm::Crc32, "AAAAAB=="),
            (ChecksumAlgorithm::Crc32, "AAAA\r\n=="),
            (ChecksumAlgorithm::Crc32, "____AA=="),
            (ChecksumAlgorithm::Crc32, "ééé=="),
            (ChecksumAlgorithm::Sha1, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
            (ChecksumAlgorithm::Sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ] {
            assert_eq!(Checksum::parse(algorithm, text), Err(InvalidChecksum(algorithm)), "{text}");
        }
        assert!(Checksum::parse(ChecksumAlgorithm::Sha256, &"A".repeat(1 << 20)).is_err());
    }
}
