//! Checksums of the policy and of the calls to the store.
//!
//! The policy knows every algorithm that a client may send, the calls to the store those of its XML. The two crates do not
//! depend on each other.

use upsign_objects::ChecksumAlgorithm as StoreAlgorithm;
use upsign_policy::{Checksum, ChecksumAlgorithm};

/// Returns the algorithm as the store's answers name it, or `None` if they never do.
pub(crate) fn store_algorithm(algorithm: ChecksumAlgorithm) -> Option<StoreAlgorithm> {
    StoreAlgorithm::ALL.into_iter().find(|known| known.header() == algorithm.header())
}

/// Returns the checksum as a call to the store takes it.
pub(super) fn to_store(checksum: &Checksum) -> Option<upsign_objects::Checksum> {
    upsign_objects::Checksum::parse(store_algorithm(checksum.algorithm())?, checksum.as_base64()).ok()
}

/// Returns the checksum of this algorithm among those of an answer.
pub(crate) fn find(checksums: &[upsign_objects::Checksum], algorithm: ChecksumAlgorithm) -> Option<Checksum> {
    let algorithm_of_store = store_algorithm(algorithm)?;
    let found = checksums.iter().find(|checksum| checksum.algorithm() == algorithm_of_store)?;
    Checksum::parse(algorithm, found.as_base64()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_checksums_convert_without_loss() {
        let mut converted = Vec::new();
        for algorithm in ChecksumAlgorithm::ALL {
            let checksum = Checksum::zero(algorithm);
            let Some(stored) = to_store(&checksum) else { continue };
            assert_eq!(stored.algorithm().header(), algorithm.header());
            assert_eq!(stored.algorithm().name(), algorithm.as_str().to_ascii_uppercase());
            assert_eq!(find(std::slice::from_ref(&stored), algorithm), Some(checksum));
            converted.push(stored.algorithm());
        }
        converted.sort_unstable();
        let mut all = StoreAlgorithm::ALL;
        all.sort_unstable();
        assert_eq!(converted, all);
    }

    #[test]
    fn md5_has_no_checksum_at_the_store() {
        assert_eq!(to_store(&Checksum::zero(ChecksumAlgorithm::Md5)), None);
        assert_eq!(to_store(&Checksum::zero(ChecksumAlgorithm::AmzMd5)), None);
    }
}
