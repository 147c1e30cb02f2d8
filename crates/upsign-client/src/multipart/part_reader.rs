//! Reads the parts that are still to be sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use tokio::task::spawn_blocking;

use crate::checksum::{Checksum, ChecksumAlgorithm};
use crate::error::UploadError;
use crate::plan::PartLayout;
use crate::source::{Source, SourceChanged, ended_early};

/// The largest part that is read into memory before it is sent. Larger ones are read while they are sent.
const MAX_BUFFERED: u64 = 16 << 20;

/// A part that is to be sent, with its bytes.
pub(super) struct PartBytes {
    pub(super) number: u32,
    pub(super) len: u64,
    /// The bytes, and their checksum. `None` if they are read while they are sent.
    pub(super) buffer: Option<(Bytes, Option<Checksum>)>,
}

/// Returns the parts of a source one after another to several workers.
pub(super) struct PartReader {
    source: Arc<dyn Source>,
    layout: PartLayout,
    order: ReadOrder,
    /// Buffers of finished parts.
    free: Mutex<Vec<BytesMut>>,
}

enum ReadOrder {
    /// Parts can be read in any order.
    Any(Mutex<VecDeque<u32>>),
    /// Parts are read one after another, because the source can be read only once.
    Sequential(tokio::sync::Mutex<Position>),
}

struct Position {
    next: u32,
    /// The first byte of the next part. It is read together with the previous part, because only an attempt to read it shows
    /// whether that part is the last one: then it stays empty.
    ahead: BytesMut,
    has_ended: bool,
}

impl PartReader {
    /// Creates a reader of these parts; for a sequential source, all parts.
    pub(super) fn new(source: Arc<dyn Source>, layout: PartLayout, numbers: VecDeque<u32>) -> Self {
        let order = if source.is_sequential() {
            let position = Position { next: 1, ahead: BytesMut::new(), has_ended: false };
            ReadOrder::Sequential(tokio::sync::Mutex::new(position))
        } else {
            ReadOrder::Any(Mutex::new(numbers))
        };
        Self { source, layout, order, free: Mutex::default() }
    }

    /// Returns whether parts are read into memory before they are sent.
    pub(super) fn are_buffered(source: &dyn Source, layout: &PartLayout) -> bool {
        source.is_sequential() || layout.part_size <= MAX_BUFFERED
    }

    /// Returns the next part, with its bytes if they are buffered.
    pub(super) async fn next(&self) -> Result<Option<PartBytes>, UploadError> {
        match &self.order {
            ReadOrder::Any(numbers) => {
                let number = numbers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                match number {
                    Some(number) => self.at(number).await.map(Some),
                    None => Ok(None),
                }
            }
            ReadOrder::Sequential(position) => self.following(&mut *position.lock().await).await,
        }
    }

    /// Returns a part of a source whose parts can be read in any order.
    pub(super) async fn at(&self, number: u32) -> Result<PartBytes, UploadError> {
        self.source.check_unchanged().await?;
        let len = self.layout.len(number);
        if !Self::are_buffered(&*self.source, &self.layout) {
            return Ok(PartBytes { number, len, buffer: None });
        }
        let buffer = self.read(self.layout.offset(number), len, self.buffer()).await?;
        if u64::try_from(buffer.len()).ok() != Some(len) {
            return Err(ended_early(self.source.name(), self.layout.offset(number) + len).into());
        }
        self.buffered(number, buffer).await
    }

    /// Returns the next part of a source that can be read only once.
    async fn following(&self, position: &mut Position) -> Result<Option<PartBytes>, UploadError> {
        if position.has_ended {
            return Ok(None);
        }
        let (number, full) = (position.next, self.layout.part_size);
        if number > self.layout.part_count {
            return Err(self.has_more_bytes());
        }
        let mut buffer = self.buffer();
        buffer.extend_from_slice(&position.ahead.split());
        let ahead = u64::try_from(buffer.len()).unwrap_or_default();
        let buffer =
            self.read(self.layout.offset(number) + ahead, full.saturating_sub(ahead), buffer).await?;
        let len = u64::try_from(buffer.len()).unwrap_or_default();
        if len == full {
            let end = self.layout.offset(number) + len;
            position.ahead = self.read(end, 1, std::mem::take(&mut position.ahead)).await?;
        }
        position.has_ended = position.ahead.is_empty();
        position.next += 1;
        let is_expected =
            len == self.layout.len(number) && position.has_ended == (number == self.layout.part_count);
        match self.layout.size {
            Some(size) if !is_expected && position.has_ended => {
                Err(ended_early(self.source.name(), size).into())
            }
            Some(_) if !is_expected => Err(self.has_more_bytes()),
            _ => self.buffered(number, buffer).await.map(Some),
        }
    }

    fn has_more_bytes(&self) -> UploadError {
        let name = self.source.name();
        match self.layout.size {
            Some(size) => {
                SourceChanged::new(name, format!("it has more than the {size} bytes that it had")).into()
            }
            None => {
                let max = self.layout.part_size.saturating_mul(self.layout.part_count.into());
                UploadError::TooLarge { name: name.to_owned(), max }
            }
        }
    }

    async fn read(&self, offset: u64, len: u64, buffer: BytesMut) -> Result<BytesMut, UploadError> {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        self.source.read_at(offset, len, buffer).await.map_err(UploadError::read(self.source.name()))
    }

    async fn buffered(&self, number: u32, buffer: BytesMut) -> Result<PartBytes, UploadError> {
        let len = u64::try_from(buffer.len()).unwrap_or_default();
        let (bytes, checksum) = checksum(buffer.freeze(), self.layout.algorithm()).await;
        Ok(PartBytes { number, len, buffer: Some((bytes, checksum)) })
    }

    fn buffer(&self) -> BytesMut {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        free.unwrap_or_default()
    }

    /// Takes back the buffer of a part that was sent.
    pub(super) fn recycle(&self, part: PartBytes) {
        if let Some((bytes, _)) = part.buffer
            // The connection may still hold a reference. Then another buffer is allocated.
            && let Ok(mut buffer) = bytes.try_into_mut()
        {
            buffer.clear();
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
        }
    }
}

/// Computes a checksum on a thread for work that blocks: a part takes milliseconds.
async fn checksum(bytes: Bytes, algorithm: Option<ChecksumAlgorithm>) -> (Bytes, Option<Checksum>) {
    let Some(algorithm) = algorithm else { return (bytes, None) };
    let input = bytes.clone();
    match spawn_blocking(move || Checksum::of(algorithm, &input)).await {
        Ok(checksum) => (bytes, Some(checksum)),
        // The runtime shuts down.
        Err(_) => (bytes, None),
    }
}
