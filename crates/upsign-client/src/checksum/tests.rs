//! Check values, combined checksums, and names.

use proptest::prelude::*;

use super::*;

#[test]
fn check_values_of_the_algorithms() {
    // The CRC catalogue's check values of "123456789" (<https://reveng.sourceforge.io/crc-catalogue/all.htm>), and the
    // digests that `sha1sum`, `sha256sum` and `md5sum` print.
    let expected = [
        (ChecksumAlgorithm::Crc64Nvme, "rosUhgp5mIg="),
        (ChecksumAlgorithm::Crc32, "y/Q5Jg=="),
        (ChecksumAlgorithm::Crc32C, "4waSgw=="),
        (ChecksumAlgorithm::Sha1, "98O8HYCOBHMq32eZZczDTKeuNEE="),
        (ChecksumAlgorithm::Sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        (ChecksumAlgorithm::Md5, "JfnnlDI7RTiF9RgfG2JNCw=="),
    ];
    for (algorithm, value) in expected {
        assert_eq!(Checksum::of(algorithm, b"123456789").base64(), value, "{algorithm}");
    }
}

#[test]
fn names_are_read_back() {
    for algorithm in ChecksumAlgorithm::ALL {
        assert_eq!(algorithm.name().parse(), Ok(algorithm));
    }
    for kind in [ChecksumType::FullObject, ChecksumType::Composite, ChecksumType::Parts] {
        assert_eq!(ChecksumType::named(kind.name()), Some(kind));
    }
    assert!("crc16".parse::<ChecksumAlgorithm>().is_err());
}

#[test]
fn base64_of_another_length_is_refused() {
    let read = |text| Checksum::from_base64(ChecksumAlgorithm::Crc32, text);
    assert!(read("y/Q5Jg==").is_some());
    for wrong in ["", "y/Q5Jg", "rosUhgp5mIg=", "y/Q5J!=="] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}

proptest! {
    #[test]
    fn combined_parts_have_the_checksum_of_the_object(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..8)) {
        let whole = parts.concat();
        for algorithm in [ChecksumAlgorithm::Crc64Nvme, ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc32C] {
            let checksums: Vec<_> = parts.iter().map(|part| (Checksum::of(algorithm, part), part.len() as u64)).collect();
            let combined = Checksum::combine(checksums.iter().map(|(checksum, len)| (checksum, *len)));
            prop_assert_eq!(combined, Some(Checksum::of(algorithm, &whole)));
        }
    }
}

#[test]
fn digests_cannot_be_combined() {
    let sha256 = Checksum::of(ChecksumAlgorithm::Sha256, b"a");
    assert_eq!(Checksum::combine([(&sha256, 1), (&sha256, 1)]), None);
    assert_eq!(Checksum::combine([]), None);
    let (crc32, crc64) =
        (Checksum::of(ChecksumAlgorithm::Crc32, b"a"), Checksum::of(ChecksumAlgorithm::Crc64Nvme, b"a"));
    assert_eq!(Checksum::combine([(&crc32, 1), (&crc64, 1)]), None, "of two algorithms");
}
