//! The object store: a directory, and an index of it in memory.
//!
//! ```text
//! <root>/lock                      locked by the server that uses the directory
//! <root>/incoming/.tmp…            bodies that are being received; removed if the request fails
//! <root>/blobs/<number>            the content of an object, or of a part of a multipart upload
//! <root>/records/<sha256>.json     key, ETag, headers and blob numbers of an object; named by the hash of bucket and key
//! ```
//!
//! Invariants:
//!
//! - File names never contain a key, so a key may have any characters and the full length that S3 allows.
//! - A write first puts the content into new blobs and then replaces the record with one rename. Readers and a
//!   restarted server therefore see either the old object or the new one, never a mixture.
//! - A blob is never modified, and its number is never reused while the server runs.
//! - At most one record names a blob. The blobs of an object that was replaced or deleted remain until its last
//!   download ends.
//! - A blob that no record names, and every file in `incoming`, is garbage. The next start removes it. The parts of an
//!   upload in progress are such blobs, so completing it only writes a record.

pub(crate) mod blobs;
pub(crate) mod body;
pub(crate) mod checksum;
mod directory;
pub(crate) mod multipart;
pub(crate) mod newer_checksum;
pub(crate) mod object;
pub(crate) mod precondition;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use s3s::{S3Result, s3_error};
use tempfile::NamedTempFile;
use tokio::sync::Mutex;
use upsign_core::Bucket;

use blobs::{Blob, IndexedObject, PendingBlob};
use directory::Root;
use multipart::MultipartUploads;
use object::{Record, StoredObject};
use precondition::Precondition;

/// The objects of one server.
#[derive(Debug)]
pub(crate) struct Store {
    root: Root,
    /// The directory of the blobs.
    blobs: Arc<Path>,
    buckets: BTreeSet<Bucket>,
    /// The records by bucket and key. Every change of an object holds this lock from the check of its precondition
    /// until the record is replaced, so that of several conditional writes to one key only one succeeds.
    index: Mutex<Index>,
    uploads: std::sync::Mutex<MultipartUploads>,
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

/// The objects, by bucket and key.
type Index = BTreeMap<(String, String), Arc<IndexedObject>>;

impl Store {
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
            .map(|object| &object.record)
            .filter(|record| record.bucket == bucket.as_str())
            .map(Record::summary)
            .collect()
    }

    /// Returns the buckets, sorted by name.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = &str> {
        self.buckets.iter().map(Bucket::as_str)
    }

    /// Returns the objects of a bucket with their modification times, sorted by key.
    pub(crate) async fn list_modified(&self, bucket: &str) -> S3Result<Vec<ListedObject>> {
        let index = self.index.lock().await;
        let records = index.values().map(|object| &object.record);
        let listed = |record: &Record| {
            let (key, etag) = (record.key.clone(), record.etag.clone());
            Ok(ListedObject { key, bytes: record.bytes, etag, modified: self.modified(record)? })
        };
        let of_bucket = records.filter(|record| record.bucket == bucket);
        of_bucket.map(listed).collect::<io::Result<_>>().map_err(internal_error)
    }

    /// Returns an object and its modification time.
    pub(crate) async fn find(
        &self,
        bucket: &str,
        key: &str,
    ) -> S3Result<Option<(Arc<IndexedObject>, SystemTime)>> {
        let index = self.index.lock().await;
        let Some(object) = index.get(&(bucket.to_owned(), key.to_owned())) else { return Ok(None) };
        let modified = self.modified(&object.record).map_err(internal_error)?;
        Ok(Some((Arc::clone(object), modified)))
    }

    /// Returns when an object was stored: the modification time of its record file. The caller holds the lock of the index.
    fn modified(&self, record: &Record) -> io::Result<SystemTime> {
        std::fs::metadata(self.record_path(&record.bucket, &record.key))?.modified()
    }

    /// Makes a received body a blob.
    pub(crate) fn add_blob(&self, file: NamedTempFile, bytes: u64) -> S3Result<PendingBlob> {
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        let path = self.blobs.join(number.to_string());
        file.persist(&path).map_err(|e| internal_error(e.error))?;
        Ok(PendingBlob::new(Blob { number, bytes }, path))
    }

    /// Stores an object if `precondition` holds for the current object at its key. If this succeeds, the caller keeps the
    /// blobs of the record, without awaiting anything before.
    ///
    /// The lock of the index covers check and write, which makes the conditional write atomic. Nothing is awaited while
    /// it is held, so a client that disconnects cannot interrupt the write between the record and the index.
    pub(crate) async fn commit(&self, record: Record, precondition: &Precondition) -> S3Result<()> {
        let location = (record.bucket.clone(), record.key.clone());
        let mut index = self.index.lock().await;
        precondition.check(index.get(&location).map(|object| object.record.etag.as_str()))?;
        self.write_record(&record).map_err(internal_error)?;
        let object = IndexedObject::new(record, Arc::clone(&self.blobs));
        if let Some(replaced) = index.insert(location, Arc::new(object)) {
            replaced.retire();
        }
        Ok(())
    }

    /// Removes an object, if it exists.
    pub(crate) async fn remove(&self, bucket: &str, key: &str) -> S3Result<()> {
        let mut index = self.index.lock().await;
        let location = (bucket.to_owned(), key.to_owned());
        if !index.contains_key(&location) {
            return Ok(());
        }
        std::fs::remove_file(self.record_path(bucket, key)).map_err(internal_error)?;
        if let Some(removed) = index.remove(&location) {
            removed.retire();
        }
        Ok(())
    }

    /// Writes a record to a temporary file and renames it over the earlier one, which replaces the object atomically.
    fn write_record(&self, record: &Record) -> io::Result<()> {
        let mut file = self.new_incoming_file()?;
        file.write_all(&serde_json::to_vec(record)?)?;
        file.persist(self.record_path(&record.bucket, &record.key)).map_err(|e| e.error)?;
        Ok(())
    }

    /// Creates a file in `incoming`, which is removed when it is dropped. It is in the same file system as the blobs,
    /// so that it can become one by a rename.
    fn new_incoming_file(&self) -> io::Result<NamedTempFile> {
        NamedTempFile::new_in(self.root.path().join("incoming"))
    }

    fn record_path(&self, bucket: &str, key: &str) -> PathBuf {
        let name = object::file_stem(bucket, key);
        self.root.path().join("records").join(format!("{name}.json"))
    }
}

/// Returns the response to an I/O error of the object directory.
pub(crate) fn internal_error(error: io::Error) -> s3s::S3Error {
    s3_error!(error, InternalError, "We encountered an internal error. Please try again.")
}
