//! Checksums in headers and XML.

use crate::values::checksum::{Checksum, ChecksumAlgorithm, ChecksumType};

impl ChecksumAlgorithm {
    /// Returns the name of the XML element that carries the checksum.
    pub(crate) const fn element(self) -> &'static str {
        match self {
            Self::Crc32 => "ChecksumCRC32",
            Self::Crc32c => "ChecksumCRC32C",
            Self::Crc64nvme => "ChecksumCRC64NVME",
            Self::Sha1 => "ChecksumSHA1",
            Self::Sha256 => "ChecksumSHA256",
        }
    }

    /// Returns the algorithm with this name in upper case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

impl ChecksumType {
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::FullObject, Self::Composite].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Returns the checksums that `find` has text for, given an algorithm. Text that is not a checksum is left out: a composite
/// checksum is not one of the object's bytes.
pub(crate) fn checksums<T: AsRef<str>>(find: impl Fn(ChecksumAlgorithm) -> Option<T>) -> Vec<Checksum> {
    let read = |algorithm| Checksum::parse(algorithm, find(algorithm)?.as_ref()).ok();
    ChecksumAlgorithm::ALL.into_iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for algorithm in ChecksumAlgorithm::ALL {
            assert_eq!(ChecksumAlgorithm::named(algorithm.name()), Some(algorithm));
        }
        for kind in [ChecksumType::FullObject, ChecksumType::Composite] {
            assert_eq!(ChecksumType::named(kind.as_str()), Some(kind));
        }
        assert_eq!((ChecksumAlgorithm::named("MD5"), ChecksumType::named("")), (None, None));
    }
}
