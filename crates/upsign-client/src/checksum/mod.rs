//! Checksums of parts and of objects, computed while the bytes are read.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use sha2::Digest as _;

/// A checksum algorithm that this crate computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChecksumAlgorithm {
    /// CRC-64/NVME, the default of S3.
    Crc64Nvme,
    /// CRC-32 (ISO-HDLC).
    Crc32,
    /// CRC-32C (Castagnoli).
    Crc32C,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// MD5, as the header `Content-MD5`.
    Md5,
}

/// The bytes that a checksum of a multipart upload covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChecksumType {
    /// All bytes of the object. Checksums of parts are optional.
    FullObject,
    /// The checksums of all parts. Each part must have one.
    Composite,
    /// Each part by itself. The object has no checksum.
    Parts,
}

impl ChecksumAlgorithm {
    /// Every algorithm, in the order in which a client should prefer them for a single request.
    pub const ALL: [Self; 6] =
        [Self::Crc64Nvme, Self::Crc32C, Self::Crc32, Self::Sha256, Self::Sha1, Self::Md5];

    /// Returns the name in requests and answers of the API, such as `crc64nvme`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crc64Nvme => "crc64nvme",
            Self::Crc32 => "crc32",
            Self::Crc32C => "crc32c",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Md5 => "md5",
        }
    }

    /// Returns the header in which a store reports the checksum, if it reports it.
    pub(crate) const fn header(self) -> Option<&'static str> {
        match self {
            Self::Crc64Nvme => Some("x-amz-checksum-crc64nvme"),
            Self::Crc32 => Some("x-amz-checksum-crc32"),
            Self::Crc32C => Some("x-amz-checksum-crc32c"),
            Self::Sha1 => Some("x-amz-checksum-sha1"),
            Self::Sha256 => Some("x-amz-checksum-sha256"),
            Self::Md5 => None,
        }
    }

    const fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32C => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Sha1 | Self::Sha256 | Self::Md5 => None,
        }
    }

    const fn len(self) -> usize {
        match self {
            Self::Crc64Nvme => 8,
            Self::Crc32 | Self::Crc32C => 4,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Md5 => 16,
        }
    }

    /// Starts a checksum.
    pub(crate) fn hasher(self) -> Hasher {
        Hasher(match (self, self.crc()) {
            (_, Some(crc)) => State::Crc(self, crc_fast::Digest::new(crc)),
            (Self::Sha1, _) => State::Sha1(sha1::Sha1::new()),
            (Self::Md5, _) => State::Md5(md5::Md5::new()),
            _ => State::Sha256(sha2::Sha256::new()),
        })
    }
}

impl FromStr for ChecksumAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| UnknownAlgorithm(name.into()))
    }
}

impl fmt::Display for ChecksumAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name of an algorithm that this crate does not compute.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown checksum algorithm {0:?}: expected crc64nvme, crc32c, crc32, sha256, sha1 or md5")]
pub struct UnknownAlgorithm(Box<str>);

impl ChecksumType {
    /// Returns the name in the answers of the API.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
            Self::Parts => "PARTS",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::FullObject, Self::Composite, Self::Parts].into_iter().find(|kind| kind.name() == name)
    }
}

/// A finished checksum.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Checksum {
    algorithm: ChecksumAlgorithm,
    base64: Box<str>,
}

impl Checksum {
    /// Computes the checksum of `bytes`.
    #[must_use]
    pub fn of(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> Self {
        let mut hasher = algorithm.hasher();
        hasher.update(bytes);
        hasher.finish()
    }

    /// Reads a checksum in base64, or returns `None` if it does not have the length that the algorithm demands.
    #[must_use]
    pub fn from_base64(algorithm: ChecksumAlgorithm, base64: &str) -> Option<Self> {
        let bytes = STANDARD.decode(base64).ok()?;
        (bytes.len() == algorithm.len()).then(|| Self::new(algorithm, &bytes))
    }

    fn new(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> Self {
        Self { algorithm, base64: STANDARD.encode(bytes).into() }
    }

    /// Returns the algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> ChecksumAlgorithm {
        self.algorithm
    }

    /// Returns the value in base64.
    #[must_use]
    pub fn base64(&self) -> &str {
        &self.base64
    }

    /// Returns the bytes of the value.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        // Every value was encoded or checked when it was created.
        STANDARD.decode(&*self.base64).unwrap_or_default()
    }

    /// Returns the value of a CRC as a number, or `None` for other algorithms.
    fn crc_value(&self) -> Option<u64> {
        self.algorithm.crc()?;
        Some(self.bytes().iter().fold(0, |value, byte| (value << 8) | u64::from(*byte)))
    }

    /// Returns the checksum of an object from those of its parts with their lengths, in order. Returns `None` without parts, and
    /// for algorithms with which this is impossible: only the checksums of CRC algorithms can be combined.
    #[must_use]
    pub fn combine<'a>(parts: impl IntoIterator<Item = (&'a Self, u64)>) -> Option<Self> {
        let mut parts = parts.into_iter();
        let (first, _) = parts.next()?;
        let algorithm = first.algorithm;
        let crc = algorithm.crc()?;
        let mut combined = first.crc_value()?;
        for (part, len) in parts {
            let value = part.crc_value().filter(|_| part.algorithm == algorithm)?;
            // `checksum_combine` with an empty second part would be undefined in some implementations; it changes nothing.
            if len > 0 {
                combined = crc_fast::checksum_combine(crc, combined, value, len);
            }
        }
        Some(Self::of_crc(algorithm, combined))
    }

    fn of_crc(algorithm: ChecksumAlgorithm, value: u64) -> Self {
        let bytes = value.to_be_bytes();
        // A CRC of 32 bits is in the lower half.
        Self::new(algorithm, bytes.get(bytes.len() - algorithm.len()..).unwrap_or(&bytes))
    }
}

/// A checksum that is being computed.
pub(crate) struct Hasher(State);

enum State {
    Crc(ChecksumAlgorithm, crc_fast::Digest),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Md5(md5::Md5),
}

impl Hasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Crc(_, digest) => digest.update(bytes),
            State::Sha1(digest) => digest.update(bytes),
            State::Sha256(digest) => digest.update(bytes),
            State::Md5(digest) => digest.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Checksum {
        match self.0 {
            State::Crc(algorithm, digest) => Checksum::of_crc(algorithm, digest.finalize()),
            State::Sha1(digest) => Checksum::new(ChecksumAlgorithm::Sha1, &digest.finalize()),
            State::Sha256(digest) => Checksum::new(ChecksumAlgorithm::Sha256, &digest.finalize()),
            State::Md5(digest) => Checksum::new(ChecksumAlgorithm::Md5, &digest.finalize()),
        }
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

#[cfg(test)]
mod tests;
