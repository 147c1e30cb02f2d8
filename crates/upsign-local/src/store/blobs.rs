//! The content of objects: blobs, which are files that are named by a number.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::object::Record;

/// Number of bytes that a download reads from a file at a time.
const READ_BYTES: usize = 64 * 1024;

/// A file with the content of an object, or with one part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Blob {
    pub(crate) number: u64,
    pub(crate) bytes: u64,
}

/// The blobs of an object, as its record file contains them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Content {
    /// The number of the only blob.
    Single(u64),
    /// The parts of a multipart upload, in order.
    Parts(Vec<Blob>),
}

#[cfg(test)]
impl Default for Content {
    fn default() -> Self {
        Self::Parts(Vec::new())
    }
}

impl Content {
    /// Returns the numbers of the blobs.
    pub(super) fn numbers(&self) -> Vec<u64> {
        match self {
            Self::Single(number) => vec![*number],
            Self::Parts(parts) => parts.iter().map(|part| part.number).collect(),
        }
    }
}

/// A blob that no record names. Dropping it removes the file.
#[derive(Debug)]
pub(crate) struct PendingBlob {
    blob: Blob,
    path: Option<PathBuf>,
}

impl PendingBlob {
    pub(super) fn new(blob: Blob, path: PathBuf) -> Self {
        Self { blob, path: Some(path) }
    }

    pub(crate) fn blob(&self) -> Blob {
        self.blob
    }

    /// Keeps the file, because a record names it now.
    pub(crate) fn keep(mut self) {
        self.path = None;
    }
}

impl Drop for PendingBlob {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // A file that cannot be removed is garbage, which the next start removes.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// An object of the index.
///
/// A download holds it and opens the blobs one after the other. The blobs of an object that was replaced or deleted are
/// therefore removed when the last download ends, and not before.
#[derive(Debug)]
pub(crate) struct IndexedObject {
    pub(crate) record: Record,
    blobs: Arc<OwnedBlobs>,
}

/// The blobs that one record names. A record that only changes the headers of an object takes them over from the record before.
#[derive(Debug)]
struct OwnedBlobs {
    numbers: Vec<u64>,
    /// The directory of the blobs.
    directory: Arc<Path>,
    is_retired: AtomicBool,
}

impl IndexedObject {
    pub(super) fn new(record: Record, directory: Arc<Path>) -> Self {
        let numbers = record.content.numbers();
        Self {
            record,
            blobs: Arc::new(OwnedBlobs { numbers, directory, is_retired: AtomicBool::new(false) }),
        }
    }

    /// Returns an object with the same content and another record.
    pub(super) fn with_record(&self, record: Record) -> Self {
        Self { record, blobs: Arc::clone(&self.blobs) }
    }

    /// Removes the blobs as soon as no download reads them. No record may name them any more.
    pub(super) fn retire(&self) {
        self.blobs.is_retired.store(true, Ordering::Relaxed);
    }

    /// Returns a range of the content.
    pub(crate) fn read(
        self: Arc<Self>,
        range: Range<u64>,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static {
        let segments = segments(&self.record, &range);
        let files = stream::iter(segments).then(move |segment| {
            let object = Arc::clone(&self);
            async move { segment.open(&object.blobs.directory).await }
        });
        files.try_flatten()
    }
}

impl Drop for OwnedBlobs {
    fn drop(&mut self) {
        if self.is_retired.load(Ordering::Relaxed) {
            for number in &self.numbers {
                let _ = std::fs::remove_file(self.directory.join(number.to_string()));
            }
        }
    }
}

/// A range of bytes of one blob.
#[derive(Debug, PartialEq, Eq)]
struct Segment {
    number: u64,
    offset: u64,
    bytes: u64,
}

impl Segment {
    async fn open(self, directory: &Path) -> io::Result<ReaderStream<tokio::io::Take<tokio::fs::File>>> {
        let mut file = tokio::fs::File::open(directory.join(self.number.to_string())).await?;
        if self.offset > 0 {
            file.seek(io::SeekFrom::Start(self.offset)).await?;
        }
        Ok(ReaderStream::with_capacity(file.take(self.bytes), READ_BYTES))
    }
}

/// Returns the parts of the blobs of an object that contain a range of its content.
fn segments(record: &Record, range: &Range<u64>) -> Vec<Segment> {
    let blobs = match &record.content {
        Content::Single(number) => vec![Blob { number: *number, bytes: record.bytes }],
        Content::Parts(parts) => parts.clone(),
    };
    let mut start = 0;
    let mut segments = Vec::new();
    for Blob { number, bytes } in blobs {
        let end = start + bytes;
        let (from, to) = (range.start.max(start), range.end.min(end));
        if from < to {
            segments.push(Segment { number, offset: from - start, bytes: to - from });
        }
        start = end;
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(content: Content, bytes: u64) -> Record {
        Record { content, bytes, ..Record::default() }
    }

    #[test]
    fn range_of_parts_is_cut_at_their_boundaries() {
        let parts = [(7, 10), (8, 0), (9, 5)].map(|(number, bytes)| Blob { number, bytes });
        let record = record(Content::Parts(parts.to_vec()), 15);
        let cut = |range: Range<u64>| -> Vec<_> {
            segments(&record, &range).iter().map(|s| (s.number, s.offset, s.bytes)).collect()
        };
        assert_eq!(cut(0..15), [(7, 0, 10), (9, 0, 5)]);
        assert_eq!(cut(9..11), [(7, 9, 1), (9, 0, 1)]);
        assert_eq!(cut(10..12), [(9, 0, 2)]);
        assert_eq!(cut(3..3), []);
        for (start, end) in (0..=15_u64).flat_map(|start| (start..=15).map(move |end| (start, end))) {
            assert_eq!(cut(start..end).iter().map(|(.., bytes)| bytes).sum::<u64>(), end - start);
        }
    }

    #[test]
    fn record_of_one_blob_contains_its_number() {
        let json = serde_json::to_value(record(Content::Single(3), 1)).unwrap();
        assert_eq!(json["blob"], 3);
        let parts = vec![Blob { number: 3, bytes: 1 }];
        let json = serde_json::to_value(record(Content::Parts(parts.clone()), 1)).unwrap();
        assert_eq!(serde_json::from_value::<Record>(json).unwrap().content, Content::Parts(parts));
    }
}
