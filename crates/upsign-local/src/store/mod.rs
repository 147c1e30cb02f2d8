//! The object store: a directory, and an index of it in memory.
//!
//! ```text
//! <root>/lock                      locked by the server that uses the directory
//! <root>/incoming/.tmp…            bodies that are being received; removed if the request fails
//! <root>/blobs/<number>            the content of an object
//! <root>/records/<sha256>.json     its key, ETag, headers and blob number; named by the hash of bucket and key
//! ```
//!
//! Invariants:
//!
//! - File names never contain a key, so a key may have any characters and the full length that S3 allows.
//! - A write first puts the content into a new blob and then replaces the record with one rename. Readers and a
//!   restarted server therefore see either the old object or the new one, never a mixture.
//! - A blob is never modified and its number is never reused while the server runs, so an open file keeps its content.
//! - A blob that no record names, and every file in `incoming`, is garbage. The next start removes it.

pub(crate) mod body;
pub(crate) mod multipart;
pub(crate) mod newer_checksum;
pub(crate) mod object;
pub(crate) mod precondition;

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

use crate::error::LocalServerError;
use multipart::MultipartUploads;
use object::{Record, StoredObject};
use precondition::Precondition;

/// The objects of one server.
#[derive(Debug)]
pub(crate) struct Store {
    root: Root,
    buckets: BTreeSet<Bucket>,
    /// The records by bucket and key. Every change of an object holds this lock from the check of its precondition
    /// until the record is replaced, so that of several conditional writes to one key only one succeeds.
    index: Mutex<Index>,
    uploads: Mutex<MultipartUploads>,
    /// The next blob number, also the source of unique upload ids.
    next_number: AtomicU64,
    /// Holds the directory lock, which ends when the file is closed.
    _lock: File,
}

/// An object in a list.
#[derive(Clone, Debug)]
pub(crate) struct ListedObject {
    pub(crate) key: String,
    pub(crate) bytes: u64,
    pub(crate) etag: String,
    pub(crate) modified: SystemTime,
}

/// The directory of a store.
#[derive(Debug)]
enum Root {
    /// A directory that the caller chose. It stays.
    Given(PathBuf),
    /// A temporary directory, removed when the store is dropped.
    Temporary(TempDir),
}

/// The records, by bucket and key.
type Index = BTreeMap<(String, String), Arc<Record>>;

impl Store {
    /// Opens `directory`, or creates a temporary one, and reads the records in it.
    pub(crate) async fn open(
        directory: Option<PathBuf>,
        buckets: BTreeSet<Bucket>,
    ) -> Result<Self, LocalServerError> {
        tokio::task::spawn_blocking(move || Self::open_blocking(directory, buckets)).await.unwrap_or_else(
            |error| {
                Err(LocalServerError::Directory { path: PathBuf::new(), source: io::Error::other(error) })
            },
        )
    }

    fn open_blocking(
        directory: Option<PathBuf>,
        buckets: BTreeSet<Bucket>,
    ) -> Result<Self, LocalServerError> {
        let root = match directory {
            Some(path) => Root::Given(path),
            None => {
                let created = tempfile::Builder::new().prefix("upsign-s3-").tempdir();
                Root::Temporary(
                    created
                        .map_err(|e| LocalServerError::directory(Path::new("the temporary directory"), e))?,
                )
            }
        };
        for name in ["incoming", "blobs", "records"] {
            let path = root.path().join(name);
            std::fs::create_dir_all(&path).map_err(|e| LocalServerError::directory(&path, e))?;
        }
        let lock = lock_directory(root.path())?;
        let index = read_records(&root.path().join("records"))?;
        let next_number = index.values().map(|record| record.blob + 1).max().unwrap_or_default();
        let (index, uploads) = (Mutex::new(index), Mutex::default());
        let store = Self { root, buckets, index, uploads, next_number: next_number.into(), _lock: lock };
        store.remove_leftovers()?;
        Ok(store)
    }

    /// Removes the files of interrupted writes, which a killed process leaves behind.
    ///
    /// It relies on the directory lock: no other server can be writing these files.
    fn remove_leftovers(&self) -> Result<(), LocalServerError> {
        let index = self.index.try_lock();
        let referenced: BTreeSet<String> =
            index.iter().flat_map(|index| index.values()).map(|record| record.blob.to_string()).collect();
        for subdirectory in ["incoming", "blobs"] {
            let directory = self.root.path().join(subdirectory);
            for path in files_of(&directory)? {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                if subdirectory == "incoming" || !referenced.contains(name) {
                    std::fs::remove_file(&path).map_err(|e| LocalServerError::directory(&path, e))?;
                }
            }
        }
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn directory(&self) -> &Path {
        self.root.path()
    }

    /// Returns `NoSuchBucket` for a bucket that the server does not have.
    pub(crate) fn require_bucket(&self, bucket: &str) -> S3Result<()> {
        if self.buckets.iter().any(|known| known.as_str() == bucket) {
            return Ok(());
        }
        Err(s3_error!(NoSuchBucket, "The specified bucket does not exist"))
    }

    /// Returns the objects of a bucket, sorted by key.
    pub(crate) async fn list(&self, bucket: &Bucket) -> Vec<StoredObject> {
        let index = self.index.lock().await;
        index
            .values()
            .filter(|record| record.bucket == bucket.as_str())
            .map(|record| record.summary())
            .collect()
    }

    /// Returns the buckets, sorted by name.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = &str> {
        self.buckets.iter().map(Bucket::as_str)
    }

