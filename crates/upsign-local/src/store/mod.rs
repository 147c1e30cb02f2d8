//! The object store: a directory, and an index of it in memory.
//!
//! ```text
//! <root>/lock                      locked by the server that uses the directory
//! <root>/incoming/.tmp…            bodies that are being received; removed if the request fails
//! <root>/blobs/<number>            the content of an object, or of a part of a multipart upload
//! <root>/records/<sha256>.json     key, ETag, headers and blob numbers of an object; named by the hash of bucket and key
//! <root>/records/<sha256>.<id>.json  those of the version with this id, in a bucket with versioning
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

pub(crate) mod attributes;
pub(crate) mod blobs;
pub(crate) mod body;
pub(crate) mod checksum;
mod directory;
pub(crate) mod multipart;
pub(crate) mod newer_checksum;
pub(crate) mod notification;
pub(crate) mod object;
pub(crate) mod precondition;
mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::SystemTime;

use s3s::crypto::{Checksum as _, Sha256};
use s3s::{S3Result, s3_error};
use tempfile::NamedTempFile;
use tokio::sync::Mutex;
use upsign::{Clock as _, SystemClock};
use upsign_core::{Bucket, Region};

use attributes::Attributes;
use blobs::{Blob, Content, IndexedObject, PendingBlob};
use checksum::{ChecksumKind, Checksums};
use directory::Root;
use multipart::MultipartUploads;
use notification::{Cause, EventName, Notifications, RequestId};
use object::{Record, StoredObject, Version};
use precondition::Precondition;
use versions::{Versions, readable};

use crate::error_details::WithDetail;
use crate::hex::hex;

/// The objects of one server.
#[derive(Debug)]
pub(crate) struct Store {
    root: Root,
    /// The directory of the blobs.
    blobs: Arc<Path>,
    buckets: RwLock<BTreeSet<Bucket>>,
    options: StoreOptions,
    /// The records by bucket and key. Every change of an object holds this lock from the check of its precondition
    /// until the record is replaced, so that of several conditional writes to one key only one succeeds.
    index: Mutex<Index>,
    uploads: std::sync::Mutex<MultipartUploads>,
    /// The next blob number, also the source of unique upload ids.
    next_number: AtomicU64,
    /// The number of the last change of an object. It never decreases, also after a restart.
    last_sequence: AtomicU64,
    /// Holds the directory lock, which ends when the file is closed.
    _lock: File,
}

/// The settings of a store.
#[derive(Clone, Debug)]
pub(crate) struct StoreOptions {
    /// The region, for notifications.
    pub(crate) region: Region,
    /// Whether the buckets have versioning.
    pub(crate) is_versioned: bool,
    pub(crate) notifications: Notifications,
}

/// Who removes an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remover {
    /// A request.
    Client,
    /// A lifecycle rule.
    Lifecycle,
}

/// What a deletion removed or added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Removed {
    /// Whether the version is a delete marker.
    pub(crate) is_delete_marker: bool,
    pub(crate) version_id: Option<String>,
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
type Index = BTreeMap<(String, String), Versions>;

impl Store {
    #[cfg(test)]
    pub(crate) fn directory(&self) -> &Path {
        self.root.path()
    }

    /// Returns `NoSuchBucket` for a bucket that the server does not have.
    pub(crate) fn require_bucket(&self, bucket: &str) -> S3Result<()> {
        if self.known_buckets().iter().any(|known| known.as_str() == bucket) {
            return Ok(());
        }
        Err(s3_error!(NoSuchBucket, "The specified bucket does not exist").with_detail("BucketName", bucket))
    }

    /// Returns the objects of a bucket, sorted by key.
    pub(crate) async fn list(&self, bucket: &Bucket) -> Vec<StoredObject> {
        let index = self.index.lock().await;
        index
            .values()
            .filter_map(Versions::current)
            .map(|object| &object.record)
            .filter(|record| record.bucket == bucket.as_str())
            .map(Record::summary)
            .collect()
    }

    /// Returns the buckets, sorted by name.
    pub(crate) fn buckets(&self) -> Vec<Bucket> {
        self.known_buckets().iter().cloned().collect()
    }

    /// Adds a bucket, unless it is there.
    pub(crate) fn add_bucket(&self, bucket: Bucket) {
        self.buckets.write().unwrap_or_else(PoisonError::into_inner).insert(bucket);
    }

