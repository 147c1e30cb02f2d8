//! The two bytes of a token that hold what has few values: checksum, kind of size, kind of upload; and what follows them.

use upsign_policy::{ChecksumAlgorithm, ChecksumKind, MultipartChecksum, PlannedSize};

use crate::session::upload::{SessionGate, SessionMethod, SessionUpload};

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

/// The bits of the second byte.
const HAS_MIN_SIZE: u8 = 1;
const HAS_CHECKSUM_VALUE: u8 = 1 << 1;
const IS_PENDING: u8 = 1 << 2;
const IS_FORM: u8 = 1 << 3;
const IS_TAGGED: u8 = 1 << 4;
const HAS_ACCOUNT: u8 = 1 << 5;
const HAS_FREE_PARTS: u8 = 1 << 6;

/// The meaning of the first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) checksum: Option<MultipartChecksum>,
    pub(super) size_is_maximum: bool,
    /// Whether the object is uploaded with one request.
    pub(super) is_put: bool,
}

/// The meaning of the second byte: what follows it, and how the upload differs from a `PUT` that anyone may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the bits of a byte")]
pub(super) struct MoreFlags {
    pub(super) has_min_size: bool,
    pub(super) has_checksum_value: bool,
    pub(super) is_pending: bool,
    pub(super) is_form: bool,
    pub(super) is_tagged: bool,
    pub(super) has_account: bool,
    pub(super) has_free_parts: bool,
}

impl MoreFlags {
    pub(super) const fn of(upload: &SessionUpload) -> Self {
        Self {
            has_min_size: upload.min_size > 0,
            has_checksum_value: upload.checksum_value.is_some(),
            is_pending: matches!(upload.gate, SessionGate::Pending(_)),
            is_form: matches!(upload.method, SessionMethod::Form),
            is_tagged: matches!(upload.gate, SessionGate::Tag),
            has_account: upload.account.is_some(),
            has_free_parts: matches!(upload.size, PlannedSize::FreeParts(_)),
        }
    }

    const fn bits(self) -> [(bool, u8); 7] {
        [
            (self.has_min_size, HAS_MIN_SIZE),
            (self.has_checksum_value, HAS_CHECKSUM_VALUE),
            (self.is_pending, IS_PENDING),
            (self.is_form, IS_FORM),
            (self.is_tagged, IS_TAGGED),
            (self.has_account, HAS_ACCOUNT),
            (self.has_free_parts, HAS_FREE_PARTS),
        ]
    }

    pub(super) fn encode(self) -> u8 {
        self.bits().into_iter().filter(|(is_set, _)| *is_set).fold(0, |byte, (_, bit)| byte | bit)
    }

    /// Returns the meaning of a byte, or `None` if no session has it.
    pub(super) fn decode(byte: u8) -> Option<Self> {
        let has = |bit| byte & bit != 0;
        let flags = Self {
            has_min_size: has(HAS_MIN_SIZE),
            has_checksum_value: has(HAS_CHECKSUM_VALUE),
            is_pending: has(IS_PENDING),
            is_form: has(IS_FORM),
            is_tagged: has(IS_TAGGED),
            has_account: has(HAS_ACCOUNT),
            has_free_parts: has(HAS_FREE_PARTS),
        };
        let is_known = flags.encode() == byte && !(flags.is_pending && flags.is_tagged);
        is_known.then_some(flags)
    }
}

impl Flags {
    pub(super) const fn of(upload: &SessionUpload) -> Self {
        Self {
            checksum: upload.checksum,
            size_is_maximum: upload.size.exact().is_none(),
            is_put: matches!(upload.method, SessionMethod::Put | SessionMethod::Form),
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
    fn second_byte_has_one_meaning_or_none() {
        let known = (0..=u8::MAX).filter(|byte| {
            let flags = MoreFlags::decode(*byte);
            assert!(flags.is_none_or(|flags| flags.encode() == *byte), "{byte:b}");
            flags.is_some()
        });
        // Seven bits, of which two exclude each other.
        assert_eq!(known.count(), 32 * 3);
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
