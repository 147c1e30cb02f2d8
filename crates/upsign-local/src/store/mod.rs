//! Objects in a directory, their index in memory.
//!
//! ```text
//! <root>/lock                      held by the process that serves the directory
//! <root>/incoming/.tmp…            bytes on their way in; removed when the request fails
//! <root>/blobs/<number>            the bytes of an object
//! <root>/records/<sha256>.json     its key, ETag and headers; the hash is that of bucket and key
//! ```
//! A file name never holds a key, so a key may be as long as S3 allows and hold any character. The record names the
//! blob and is replaced by one rename: an object changes as a whole or not at all.

mod object;
mod receive;
mod uploads;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use s3s::{S3Result, s3_error};
use tempfile::{NamedTempFile, TempDir};
use tokio::sync::Mutex;
use upsign_core::Bucket;

pub use object::StoredObject;
pub(crate) use object::{Attributes, Checksums, Record};
pub(crate) use receive::{Expected, Received, hex};
pub(crate) use uploads::Part;

use crate::StartError;
use uploads::Uploads;

/// Where the objects of a server are.
#[derive(Debug)]
pub(crate) struct Store {
    root: Root,
    buckets: BTreeSet<Bucket>,
    index: Mutex<Index>,
    uploads: Mutex<Uploads>,
    next: AtomicU64,
    /// Kept open: the lock ends with the file.
    _lock: File,
}

/// A directory of the caller's, or one that goes with the store.
#[derive(Debug)]
enum Root {
    Given(PathBuf),
    Temporary(TempDir),
}

type Index = BTreeMap<(String, String), Arc<Record>>;

/// What has to hold of the object that stands at a key for a write to replace it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Precondition {
    None,
    /// `If-None-Match: *`
    Absent,
    /// `If-Match`: this ETag, or any with `None`.
    Present(Option<String>),
}

impl Store {
    /// Opens `directory`, or makes a temporary one, and reads the records in it.
    pub(crate) async fn open(
        directory: Option<PathBuf>,
        buckets: BTreeSet<Bucket>,
    ) -> Result<Self, StartError> {
        tokio::task::spawn_blocking(move || Self::open_blocking(directory, buckets)).await.unwrap_or_else(
            |stopped| Err(StartError::Directory { path: PathBuf::new(), source: io::Error::other(stopped) }),
        )
    }

    fn open_blocking(directory: Option<PathBuf>, buckets: BTreeSet<Bucket>) -> Result<Self, StartError> {
        let root = match directory {
            Some(path) => Root::Given(path),
            None => {
                let made = tempfile::Builder::new().prefix("upsign-s3-").tempdir();
                Root::Temporary(
                    made.map_err(|e| StartError::directory(Path::new("the temporary directory"), e))?,
                )
            }
        };
        for part in ["incoming", "blobs", "records"] {
            let path = root.path().join(part);
            std::fs::create_dir_all(&path).map_err(|e| StartError::directory(&path, e))?;
        }
        let lock = lock(root.path())?;
        let index = read_records(&root.path().join("records"))?;
        let next = index.values().map(|record| record.blob + 1).max().unwrap_or_default();
        let (index, uploads) = (Mutex::new(index), Mutex::default());
        let store = Self { root, buckets, index, uploads, next: next.into(), _lock: lock };
        store.sweep()?;
        Ok(store)
    }

