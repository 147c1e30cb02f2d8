//! The directory of a store: opening, locking, and removing what an earlier process left behind.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tokio::sync::Mutex;
use upsign_core::Bucket;

use super::blobs::IndexedObject;
use super::object::Record;
use super::versions::Versions;
use super::{Index, Store, StoreOptions};
use crate::error::LocalServerError;

/// The directory of a store.
#[derive(Debug)]
pub(super) enum Root {
    /// A directory that the caller chose. It stays.
    Given(PathBuf),
    /// A temporary directory, removed when the store is dropped.
    Temporary(TempDir),
}

impl Store {
    /// Opens `directory`, or creates a temporary one, and reads the records in it.
    pub(crate) async fn open(
        directory: Option<PathBuf>,
        buckets: BTreeSet<Bucket>,
        options: StoreOptions,
    ) -> Result<Self, LocalServerError> {
        tokio::task::spawn_blocking(move || Self::open_blocking(directory, buckets, options))
            .await
            .unwrap_or_else(|error| {
                Err(LocalServerError::Directory { path: PathBuf::new(), source: io::Error::other(error) })
            })
    }

    fn open_blocking(
        directory: Option<PathBuf>,
        buckets: BTreeSet<Bucket>,
        options: StoreOptions,
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
        let blobs: Arc<Path> = root.path().join("blobs").into();
        let index = read_records(&root.path().join("records"), &blobs)?;
        let records = || index.values().flat_map(Versions::iter).map(|object| &object.record);
        let used = records().flat_map(|record| record.content.numbers());
        let next_number = used.max().map_or(0, |number| number + 1).into();
        let last_sequence = records().map(|record| record.version.sequence).max().unwrap_or_default().into();
        let (index, uploads) = (Mutex::new(index), std::sync::Mutex::default());
        let buckets = buckets.into();
        let store =
            Self { root, blobs, buckets, options, index, uploads, next_number, last_sequence, _lock: lock };
        store.remove_leftovers()?;
        Ok(store)
    }

    /// Removes the files of interrupted writes, which a killed process leaves behind.
    ///
    /// It relies on the directory lock: no other server can be writing these files.
    fn remove_leftovers(&self) -> Result<(), LocalServerError> {
        let index = self.index.try_lock();
        let objects = index.iter().flat_map(|index| index.values()).flat_map(Versions::iter);
        let numbers = objects.flat_map(|object| object.record.content.numbers());
        let referenced: BTreeSet<String> = numbers.map(|number| number.to_string()).collect();
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
}

impl Root {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(directory) => directory.path(),
        }
    }
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
fn read_records(directory: &Path, blobs: &Arc<Path>) -> Result<Index, LocalServerError> {
    let mut index = Index::new();
    for path in files_of(directory)? {
        let text = std::fs::read(&path).map_err(|e| LocalServerError::directory(&path, e))?;
        let record: Record = serde_json::from_slice(&text)
            .map_err(|source| LocalServerError::InvalidRecord { path, source })?;
        let location = (record.bucket.clone(), record.key.clone());
        let object = Arc::new(IndexedObject::new(record, Arc::clone(blobs)));
        index.entry(location).or_default().restore(object);
    }
    Ok(index)
}

/// Returns the paths of the entries of a directory.
fn files_of(directory: &Path) -> Result<Vec<PathBuf>, LocalServerError> {
    let entries = std::fs::read_dir(directory).map_err(|e| LocalServerError::directory(directory, e))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>();
    paths.map_err(|e| LocalServerError::directory(directory, e))
}
