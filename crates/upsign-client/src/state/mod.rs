//! The state of multipart uploads on disk, so that a later process can resume them.

mod file;
pub(crate) mod record;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::UploadError;
pub(crate) use crate::state::file::StateFile;
use crate::state::record::StoredUpload;

/// A folder with the states of multipart uploads.
///
/// There is a file for each upload, with what the API granted and a line for each part that the store has. It contains the
/// upload token, which is useless without the token of the same caller, and no other secret. The folder and its files are
/// readable by their owner only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateStore {
    folder: PathBuf,
}

/// An upload whose state is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PendingUpload {
    /// The address of the API.
    pub api: String,
    /// The file that is uploaded.
    pub file: PathBuf,
    /// The key that the object will have.
    pub key: String,
    /// The number of parts that were stored.
    pub stored_parts: u32,
    /// The number of parts.
    pub part_count: u32,
    /// The size in bytes.
    pub size: u64,
    /// When the upload token expires, as the API wrote it.
    pub expires_at: String,
    /// Whether another process is uploading the file now.
    pub is_running: bool,
    /// The file with the state. [`StateStore::forget`] removes it.
    pub state: PathBuf,
}

/// A state that cannot be read, so that its upload can be neither resumed nor aborted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadableState {
    /// The file with the state. [`StateStore::forget_unreadable`] removes it.
    pub state: PathBuf,
    /// Why it cannot be read, for people: it is damaged, a newer version of this crate wrote it, or the system refuses to read it.
    pub reason: String,
}

/// The ending of the names of states.
const EXTENSION: &str = "ndjson";
/// The largest state that is read: 10,000 parts have about 1 MB.
const MAX_STATE: u64 = 16 << 20;

impl StateStore {
    /// Keeps states in `folder`, which is created when the first state is stored.
    ///
    /// On Linux, the folder of a program is `$XDG_STATE_HOME/NAME`, or `~/.local/state/NAME`:
    /// <https://specifications.freedesktop.org/basedir-spec/latest/>. This crate does not read the environment.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Returns the folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the uploads whose state is stored, sorted by file. States that cannot be read are left out:
    /// [`unreadable`](Self::unreadable) returns these.
    ///
    /// # Errors
    /// The folder cannot be read. A folder that does not exist has no states.
    pub fn list(&self) -> io::Result<Vec<PendingUpload>> {
        let mut pending: Vec<_> =
            self.paths()?.into_iter().filter_map(|path| pending_upload(path).ok()).collect();
        pending.sort_by(|a, b| (&a.file, &a.state).cmp(&(&b.file, &b.state)));
        Ok(pending)
    }

    /// Returns the states that cannot be read, sorted by their path.
    ///
    /// # Errors
    /// The folder cannot be read. A folder that does not exist has no states.
    pub fn unreadable(&self) -> io::Result<Vec<UnreadableState>> {
        let mut unreadable: Vec<_> =
            self.paths()?.into_iter().filter_map(|path| pending_upload(path).err()?).collect();
        unreadable.sort_by(|a, b| a.state.cmp(&b.state));
        Ok(unreadable)
    }

    /// Returns the paths of all states.
    fn paths(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
        let is_state = |path: &PathBuf| path.extension().is_some_and(|extension| extension == EXTENSION);
        Ok(paths?.into_iter().filter(is_state).collect())
    }

    /// Removes the state of an upload, which then cannot be resumed. The store keeps its parts until a lifecycle rule removes them.
    /// Returns `false`, and removes nothing, if another process is uploading the file now.
    ///
    /// # Errors
    /// The file cannot be locked or removed.
    pub fn forget(&self, upload: &PendingUpload) -> io::Result<bool> {
        file::remove(&upload.state)
    }

    /// Removes a state that cannot be read. The store keeps the parts until a lifecycle rule removes them. Returns `false`, and
    /// removes nothing, if another process has locked it: a newer version may be using it.
    ///
    /// # Errors
    /// The file cannot be locked or removed.
    pub fn forget_unreadable(&self, unreadable: &UnreadableState) -> io::Result<bool> {
        file::remove(&unreadable.state)
    }

    /// Returns the path of the state of an upload of `file` by this request to this API.
    pub(crate) fn path(&self, api: &str, file: &Path, request: &str) -> PathBuf {
        let mut hash = Sha256::new();
        for text in [api.as_bytes(), file.as_os_str().as_encoded_bytes(), request.as_bytes()] {
            hash.update(u64::try_from(text.len()).unwrap_or_default().to_be_bytes());
            hash.update(text);
        }
        let name: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(format!("{name}.{EXTENSION}"))
    }

    /// Opens and locks the state of an upload, if there is one.
    pub(crate) fn open(&self, path: &Path) -> Result<Option<(StateFile, file::Content)>, UploadError> {
        StateFile::open(path)
    }

    /// Creates and locks the state of an upload.
    pub(crate) fn create(&self, path: &Path, upload: &StoredUpload) -> Result<StateFile, UploadError> {
        create_folder(&self.folder)
            .map_err(|source| UploadError::State { path: self.folder.clone(), source })?;
        StateFile::create(path, upload)
    }
}

/// Reads a state. The error is `None` if it was removed in the meantime.
fn pending_upload(state: PathBuf) -> Result<PendingUpload, Option<UnreadableState>> {
    let mut is_running = false;
    let bytes = fs::File::open(&state).and_then(|mut file| {
        is_running = file::is_locked(&file);
        file::read_bounded(&mut file)
    });
    let (upload, parts) = match bytes {
        Ok(bytes) => record::read(&bytes)
            .map_err(|reason| Some(UnreadableState { state: state.clone(), reason: reason.to_string() }))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(None),
        Err(error) => return Err(Some(UnreadableState { state, reason: error.to_string() })),
    };
    Ok(PendingUpload {
        api: upload.api,
        file: upload.identity.path,
        key: upload.grant.key,
        stored_parts: parts.len().try_into().unwrap_or(u32::MAX),
        part_count: upload.grant.layout.part_count,
        size: upload.identity.size,
        expires_at: upload.grant.expires_at,
        is_running,
        state,
    })
}

/// Creates a folder and those above it, readable by the owner only, and checks one that exists.
fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    check_mode(folder)
}

/// Refuses a folder in which other users can put files: a state names the upload that a process continues.
#[cfg(unix)]
fn check_mode(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(folder)?.permissions().mode() & 0o777;
    if mode & 0o022 == 0 {
        return Ok(());
    }
    let reason = format!("other users can write to this folder: its mode is {mode:03o}, expected 700");
    Err(io::Error::new(io::ErrorKind::PermissionDenied, reason))
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> io::Result<()> {
    Ok(())
}
