//! Checksums of a source that are needed before or after its bytes are sent.

use bytes::BytesMut;

use super::{Source, ended_early};
use crate::checksum::{Checksum, Hasher};
use crate::error::UploadError;

/// The bytes that are read at a time.
const CHUNK: u64 = 1 << 20;

/// Reads `len` bytes from `offset` on once, and returns the checksum of each hasher.
pub(crate) async fn hash_range(
    source: &dyn Source,
    mut offset: u64,
    len: u64,
    hashers: impl IntoIterator<Item = Hasher>,
) -> Result<Vec<Checksum>, UploadError> {
    let mut hashers: Vec<_> = hashers.into_iter().collect();
    let end = offset.saturating_add(len);
    let mut buffer = BytesMut::new();
    while offset < end {
        buffer.clear();
        let len = usize::try_from((end - offset).min(CHUNK)).unwrap_or(usize::MAX);
        buffer = source.read_at(offset, len, buffer).await.map_err(UploadError::read(source.name()))?;
        if buffer.is_empty() {
            return Err(ended_early(source.name(), end).into());
        }
        hashers.iter_mut().for_each(|hasher| hasher.update(&buffer));
        offset += u64::try_from(buffer.len()).unwrap_or_default();
    }
    Ok(hashers.into_iter().map(Hasher::finish).collect())
}
