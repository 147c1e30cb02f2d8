//! A received part.

use s3s::dto::{self, CompletedPart, ETag};

use crate::hex::hex;
use crate::store::blobs::PendingBlob;
use crate::store::checksum::{Algorithm, Checksums};

/// A part that was received completely. Dropping it removes its blob.
#[derive(Debug)]
pub(crate) struct Part {
    pub(super) blob: PendingBlob,
    pub(super) md5: [u8; 16],
    pub(super) checksums: Checksums,
}

impl Part {
    /// Returns the ETag of the part: the MD5 of its content in hex.
    pub(crate) fn etag(&self) -> String {
        hex(&self.md5)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.blob.blob().bytes
    }

    /// Returns the entry of the part in the response to ListParts, with the checksum of the upload.
    pub(crate) fn to_list_entry(&self, number: i32, algorithm: Algorithm) -> dto::Part {
        let checksum = self.checksums.get(algorithm).map(str::to_owned);
        let Checksums { crc32, crc32c, crc64nvme, sha1, sha256 } = Checksums::single(algorithm, checksum);
        dto::Part {
            part_number: Some(number),
            e_tag: Some(ETag::Strong(self.etag())),
            size: i64::try_from(self.bytes()).ok(),
            checksum_crc32: crc32,
            checksum_crc32c: crc32c,
            checksum_crc64nvme: crc64nvme,
            checksum_sha1: sha1,
            checksum_sha256: sha256,
            ..Default::default()
        }
    }
}

/// Returns the checksums of a part in a request to complete an upload.
pub(super) fn stated_checksums(part: &CompletedPart) -> Checksums {
    Checksums {
        crc32: part.checksum_crc32.clone(),
        crc32c: part.checksum_crc32c.clone(),
        crc64nvme: part.checksum_crc64nvme.clone(),
        sha1: part.checksum_sha1.clone(),
        sha256: part.checksum_sha256.clone(),
    }
}