    /// Removes what a process that was killed left unfinished.
    fn sweep(&self) -> Result<(), StartError> {
        let index = self.index.try_lock();
        let kept: BTreeSet<String> =
            index.iter().flat_map(|index| index.values()).map(|record| record.blob.to_string()).collect();
        for part in ["incoming", "blobs"] {
            let directory = self.root.path().join(part);
            for path in files_of(&directory)? {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                if part == "incoming" || !kept.contains(name) {
                    std::fs::remove_file(&path).map_err(|e| StartError::directory(&path, e))?;
                }
            }
        }
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn directory(&self) -> &Path {
        self.root.path()
    }

    /// Refuses a bucket that was not declared.
    pub(crate) fn require_bucket(&self, bucket: &str) -> S3Result<()> {
        if self.buckets.iter().any(|known| known.as_str() == bucket) {
            return Ok(());
        }
        Err(s3_error!(NoSuchBucket, "The specified bucket does not exist"))
    }

    /// What the bucket holds, by key.
    pub(crate) async fn list(&self, bucket: &Bucket) -> Vec<StoredObject> {
        let index = self.index.lock().await;
        index
            .values()
            .filter(|record| record.bucket == bucket.as_str())
            .map(|record| record.summary())
            .collect()
    }

    /// The object at a key.
    pub(crate) async fn find(&self, bucket: &str, key: &str) -> S3Result<Option<(Arc<Record>, SystemTime)>> {
        Ok(self.open_object(bucket, key).await?.map(|(record, _, modified)| (record, modified)))
    }

    /// The object at a key and its bytes. The file is opened before anyone can replace the object, so the two belong
    /// together.
    pub(crate) async fn open_object(
        &self,
        bucket: &str,
        key: &str,
    ) -> S3Result<Option<(Arc<Record>, tokio::fs::File, SystemTime)>> {
        let index = self.index.lock().await;
        let Some(record) = index.get(&(bucket.to_owned(), key.to_owned())) else { return Ok(None) };
        let file = tokio::fs::File::open(self.blob(record.blob)).await.map_err(internal)?;
        let modified = file.metadata().await.and_then(|metadata| metadata.modified()).map_err(internal)?;
        Ok(Some((Arc::clone(record), file, modified)))
    }

    /// Puts an object at its key, provided that `precondition` holds at that moment.
    pub(crate) async fn commit(
        &self,
        mut record: Record,
        bytes: NamedTempFile,
        precondition: &Precondition,
    ) -> S3Result<()> {
        let place = (record.bucket.clone(), record.key.clone());
        let mut index = self.index.lock().await;
        precondition.check(index.get(&place).map(|record| record.etag.as_str()))?;
        record.blob = self.next.fetch_add(1, Ordering::Relaxed);
        let blob = self.blob(record.blob);
        let written = bytes.persist(&blob).map_err(|e| e.error).and_then(|_| self.write_record(&record));
        if let Err(error) = written {
            // The object is not there; what is left of it in the file system is unreachable.
            let _ = std::fs::remove_file(&blob);
            return Err(internal(error));
        }
        if let Some(replaced) = index.insert(place, Arc::new(record)) {
            self.discard(&replaced);
        }
        Ok(())
    }

    /// Takes the object at a key away, if there is one.
    pub(crate) async fn remove(&self, bucket: &str, key: &str) -> S3Result<()> {
        let mut index = self.index.lock().await;
        let place = (bucket.to_owned(), key.to_owned());
        let Some(record) = index.get(&place) else { return Ok(()) };
        std::fs::remove_file(self.record_path(&record.bucket, &record.key)).map_err(internal)?;
        if let Some(removed) = index.remove(&place) {
            self.discard(&removed);
        }
        Ok(())
    }

    fn write_record(&self, record: &Record) -> io::Result<()> {
        let mut file = self.incoming()?;
        serde_json::to_writer(&mut file, record)?;
        file.persist(self.record_path(&record.bucket, &record.key)).map_err(|e| e.error)?;
        Ok(())
    }

    /// A readable handle on the bytes outlives this on Unix; where it does not, the next start sweeps the file away.
    fn discard(&self, record: &Record) {
        let _ = std::fs::remove_file(self.blob(record.blob));
    }

    fn incoming(&self) -> io::Result<NamedTempFile> {
        NamedTempFile::new_in(self.root.path().join("incoming"))
    }

    fn blob(&self, number: u64) -> PathBuf {
        self.root.path().join("blobs").join(number.to_string())
    }

    fn record_path(&self, bucket: &str, key: &str) -> PathBuf {
        let name = object::file_stem(bucket, key);
        self.root.path().join("records").join(format!("{name}.json"))
    }
}

impl Root {
    fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(directory) => directory.path(),
        }
    }
}

impl Precondition {
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>.
    fn check(&self, standing: Option<&str>) -> S3Result<()> {
        let failed =
            || s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold");
        match (self, standing) {
            (Self::None, _) | (Self::Absent, None) | (Self::Present(None), Some(_)) => Ok(()),
            (Self::Present(Some(wanted)), Some(etag)) if wanted == etag => Ok(()),
            (Self::Present(_), None) => Err(s3_error!(NoSuchKey, "The specified key does not exist.")),
            (Self::Absent | Self::Present(_), Some(_)) => Err(failed()),
        }
    }
}

/// An I/O error of the server's own disk.
pub(crate) fn internal(error: io::Error) -> s3s::S3Error {
    s3_error!(error, InternalError, "We encountered an internal error. Please try again.")
}

/// Two servers on one directory would sweep each other's files away.
fn lock(root: &Path) -> Result<File, StartError> {
    let path = root.join("lock");
    let file = File::create(&path).map_err(|e| StartError::directory(&path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::DirectoryInUse { path: root.to_owned() }),
        Err(TryLockError::Error(e)) => Err(StartError::directory(&path, e)),
    }
}

fn read_records(directory: &Path) -> Result<Index, StartError> {
    let mut index = Index::new();
    for path in files_of(directory)? {
        let text = std::fs::read(&path).map_err(|e| StartError::directory(&path, e))?;
        let record: Record =
            serde_json::from_slice(&text).map_err(|source| StartError::Record { path, source })?;
        index.insert((record.bucket.clone(), record.key.clone()), Arc::new(record));
    }
    Ok(index)
}

fn files_of(directory: &Path) -> Result<Vec<PathBuf>, StartError> {
    let entries = std::fs::read_dir(directory).map_err(|e| StartError::directory(directory, e))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>();
    paths.map_err(|e| StartError::directory(directory, e))
}
