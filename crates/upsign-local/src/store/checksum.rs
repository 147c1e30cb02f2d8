//! The checksums that are stored with an object.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::{CrcAlgorithm, checksum_combine};
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Sha1, Sha256};
use serde::{Deserialize, Serialize};

/// Checksums in base64, as in the headers `x-amz-checksum-*`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksums {
    pub(crate) crc32: Option<String>,
    pub(crate) crc32c: Option<String>,
    pub(crate) crc64nvme: Option<String>,
    pub(crate) sha1: Option<String>,
    pub(crate) sha256: Option<String>,
}

/// An algorithm of a stored checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

/// What a checksum of an object is computed from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ChecksumKind {
    /// The content.
    #[default]
    #[serde(rename = "FULL_OBJECT")]
    FullObject,
    /// The checksums of the parts. The value ends with `-` and their number.
    #[serde(rename = "COMPOSITE")]
    Composite,
}

impl ChecksumKind {
    /// Returns the value of `x-amz-checksum-type`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

impl Algorithm {
    pub(crate) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// Returns the value of `x-amz-checksum-algorithm`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// Returns the algorithm with this name, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(name))
    }

    /// Returns the CRC, which can be combined from those of parts.
    pub(crate) fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    /// Returns the checksum of an object from the checksums and sizes of its parts.
    ///
    /// Returns `None` if a checksum is not one of this algorithm, or the algorithm has no checksums of this kind.
    pub(super) fn of_parts<'a>(
        self,
        kind: ChecksumKind,
        parts: impl Iterator<Item = (&'a str, u64)> + Clone,
    ) -> Option<String> {
        match kind {
            ChecksumKind::FullObject => self.full_object(parts),
            ChecksumKind::Composite => {
                let count = parts.clone().count();
                let digests = parts.map(|(checksum, _)| STANDARD.decode(checksum).ok());
                let digests: Vec<u8> = digests.collect::<Option<Vec<_>>>()?.concat();
                Some(format!("{}-{count}", STANDARD.encode(self.digest(&digests)?)))
            }
        }
    }

    fn full_object<'a>(self, parts: impl Iterator<Item = (&'a str, u64)>) -> Option<String> {
        let crc = self.crc()?;
        let width = if self == Self::Crc64Nvme { 8 } else { 4 };
        let mut combined = None;
        for (checksum, bytes) in parts {
            let digits = STANDARD.decode(checksum).ok().filter(|digits| digits.len() == width)?;
            let value = digits.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte));
            combined = Some(match combined {
                None => value,
                Some(before) => checksum_combine(crc, before, value, bytes),
            });
        }
        let value = combined?.to_be_bytes();
        Some(STANDARD.encode(value.get(8 - width..)?))
    }

    /// Returns the checksum of `bytes` for a composite checksum, which CRC-64/NVME does not have.
    fn digest(self, bytes: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Crc32 => Some(Crc32::checksum(bytes).to_vec()),
            Self::Crc32c => Some(Crc32c::checksum(bytes).to_vec()),
            Self::Crc64Nvme => None,
            Self::Sha1 => Some(Sha1::checksum(bytes).to_vec()),
            Self::Sha256 => Some(Sha256::checksum(bytes).to_vec()),
        }
    }
}

impl Checksums {
    pub(crate) fn get(&self, algorithm: Algorithm) -> Option<&str> {
        match algorithm {
            Algorithm::Crc32 => self.crc32.as_deref(),
            Algorithm::Crc32c => self.crc32c.as_deref(),
            Algorithm::Crc64Nvme => self.crc64nvme.as_deref(),
            Algorithm::Sha1 => self.sha1.as_deref(),
            Algorithm::Sha256 => self.sha256.as_deref(),
        }
    }

    /// Returns the checksums with only this one.
    pub(super) fn single(algorithm: Algorithm, value: Option<String>) -> Self {
        let mut checksums = Self::default();
        let slot = match algorithm {
            Algorithm::Crc32 => &mut checksums.crc32,
            Algorithm::Crc32c => &mut checksums.crc32c,
            Algorithm::Crc64Nvme => &mut checksums.crc64nvme,
            Algorithm::Sha1 => &mut checksums.sha1,
            Algorithm::Sha256 => &mut checksums.sha256,
        };
        *slot = value;
        checksums
    }

    /// Returns the algorithms of these checksums.
    pub(crate) fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        Algorithm::ALL.into_iter().filter(|algorithm| self.get(*algorithm).is_some())
    }
}

#[cfg(test)]
mod tests {
    use s3s::crypto::Crc64Nvme;

    use super::*;

    /// Sizes of parts, some of them empty.
    const SIZES: [usize; 5] = [0, 1, 5_000, 0, 77];

    fn checksum(algorithm: Algorithm, bytes: &[u8]) -> String {
        let digest = match algorithm {
            Algorithm::Crc64Nvme => Crc64Nvme::checksum(bytes).to_vec(),
            other => other.digest(bytes).unwrap(),
        };
        STANDARD.encode(digest)
    }

    fn parts(algorithm: Algorithm, bytes: &[u8]) -> Vec<(String, u64)> {
        let mut rest = bytes;
        let mut part = |size| {
            let (part, after) = rest.split_at(size);
            rest = after;
            (checksum(algorithm, part), size as u64)
        };
        SIZES.map(&mut part).to_vec()
    }

    fn of_parts(algorithm: Algorithm, kind: ChecksumKind, parts: &[(String, u64)]) -> Option<String> {
        algorithm.of_parts(kind, parts.iter().map(|(checksum, bytes)| (checksum.as_str(), *bytes)))
    }

    #[test]
    fn checksum_of_the_content_is_combined_from_those_of_the_parts() {
        let bytes: Vec<u8> = (0..SIZES.iter().sum::<usize>()).map(|n| (n * 31 % 251) as u8).collect();
        for algorithm in Algorithm::ALL {
            let parts = parts(algorithm, &bytes);
            let found = of_parts(algorithm, ChecksumKind::FullObject, &parts);
            assert_eq!(found, algorithm.crc().map(|_| checksum(algorithm, &bytes)), "{algorithm:?}");
        }
    }

    #[test]
    fn composite_checksum_names_the_number_of_parts() {
        let parts = parts(Algorithm::Sha256, &[7; 5_078]);
        let digests: Vec<u8> = parts.iter().flat_map(|(part, _)| STANDARD.decode(part).unwrap()).collect();
        let expected = format!("{}-5", STANDARD.encode(Sha256::checksum(&digests)));
        assert_eq!(of_parts(Algorithm::Sha256, ChecksumKind::Composite, &parts), Some(expected));
        assert_eq!(of_parts(Algorithm::Crc64Nvme, ChecksumKind::Composite, &parts), None);
    }

    #[test]
    fn checksum_of_another_length_is_not_combined() {
        let parts = [(STANDARD.encode([1; 8]), 1)];
        assert_eq!(of_parts(Algorithm::Crc32, ChecksumKind::FullObject, &parts), None);
    }
}
