//! The byte of a token that holds what has few values: checksum, kind of size, kind of upload.

use upsign_policy::{ChecksumAlgorithm, ChecksumKind, MultipartChecksum, PlannedSize};

use crate::session::upload::{SessionMethod, SessionUpload};

/// The algorithms by their codes in a token, starting with 1. Existing codes never change; new ones are added at the end.
const ALGORITHMS: [ChecksumAlgorithm; 11] = [
    ChecksumAlgorithm::Sha256,
    ChecksumAlgorithm::Sha1,
    ChecksumAlgorithm::Crc32,
    ChecksumAlgorithm::Crc32c,
    ChecksumAlgorithm::Crc64nvme,
    ChecksumAlgorithm::Md5,
    ChecksumAlgorithm::Sha512,
    ChecksumAlgorithm::AmzMd5,
    ChecksumAlgorithm::XxHash64,
    ChecksumAlgorithm::XxHash3,
    ChecksumAlgorithm::XxHash128,
];

/// The kinds of checksums by their codes, likewise.
const KINDS: [ChecksumKind; 3] = [ChecksumKind::FullObject, ChecksumKind::Composite, ChecksumKind::Parts];

const KIND_SHIFT: u32 = 4;
const ALGORITHM_MASK: u8 = 0b1111;
const KIND_MASK: u8 = 0b11;
const SIZE_IS_MAXIMUM: u8 = 1 << 6;
const SINGLE_PUT: u8 = 1 << 7;

/// The meaning of the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) checksum: Option<MultipartChecksum>,
    pub(super) size_is_maximum: bool,
    pub(super) is_put: bool,
}

impl Flags {
    pub(super) const fn of(upload: &SessionUpload) -> Self {
        Self {
            checksum: upload.checksum,
            size_is_maximum: matches!(upload.size, PlannedSize::AtMost(_)),
            is_put: matches!(upload.method, SessionMethod::Put),
        }
    }

    /// Returns the byte, or `None` if the algorithm or the kind of the checksum has no code.
    pub(super) fn encode(self) -> Option<u8> {
        let checksum = match self.checksum {
            None => 0,
            Some(MultipartChecksum { algorithm, kind }) => {
                code_of(&ALGORITHMS, &algorithm)? | (code_of(&KINDS, &kind)? << KIND_SHIFT)
            }
        };
        let size = if self.size_is_maximum { SIZE_IS_MAXIMUM } else { 0 };
        let put = if self.is_put { SINGLE_PUT } else { 0 };
        Some(checksum | size | put)
    }

    /// Returns the meaning of a byte, or `None` if no session has it.
    pub(super) fn decode(byte: u8) -> Option<Self> {
        let checksum = match (byte & ALGORITHM_MASK, (byte >> KIND_SHIFT) & KIND_MASK) {
            (0, 0) => None,
            (algorithm, kind) => Some(MultipartChecksum {
                algorithm: value_of(&ALGORITHMS, algorithm)?,
                kind: value_of(&KINDS, kind)?,
            }),
        };
        Some(Self { checksum, size_is_maximum: byte & SIZE_IS_MAXIMUM != 0, is_put: byte & SINGLE_PUT != 0 })
    }
}

/// Returns the code of an algorithm, 1 to 15.
pub(crate) fn algorithm_code(algorithm: ChecksumAlgorithm) -> Option<u8> {
    code_of(&ALGORITHMS, &algorithm)
}

/// Returns the algorithm with this code.
pub(crate) fn algorithm_of_code(code: u8) -> Option<ChecksumAlgorithm> {
    value_of(&ALGORITHMS, code)
}

fn code_of<T: PartialEq>(values: &[T], value: &T) -> Option<u8> {
    let position = values.iter().position(|known| known == value)?;
    u8::try_from(position + 1).ok()
}

fn value_of<T: Copy>(values: &[T], code: u8) -> Option<T> {
    values.get(usize::from(code.checked_sub(1)?)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_checksum_has_a_code() {
        for algorithm in ChecksumAlgorithm::ALL {
            for kind in KINDS {
                let checksum = Some(MultipartChecksum { algorithm, kind });
                for (size_is_maximum, is_put) in [(false, false), (true, false), (false, true), (true, true)]
                {
                    let flags = Flags { checksum, size_is_maximum, is_put };
                    assert_eq!(Flags::decode(flags.encode().unwrap()), Some(flags));
                }
            }
        }
    }

    #[test]
    fn a_byte_has_one_meaning_or_none() {
        let meanings = (0..=u8::MAX).filter(|byte| match Flags::decode(*byte) {
            Some(flags) => {
                assert_eq!(flags.encode(), Some(*byte));
                true
            }
            None => false,
        });
        // No checksum, or one of 11 algorithms and 3 kinds; each with the two other bits.
        assert_eq!(meanings.count(), (1 + 11 * 3) * 4);
    }
}
