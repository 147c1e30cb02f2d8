//! Checksums as a client computes them.

use crc_fast::CrcAlgorithm;
use md5::Md5;
use sha2::{Digest, Sha256};
use upsign::policy::{Checksum, ChecksumAlgorithm};

/// Returns the checksum of the bytes in base64, as a header has it.
pub(crate) fn base64(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> Box<str> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    let crc = |parameters| crc_fast::checksum(parameters, bytes).to_be_bytes();
    let text = match algorithm {
        ChecksumAlgorithm::Crc64nvme => STANDARD.encode(crc(CrcAlgorithm::Crc64Nvme)),
        ChecksumAlgorithm::Crc32 => STANDARD.encode(&crc(CrcAlgorithm::Crc32IsoHdlc)[4..]),
        ChecksumAlgorithm::Sha256 => STANDARD.encode(Sha256::digest(bytes)),
        _ => STANDARD.encode(Md5::digest(bytes)),
    };
    assert!(Checksum::parse(algorithm, &text).is_ok(), "{algorithm}");
    text.into()
}
