//! The CRCs of S3, bit by bit, to compare with those of stores.

use upsign_objects::{Checksum, ChecksumAlgorithm};

/// Returns the checksum of the bytes. Parameters: <https://reveng.sourceforge.io/crc-catalogue/all.htm>.
pub(crate) fn crc(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> Checksum {
    let digest = match algorithm {
        ChecksumAlgorithm::Crc32 => {
            reflected(0xedb8_8320, u64::from(u32::MAX), bytes).to_be_bytes()[4..].to_vec()
        }
        ChecksumAlgorithm::Crc64nvme => {
            reflected(0x9a6c_9329_ac4b_c9b5, u64::MAX, bytes).to_be_bytes().to_vec()
        }
        other => panic!("no CRC: {}", other.name()),
    };
    Checksum::of_bytes(algorithm, &digest).unwrap()
}

fn reflected(polynomial: u64, ones: u64, bytes: &[u8]) -> u64 {
    let table: Vec<u64> = (0..256)
        .map(|byte| (0..8).fold(byte, |crc, _| if crc & 1 == 1 { crc >> 1 ^ polynomial } else { crc >> 1 }))
        .collect();
    let step = |crc: u64, byte: &u8| {
        let [low, ..] = crc.to_le_bytes();
        crc >> 8 ^ table.get(usize::from(low ^ byte)).unwrap()
    };
    bytes.iter().fold(ones, step) ^ ones
}

#[test]
fn crcs_of_the_catalogue() {
    let check = |algorithm, hex: u64| {
        let bytes = hex.to_be_bytes();
        let digest = &bytes[8 - ChecksumAlgorithm::len(algorithm)..];
        assert_eq!(crc(algorithm, b"123456789"), Checksum::of_bytes(algorithm, digest).unwrap());
    };
    check(ChecksumAlgorithm::Crc32, 0xcbf4_3926);
    check(ChecksumAlgorithm::Crc64nvme, 0xae8b_1486_0a79_9888);
}
