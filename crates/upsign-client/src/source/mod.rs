//! Where the bytes of an upload come from.

mod bytes;
mod file;
mod hash;
mod reader;

use std::fmt;
use std::io;

use ::bytes::BytesMut;
use async_trait::async_trait;

pub use self::bytes::BytesSource;
pub use self::file::{FileIdentity, FileSource};
pub(crate) use self::hash::hash_range;
pub use self::reader::ReaderSource;

/// The bytes of an upload. [`FileSource`], [`BytesSource`] and [`ReaderSource`] implement it.
///
/// ```
/// use std::io;
///
/// use async_trait::async_trait;
/// use bytes::BytesMut;
/// use upsign_client::Source;
///
/// /// Zeros, as many as the number says.
/// #[derive(Debug)]
/// struct Zeros(u64);
///
/// #[async_trait]
/// impl Source for Zeros {
///     fn name(&self) -> &str {
///         "zeros"
///     }
///
///     fn size(&self) -> Option<u64> {
///         Some(self.0)
///     }
///
///     async fn read_at(&self, offset: u64, len: usize, mut buffer: BytesMut) -> io::Result<BytesMut> {
///         let left = usize::try_from(self.0.saturating_sub(offset)).unwrap_or(usize::MAX);
///         buffer.resize(buffer.len() + len.min(left), 0);
///         Ok(buffer)
///     }
/// }
/// ```
#[async_trait]
pub trait Source: fmt::Debug + Send + Sync {
    /// Returns the name for messages.
    fn name(&self) -> &str;

    /// Returns the number of bytes, or `None` if it is known only at the end. Such a source needs a route with
    /// `size_bound = "max"`.
    fn size(&self) -> Option<u64>;

    /// Returns `true` if every byte can be read only once, from the first to the last. The parts of such a source are always
    /// buffered in memory. Default: `false`.
    fn is_sequential(&self) -> bool {
        false
    }

    /// Reads `len` bytes from `offset` on, appends them to `buffer` and returns it. Fewer bytes are read only at the end of the
    /// source. For a [sequential](Self::is_sequential) source, `offset` always is the number of bytes that were read before.
    ///
    /// Implementations write `async fn read_at(&self, offset: u64, len: usize, buffer: BytesMut) -> io::Result<BytesMut>`.
    ///
    /// # Errors
    /// Returns the error of the file or reader. The upload fails; it can be resumed if a state is stored.
    async fn read_at(&self, offset: u64, len: usize, buffer: BytesMut) -> io::Result<BytesMut>;

    /// Checks that the bytes are still those of the beginning. It is called before each part is read, and before the upload is
    /// completed. Default: always the same.
    ///
    /// Implementations write `async fn check_unchanged(&self) -> Result<(), SourceChanged>`.
    ///
    /// # Errors
    /// Returns [`SourceChanged`] if the bytes may have changed. The upload fails.
    async fn check_unchanged(&self) -> Result<(), SourceChanged> {
        Ok(())
    }

    /// Returns what identifies a file, so that a later process can resume its upload. Default: `None`, which stores no state.
    fn identity(&self) -> Option<&FileIdentity> {
        None
    }
}

/// The source changed after its upload began.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} changed during the upload: {what}")]
pub struct SourceChanged {
    name: String,
    what: String,
}

impl SourceChanged {
    /// Creates the error. `what` says what differs, for example `it has 5 bytes, but had 7`.
    #[must_use]
    pub fn new(name: impl Into<String>, what: impl Into<String>) -> Self {
        Self { name: name.into(), what: what.into() }
    }
}

/// Returns the error for a source that ends before its size.
pub(crate) fn ended_early(name: &str, size: u64) -> SourceChanged {
    SourceChanged::new(name, format!("it ends before the {size} bytes that it had"))
}

/// Returns the error for a read at another place than the position of the reader.
fn not_sequential(position: u64, offset: u64) -> io::Error {
    io::Error::other(format!("the reader is at byte {position}, so byte {offset} cannot be read"))
}
