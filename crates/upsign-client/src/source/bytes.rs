//! Bytes in memory.

use std::io;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};

use crate::source::Source;

/// Bytes in memory.
#[derive(Clone, Debug)]
pub struct BytesSource {
    name: String,
    bytes: Bytes,
}

impl BytesSource {
    /// Creates a source. `name` is for messages.
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }
}

#[async_trait]
impl Source for BytesSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> Option<u64> {
        u64::try_from(self.bytes.len()).ok()
    }

    async fn read_at(&self, offset: u64, len: usize, mut buffer: BytesMut) -> io::Result<BytesMut> {
        let rest =
            usize::try_from(offset).ok().and_then(|offset| self.bytes.get(offset..)).unwrap_or_default();
        buffer.extend_from_slice(rest.get(..len).unwrap_or(rest));
        Ok(buffer)
    }
}