    /// Returns the objects of a bucket with their modification times, sorted by key.
    pub(crate) async fn list_modified(&self, bucket: &str) -> S3Result<Vec<ListedObject>> {
        let index = self.index.lock().await;
        let records = index.values().filter(|record| record.bucket == bucket);
        let listed = |record: &Arc<Record>| {
            let modified = std::fs::metadata(self.blob_path(record.blob)).and_then(|file| file.modified())?;
            let (key, etag) = (record.key.clone(), record.etag.clone());
            Ok(ListedObject { key, bytes: record.bytes, etag, modified })
        };
        records.map(listed).collect::<io::Result<_>>().map_err(internal_error)
    }

    /// Returns the record and the modification time of an object.
    pub(crate) async fn find(&self, bucket: &str, key: &str) -> S3Result<Option<(Arc<Record>, SystemTime)>> {
        Ok(self.open_object(bucket, key).await?.map(|(record, _, modified)| (record, modified)))
    }

    /// Returns an object with its content.
    ///
    /// The file is opened while the index is locked. A concurrent write therefore cannot replace the object between the
    /// lookup and the opening, and the file belongs to the record.
    pub(crate) async fn open_object(
        &self,
        bucket: &str,
        key: &str,
    ) -> S3Result<Option<(Arc<Record>, tokio::fs::File, SystemTime)>> {
        let index = self.index.lock().await;
        let Some(record) = index.get(&(bucket.to_owned(), key.to_owned())) else { return Ok(None) };
        let file = tokio::fs::File::open(self.blob_path(record.blob)).await.map_err(internal_error)?;
        let modified =
            file.metadata().await.and_then(|metadata| metadata.modified()).map_err(internal_error)?;
        Ok(Some((Arc::clone(record), file, modified)))
    }

    /// Stores an object if `precondition` holds for the current object at its key.
    ///
    /// The lock of the index covers check and write, which makes the conditional write atomic. Nothing is awaited while
    /// it is held, so a client that disconnects cannot interrupt the write between the record and the index.
    pub(crate) async fn commit(
        &self,
        mut record: Record,
        bytes: NamedTempFile,
        precondition: &Precondition,
    ) -> S3Result<()> {
        let location = (record.bucket.clone(), record.key.clone());
        let mut index = self.index.lock().await;
        precondition.check(index.get(&location).map(|record| record.etag.as_str()))?;
        record.blob = self.next_number.fetch_add(1, Ordering::Relaxed);
        let blob = self.blob_path(record.blob);
        let written = bytes.persist(&blob).map_err(|e| e.error).and_then(|_| self.write_record(&record));
        if let Err(error) = written {
            // The record was not replaced, so the earlier object is intact and the new blob is garbage.
            let _ = std::fs::remove_file(&blob);
            return Err(internal_error(error));
        }
        if let Some(replaced) = index.insert(location, Arc::new(record)) {
            self.remove_blob(&replaced);
        }
        Ok(())
    }

    /// Removes an object, if it exists.
    pub(crate) async fn remove(&self, bucket: &str, key: &str) -> S3Result<()> {
        let mut index = self.index.lock().await;
        let location = (bucket.to_owned(), key.to_owned());
        let Some(record) = index.get(&location) else { return Ok(()) };
        std::fs::remove_file(self.record_path(&record.bucket, &record.key)).map_err(internal_error)?;
        if let Some(removed) = index.remove(&location) {
            self.remove_blob(&removed);
        }
        Ok(())
    }

    /// Writes a record to a temporary file and renames it over the earlier one, which replaces the object atomically.
    fn write_record(&self, record: &Record) -> io::Result<()> {
        let mut file = self.new_incoming_file()?;
        serde_json::to_writer(&mut file, record)?;
        file.persist(self.record_path(&record.bucket, &record.key)).map_err(|e| e.error)?;
        Ok(())
    }

    /// Removes the content of a replaced object.
    ///
    /// On Unix, requests that are reading the file keep reading it. Where removing an open file fails, the next start
    /// removes the blob, because no record names it.
    fn remove_blob(&self, record: &Record) {
        let _ = std::fs::remove_file(self.blob_path(record.blob));
    }

    /// Creates a file in `incoming`, which is removed when it is dropped. It is in the same file system as the blobs,
    /// so that it can become one by a rename.
    fn new_incoming_file(&self) -> io::Result<NamedTempFile> {
        NamedTempFile::new_in(self.root.path().join("incoming"))
    }

    fn blob_path(&self, number: u64) -> PathBuf {
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

/// Returns the response to an I/O error of the object directory.
pub(crate) fn internal_error(error: io::Error) -> s3s::S3Error {
    s3_error!(error, InternalError, "We encountered an internal error. Please try again.")
}

/// Locks the directory. Two servers in one directory would remove each other's files.
fn lock_directory(root: &Path) -> Result<File, LocalServerError> {
    let path = root.join("lock");
    let file = File::create(&path).map_err(|e| LocalServerError::directory(&path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LocalServerError::DirectoryInUse { path: root.to_owned() }),
        Err(TryLockError::Error(e)) => Err(LocalServerError::directory(&path, e)),
    }
}

/// Reads the index from the record files.
fn read_records(directory: &Path) -> Result<Index, LocalServerError> {
    let mut index = Index::new();
    for path in files_of(directory)? {
        let text = std::fs::read(&path).map_err(|e| LocalServerError::directory(&path, e))?;
        let record: Record = serde_json::from_slice(&text)
            .map_err(|source| LocalServerError::InvalidRecord { path, source })?;
        index.insert((record.bucket.clone(), record.key.clone()), Arc::new(record));
    }
    Ok(index)
}

/// Returns the paths of the entries of a directory.
fn files_of(directory: &Path) -> Result<Vec<PathBuf>, LocalServerError> {
    let entries = std::fs::read_dir(directory).map_err(|e| LocalServerError::directory(directory, e))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>();
    paths.map_err(|e| LocalServerError::directory(directory, e))
}