    fn known_buckets(&self) -> RwLockReadGuard<'_, BTreeSet<Bucket>> {
        self.buckets.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the objects of a bucket with their modification times, sorted by key.
    pub(crate) async fn list_modified(&self, bucket: &str) -> S3Result<Vec<ListedObject>> {
        let index = self.index.lock().await;
        let records = index.values().filter_map(Versions::current).map(|object| &object.record);
        let listed = |record: &Record| {
            let (key, etag) = (record.key.clone(), record.etag.clone());
            Ok(ListedObject { key, bytes: record.bytes, etag, modified: self.modified(record)? })
        };
        let of_bucket = records.filter(|record| record.bucket == bucket);
        of_bucket.map(listed).collect::<io::Result<_>>().map_err(internal_error)
    }

    /// Returns an object, or one version of it, and its modification time.
    ///
    /// # Errors
    /// `NoSuchKey`, `NoSuchVersion`, or `MethodNotAllowed` for the id of a delete marker.
    pub(crate) async fn find(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
    ) -> S3Result<(Arc<IndexedObject>, SystemTime)> {
        let index = self.index.lock().await;
        let object = readable(index.get(&(bucket.to_owned(), key.to_owned())), key, version_id)?;
        let modified = self.modified(&object.record).map_err(internal_error)?;
        Ok((Arc::clone(object), modified))
    }

    /// Returns when an object was stored: the modification time of its record file. The caller holds the lock of the index.
    fn modified(&self, record: &Record) -> io::Result<SystemTime> {
        std::fs::metadata(self.record_path(record))?.modified()
    }

    /// Makes a received body a blob.
    pub(crate) fn add_blob(&self, file: NamedTempFile, bytes: u64) -> S3Result<PendingBlob> {
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        let path = self.blobs.join(number.to_string());
        file.persist(&path).map_err(|e| internal_error(e.error))?;
        Ok(PendingBlob::new(Blob { number, bytes }, path))
    }

    /// Stores an object if `precondition` holds for the current object at its key, and returns it. If this succeeds, the caller
    /// keeps the blobs of the record, without awaiting anything before.
    ///
    /// The lock of the index covers check and write, which makes the conditional write atomic. Nothing is awaited while
    /// it is held, so a client that disconnects cannot interrupt the write between the record and the index.
    pub(crate) async fn commit(
        &self,
        record: Record,
        precondition: &Precondition,
        cause: Cause<'_>,
    ) -> S3Result<Arc<IndexedObject>> {
        let mut index = self.index.lock().await;
        let versions = index.get(&(record.bucket.clone(), record.key.clone()));
        let current = versions.and_then(Versions::current).map(|object| object.record.etag.as_str());
        precondition.check(&record.key, current)?;
        self.add(&mut index, record, cause)
    }

    /// Makes a record the current version of its key.
    fn add(&self, index: &mut Index, mut record: Record, cause: Cause<'_>) -> S3Result<Arc<IndexedObject>> {
        record.version.sequence = self.next_sequence();
        record.version.id = self.options.is_versioned.then(|| version_id(&record));
        self.write_record(&record, None).map_err(internal_error)?;
        let location = (record.bucket.clone(), record.key.clone());
        let object = Arc::new(IndexedObject::new(record, Arc::clone(&self.blobs)));
        if let Some(replaced) = index.entry(location).or_default().push(Arc::clone(&object)) {
            replaced.retire();
        }
        self.publish(cause, &object.record, object.record.version.sequence);
        Ok(object)
    }

    /// Removes an object, if it exists, or one version of it. With versioning, an object is removed by a delete marker.
    pub(crate) async fn remove(
        &self,
        (bucket, key): (&str, &str),
        version_id: Option<&str>,
        precondition: &Precondition,
        (remover, request): (Remover, &RequestId),
    ) -> S3Result<Removed> {
        let mut index = self.index.lock().await;
        let location = (bucket.to_owned(), key.to_owned());
        let versions = index.get(&location);
        let found = versions.and_then(|versions| versions.find(version_id));
        precondition.check(key, found.map(|object| object.record.etag.as_str()))?;
        let is_marked = version_id.is_none()
            && (self.options.is_versioned || versions.is_some_and(|versions| !versions.has_only_null()));
        if is_marked {
            let name = match remover {
                Remover::Client => EventName::DeleteMarkerCreated,
                Remover::Lifecycle => EventName::ExpirationDeleteMarkerCreated,
            };
            let marker = self.add(&mut index, delete_marker(bucket, key), Cause { name, request })?;
            return Ok(Removed { is_delete_marker: true, version_id: marker.record.version.id.clone() });
        }
        let Some(object) = found.map(Arc::clone) else {
            // S3 answers the deletion of an unknown version like that of a known one.
            return Ok(Removed { version_id: version_id.map(str::to_owned), ..Removed::default() });
        };
        std::fs::remove_file(self.record_path(&object.record)).map_err(internal_error)?;
        if let Some(versions) = index.get_mut(&location) {
            versions.remove(object.record.version.id.as_deref().unwrap_or("null"));
            if versions.is_empty() {
                index.remove(&location);
            }
        }
        object.retire();
        let name = match remover {
            Remover::Client => EventName::Delete,
            Remover::Lifecycle => EventName::ExpirationDelete,
        };
        self.publish(Cause { name, request }, &object.record, self.next_sequence());
        let is_delete_marker = object.record.version.is_delete_marker;
        Ok(Removed { is_delete_marker, version_id: version_id.map(str::to_owned) })
    }

