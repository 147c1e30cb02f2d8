//! A reader whose length may be unknown, such as standard input.

use std::fmt;
use std::io;

use async_trait::async_trait;
use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::Mutex;

use crate::source::{Source, not_sequential};

/// A reader that is read once, such as standard input. Its upload cannot be resumed by another process.
pub struct ReaderSource {
    name: String,
    size: Option<u64>,
    reader: Mutex<Position>,
}

struct Position {
    reader: Box<dyn AsyncRead + Send + Unpin>,
    offset: u64,
}

impl ReaderSource {
    /// Creates a source of unknown size. `name` is for messages.
    #[must_use]
    pub fn new(name: impl Into<String>, reader: impl AsyncRead + Send + Unpin + 'static) -> Self {
        let reader = Mutex::new(Position { reader: Box::new(reader), offset: 0 });
        Self { name: name.into(), size: None, reader }
    }

    /// States the size, which the reader must then have.
    #[must_use]
    pub fn with_size(self, size: u64) -> Self {
        Self { size: Some(size), ..self }
    }
}

impl fmt::Debug for ReaderSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReaderSource")
            .field("name", &self.name)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Source for ReaderSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> Option<u64> {
        self.size
    }

    fn is_sequential(&self) -> bool {
        true
    }

    async fn read_at(&self, offset: u64, len: usize, mut buffer: BytesMut) -> io::Result<BytesMut> {
        let mut position = self.reader.lock().await;
        if offset != position.offset {
            return Err(not_sequential(position.offset, offset));
        }
        buffer.reserve(len);
        let mut reader = (&mut position.reader).take(len.try_into().unwrap_or(u64::MAX));
        let mut read = 0;
        loop {
            match reader.read_buf(&mut buffer).await? {
                0 => break,
                count => read += count,
            }
        }
        position.offset += u64::try_from(read).unwrap_or_default();
        Ok(buffer)
    }
}
