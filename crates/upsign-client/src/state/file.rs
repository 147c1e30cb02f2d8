//! The file of a state, locked by the process that uploads.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::Instant;

use crate::error::UploadError;
use crate::state::MAX_STATE;
use crate::state::record::{self, StoredPart, StoredUpload, Unreadable};

/// What a state contains, or why it cannot be read.
pub(crate) type Content = Result<(StoredUpload, BTreeMap<u32, StoredPart>), Unreadable>;

/// A state that this process has locked. The lock ends with the process, also if it is killed.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    file: Arc<File>,
    synchronized: Mutex<Instant>,
}

/// The ending of the name of a state until it has its first line.
const NEW_EXTENSION: &str = "new";

/// The time between two writes to the disk itself. Lines reach the operating system at once, so that they survive the end of the
/// process; a loss of power costs the parts of this time.
const SYNC_EVERY: Duration = Duration::from_secs(2);

impl StateFile {
    /// Opens and locks a state. Returns `None` if it does not exist.
    pub(super) fn open(path: &Path) -> Result<Option<(Self, Content)>, UploadError> {
        let unusable = |source| UploadError::State { path: path.to_owned(), source };
        // The process that held the lock may have removed the file between `open` and `lock`.
        for _ in 0..10 {
            let mut file = match OpenOptions::new().read(true).append(true).open(path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(unusable(error)),
            };
            lock(&file, path)?;
            if is_at(&file, path) {
                let bytes = read_bounded(&mut file).map_err(unusable)?;
                let content = record::read(&bytes);
                if content.is_ok() && !bytes.ends_with(b"\n") {
                    // The end of a torn line, so that the next part has a line of its own.
                    file.write_all(b"\n").map_err(unusable)?;
                }
                return Ok(Some((Self::new(path, file), content)));
            }
        }
        Err(UploadError::Busy { path: path.to_owned() })
    }

    /// Creates and locks a state. Another process that created it first has begun the same upload.
    pub(super) fn create(path: &Path, upload: &StoredUpload) -> Result<Self, UploadError> {
        let unusable = |source| UploadError::State { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // The file gets its name only when it is locked and has its first line. Otherwise another process could lock it in
        // between, find it empty, and remove it. A process that was killed leaves the other name, which the next one uses.
        let unnamed = path.with_extension(NEW_EXTENSION);
        let mut file = options.open(&unnamed).map_err(unusable)?;
        lock(&file, path)?;
        if !is_at(&file, &unnamed) {
            return Err(UploadError::Busy { path: path.to_owned() });
        }
        let line = upload.line().map_err(|error| unusable(error.into()))?;
        let written =
            file.set_len(0).and_then(|()| file.write_all(line.as_bytes())).and_then(|()| file.sync_data());
        written.map_err(unusable)?;
        match fs::hard_link(&unnamed, path) {
            Ok(()) => fs::remove_file(&unnamed).map_err(unusable)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(&unnamed).map_err(unusable)?;
                return Err(UploadError::Busy { path: path.to_owned() });
            }
            // A file system without hard links, such as FAT.
            Err(_) => fs::rename(&unnamed, path).map_err(unusable)?,
        }
        Ok(Self::new(path, file))
    }

    fn new(path: &Path, file: File) -> Self {
        Self { path: path.to_owned(), file: Arc::new(file), synchronized: Mutex::new(Instant::now()) }
    }

    /// Adds a part.
    pub(crate) fn add(&self, part: &StoredPart) -> Result<(), UploadError> {
        let unusable = |source| UploadError::State { path: self.path.clone(), source };
        let line = part.line().map_err(|error| unusable(error.into()))?;
        // One call, so that lines of parallel parts do not mix: the file is opened for appending.
        (&*self.file).write_all(line.as_bytes()).map_err(unusable)?;
        let mut last = self.synchronized.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= SYNC_EVERY {
            *last = Instant::now();
            let file = Arc::clone(&self.file);
            // Failing to write to the disk costs a loss of power some parts, and nothing else.
            drop(spawn_blocking(move || file.sync_data()));
        }
        Ok(())
    }

    /// Removes the state.
    pub(crate) fn remove(self) -> Result<(), UploadError> {
        // It exists if a process was killed when it created the state.
        let _ = fs::remove_file(self.path.with_extension(NEW_EXTENSION));
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(UploadError::State { path: self.path, source: error })
            }
            _ => Ok(()),
        }
    }
}

fn lock(file: &File, path: &Path) -> Result<(), UploadError> {
    let unusable = |source| UploadError::State { path: path.to_owned(), source };
    // Listing the uploads locks each for a moment.
    for _ in 0..5 {
        if try_lock(file).map_err(unusable)? {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err(UploadError::Busy { path: path.to_owned() })
}

/// Locks a file. Returns `false` if another process has locked it.
fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Returns whether another process has locked a file, and so uploads.
pub(super) fn is_locked(file: &File) -> bool {
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Removes a state. Returns `false` if another process has locked it.
pub(super) fn remove(path: &Path) -> io::Result<bool> {
    let file = match OpenOptions::new().read(true).append(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    if !try_lock(&file)? {
        return Ok(false);
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(true),
    }
}

/// Returns whether the path still leads to this file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let number = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let (Ok(open), Ok(named)) = (file.metadata(), fs::metadata(path)) else { return false };
    number(open) == number(named)
}

/// Returns whether the path still leads to a file: Windows removes no file that is open.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

pub(super) fn read_bounded(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_STATE).read_to_end(&mut bytes)?;
    Ok(bytes)
}