    /// Replaces the tags of an object, or of one version of it, by those of a query string. Returns its version id.
    pub(crate) async fn set_tags(
        &self,
        (bucket, key): (&str, &str),
        version_id: Option<&str>,
        tagging: String,
        request: &RequestId,
    ) -> S3Result<Option<String>> {
        let mut index = self.index.lock().await;
        let versions = index.get_mut(&(bucket.to_owned(), key.to_owned()));
        let object = Arc::clone(readable(versions.as_deref(), key, version_id)?);
        let mut record = object.record.clone();
        record.attributes.tagging = (!tagging.is_empty()).then_some(tagging);
        let modified = self.modified(&record).map_err(internal_error)?;
        self.write_record(&record, Some(modified)).map_err(internal_error)?;
        let id = record.version.id.clone();
        self.publish(Cause { name: EventName::TaggingPut, request }, &record, 0);
        if let Some(versions) = versions {
            versions.replace(Arc::new(object.with_record(record)));
        }
        Ok(id)
    }

    fn publish(&self, cause: Cause<'_>, record: &Record, sequence: u64) {
        self.options.notifications.publish(&self.options.region, cause, record, sequence);
    }

    /// Returns a number that is greater than all before. The caller holds the lock of the index.
    ///
    /// It starts with the time, so that a change after a restart has a greater number than the deletions before, of which no
    /// record is left.
    fn next_sequence(&self) -> u64 {
        let now = SystemClock.now().as_unix() << 20;
        let next = now.max(self.last_sequence.load(Ordering::Relaxed) + 1);
        self.last_sequence.store(next, Ordering::Relaxed);
        next
    }

    /// Writes a record to a temporary file and renames it over the earlier one, which replaces the object atomically.
    /// `modified` is the modification time that the file keeps, if only the tags change.
    fn write_record(&self, record: &Record, modified: Option<SystemTime>) -> io::Result<()> {
        let mut file = self.new_incoming_file()?;
        file.write_all(&serde_json::to_vec(record)?)?;
        if let Some(modified) = modified {
            file.as_file().set_modified(modified)?;
        }
        file.persist(self.record_path(record)).map_err(|e| e.error)?;
        Ok(())
    }

    /// Creates a file in `incoming`, which is removed when it is dropped. It is in the same file system as the blobs,
    /// so that it can become one by a rename.
    fn new_incoming_file(&self) -> io::Result<NamedTempFile> {
        NamedTempFile::new_in(self.root.path().join("incoming"))
    }

    fn record_path(&self, record: &Record) -> PathBuf {
        self.root.path().join("records").join(record.file_name())
    }
}

/// Returns the id of a new version, which no other version has.
fn version_id(record: &Record) -> String {
    let Record { bucket, key, version: Version { sequence, .. }, .. } = record;
    let mut id = hex(&Sha256::checksum(format!("{sequence}/{bucket}/{key}").as_bytes()));
    id.truncate(32);
    id
}

/// Returns the record of a delete marker.
fn delete_marker(bucket: &str, key: &str) -> Record {
    Record {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        content: Content::Parts(Vec::new()),
        bytes: 0,
        etag: String::new(),
        attributes: Attributes::default(),
        checksums: Checksums::default(),
        checksum_kind: ChecksumKind::FullObject,
        version: Version { is_delete_marker: true, ..Version::default() },
    }
}

/// Returns the response to an I/O error of the object directory.
pub(crate) fn internal_error(error: io::Error) -> s3s::S3Error {
    s3_error!(error, InternalError, "We encountered an internal error. Please try again.")
}
