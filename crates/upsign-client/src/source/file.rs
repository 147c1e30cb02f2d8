//! A file on disk.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use async_trait::async_trait;
use bytes::BytesMut;
use tokio::task::spawn_blocking;

use crate::source::{Source, SourceChanged};

/// A regular file. Parts are read at their offsets, each byte once, unless a part is sent again.
#[derive(Clone, Debug)]
pub struct FileSource {
    name: String,
    file: Arc<File>,
    identity: FileIdentity,
}

/// What identifies the content of a file without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileIdentity {
    /// The absolute path without symbolic links.
    pub path: PathBuf,
    /// The size in bytes.
    pub size: u64,
    /// The time of the last change, in nanoseconds since 1970; 0 if the file system has none.
    pub modified: u64,
    /// The device, or 0 on systems without such numbers.
    pub device: u64,
    /// The number of the file on the device, or 0 on systems without such numbers.
    pub inode: u64,
}

impl FileIdentity {
    fn new(path: PathBuf, metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = modified.and_then(|time| u64::try_from(time.as_nanos()).ok()).unwrap_or_default();
        let (device, inode) = numbers(metadata);
        Self { path, size: metadata.len(), modified, device, inode }
    }

    /// Returns what differs, for messages, or `None` if both are the same file without a change.
    #[must_use]
    pub fn difference(&self, now: &Self) -> Option<String> {
        if self.size != now.size {
            return Some(format!("it has {} bytes, but had {}", now.size, self.size));
        }
        if (self.device, self.inode) != (now.device, now.inode) {
            return Some("another file has its name now".to_owned());
        }
        (self.modified != now.modified).then(|| "its modification time changed".to_owned())
    }
}

#[cfg(unix)]
fn numbers(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn numbers(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

impl FileSource {
    /// Opens a file.
    ///
    /// # Errors
    /// The file cannot be opened, or it is not a regular file: a pipe or a device is read with
    /// [`ReaderSource`](crate::ReaderSource).
    pub async fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        run(move || {
            // A named pipe would block until somebody writes to it, so it is recognized before it is opened.
            if !std::fs::metadata(&path)?.is_file() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
            }
            let file = File::open(&path)?;
            let identity = FileIdentity::new(path.canonicalize()?, &file.metadata()?);
            let name = path.display().to_string();
            Ok(Self { name, file: Arc::new(file), identity })
        })
        .await
    }

    /// Returns the path without symbolic links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.identity.path
    }
}

#[async_trait]
impl Source for FileSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> Option<u64> {
        Some(self.identity.size)
    }

    async fn read_at(&self, offset: u64, len: usize, mut buffer: BytesMut) -> io::Result<BytesMut> {
        let file = Arc::clone(&self.file);
        run(move || {
            let start = buffer.len();
            buffer.resize(start + len, 0);
            let mut filled = start;
            while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
                match read_some(&file, rest, offset + u64::try_from(filled - start).unwrap_or_default()) {
                    Ok(0) => break,
                    Ok(count) => filled += count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            buffer.truncate(filled);
            Ok(buffer)
        })
        .await
    }

    async fn check_unchanged(&self) -> Result<(), SourceChanged> {
        let (file, before) = (Arc::clone(&self.file), self.identity.clone());
        let path = before.path.clone();
        // The name may lead to another file by now. Then the open file is complete, but not what its owner wants to upload.
        let checked = run(move || {
            let open = FileIdentity::new(path.clone(), &file.metadata()?);
            let named = FileIdentity::new(path.clone(), &std::fs::metadata(&path)?);
            Ok(before.difference(&named).or_else(|| before.difference(&open)))
        });
        match checked.await {
            Ok(None) => Ok(()),
            Ok(Some(what)) => Err(SourceChanged::new(&self.name, what)),
            Err(error) => Err(SourceChanged::new(&self.name, error.to_string())),
        }
    }

    fn identity(&self) -> Option<&FileIdentity> {
        Some(&self.identity)
    }
}

#[cfg(unix)]
fn read_some(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_some(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Runs work that blocks on a thread for such work.
async fn run<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}
