//! An object that one `PUT` cannot store: 5 GiB and one byte, from a sparse file.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::time::Instant;

use crc_fast::{CrcAlgorithm, Digest as Crc};
use sha2::{Digest as _, Sha256};
use upsign::policy::{ChecksumAlgorithm, MultipartMode};

use crate::store::Store;
use crate::uploader::{Limits, Service};

const GIB: u64 = 1 << 30;
const SIZE: u64 = 5 * GIB + 1;
const LIMITS: Limits = Limits { part_size: 64 << 20, max_size: 6 * GIB };

/// Uploads the file, reads the object back, and compares both.
pub(crate) async fn five_gibibytes_and_one_byte(store: &Store) {
    let mut file = sparse_file();
    let service = Service::with_limits(store, MultipartMode::Always, store.capabilities(), true, LIMITS);
    let size = usize::try_from(SIZE).unwrap();
    let upload = service.begin(Some(size), Some(ChecksumAlgorithm::Crc64nvme)).await;
    let (mut parts, mut expected, mut crc) = (Vec::new(), Sha256::new(), Crc::new(CrcAlgorithm::Crc64Nvme));
    let began = Instant::now();
    for planned in upload.plan().parts() {
        let mut bytes = vec![0; usize::try_from(planned.len).unwrap()];
        file.read_exact(&mut bytes).unwrap();
        expected.update(&bytes);
        crc.update(&bytes);
        parts.push(upload.put(planned.number.get().into(), &bytes).await.unwrap());
    }
    let sent = began.elapsed();
    let wrong = upload.complete_with(&parts, (crc.finalize() ^ 1).to_be_bytes()).await.unwrap_err();
    assert_eq!(wrong.code(), "checksum-mismatch");
    let began = Instant::now();
    let object = upload.complete_with(&parts, crc.finalize().to_be_bytes()).await.unwrap();
    let completed = began.elapsed();
    assert_eq!(object.size, SIZE);
    let mut answer = service.read(&object.key).await;
    let (mut found, mut received) = (Sha256::new(), 0);
    while let Some(chunk) = answer.chunk().await.unwrap() {
        received += chunk.len() as u64;
        found.update(&chunk);
    }
    assert_eq!(received, SIZE);
    assert_eq!(found.finalize(), expected.finalize());
    println!(
        "{}: {SIZE} bytes in {} parts: sent in {sent:.1?}, completed in {completed:.1?}, read back with the same SHA-256",
        store.name,
        parts.len()
    );
}

/// Returns a file of zeros with some other bytes, the last one among them.
fn sparse_file() -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.set_len(SIZE).unwrap();
    for (position, byte) in [(0, 1), (64 << 20, 2), (GIB + 17, 3), (4 * GIB - 1, 4), (SIZE - 1, 5)] {
        file.seek(SeekFrom::Start(position)).unwrap();
        file.write_all(&[byte]).unwrap();
    }
    file.rewind().unwrap();
    file
}
