//! Sources, clients and files for the tests.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use tempfile::TempDir;
use upsign_client::{
    Event, FileIdentity, FileSource, FixedToken, Source, SourceChanged, StateStore, UploadError,
    UploadOptions, UploadRequest, Uploaded,
};

use crate::fixture::World;

/// Returns bytes that look random and never repeat in a part.
pub(crate) fn random_bytes(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = (0..len.div_ceil(8)).flat_map(|_| next()).collect();
    bytes.truncate(len);
    bytes
}

/// Options with short pauses and limits.
pub(crate) fn options() -> UploadOptions {
    let mut options = UploadOptions::default();
    options.first_pause = Duration::from_millis(2);
    options.call_limit = Duration::from_secs(1);
    options.idle = Duration::from_millis(400);
    options
}

pub(crate) fn request() -> UploadRequest {
    UploadRequest::new("video/mp4")
}

/// Bytes that count how often each chunk of them was read.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) bytes: Vec<u8>,
    pub(crate) reads: Arc<Mutex<BTreeMap<u64, usize>>>,
}

impl Counted {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, reads: Arc::default() }
    }
}

#[async_trait]
impl Source for Counted {
    fn name(&self) -> &str {
        "counted"
    }

    fn size(&self) -> Option<u64> {
        Some(self.bytes.len() as u64)
    }

    async fn read_at(&self, offset: u64, len: usize, mut buffer: BytesMut) -> io::Result<BytesMut> {
        *self.reads.lock().unwrap().entry(offset).or_default() += 1;
        let rest = &self.bytes[(offset as usize).min(self.bytes.len())..];
        buffer.extend_from_slice(&rest[..len.min(rest.len())]);
        Ok(buffer)
    }
}

/// A file source that ends the process' interest after a number of parts: `check_unchanged` then never returns.
#[derive(Debug)]
pub(crate) struct StopsAfter {
    pub(crate) file: FileSource,
    pub(crate) reads: Mutex<usize>,
}

#[async_trait]
impl Source for StopsAfter {
    fn name(&self) -> &str {
        self.file.name()
    }

    fn size(&self) -> Option<u64> {
        self.file.size()
    }

    async fn read_at(&self, offset: u64, len: usize, buffer: BytesMut) -> io::Result<BytesMut> {
        self.file.read_at(offset, len, buffer).await
    }

    async fn check_unchanged(&self) -> Result<(), SourceChanged> {
        let is_over = {
            let mut left = self.reads.lock().unwrap();
            let is_over = *left == 0;
            *left = left.saturating_sub(1);
            is_over
        };
        if is_over {
            std::future::pending::<()>().await;
        }
        self.file.check_unchanged().await
    }

    fn identity(&self) -> Option<&FileIdentity> {
        self.file.identity()
    }
}

/// A folder with a file to upload, and with states.
pub(crate) struct Folder {
    pub(crate) folder: TempDir,
    pub(crate) file: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

impl Folder {
    pub(crate) fn with_file(len: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (file, bytes) = (folder.path().join("film.mp4"), random_bytes(len));
        std::fs::write(&file, &bytes).unwrap();
        Self { folder, file, bytes }
    }

    pub(crate) fn store(&self) -> StateStore {
        StateStore::new(self.folder.path().join("state/uploads"))
    }

    pub(crate) fn options(&self) -> UploadOptions {
        let mut options = options();
        options.state = Some(self.store());
        options
    }

    pub(crate) async fn source(&self) -> FileSource {
        FileSource::open(&self.file).await.unwrap()
    }

    pub(crate) async fn upload(&self, world: &World) -> Result<Uploaded, UploadError> {
        let client = world.client(FixedToken::new("first"), self.options());
        client.upload(self.source().await, &request(), ignore).await
    }

    /// Uploads until this many parts were begun, and then stops as if the process were killed.
    pub(crate) async fn stop_after(&self, world: &World, parts: usize) {
        let mut options = self.options();
        options.parts_at_once = Some(2);
        let client = world.client(FixedToken::new("first"), options);
        let source = StopsAfter { file: self.source().await, reads: Mutex::new(parts) };
        let request = request();
        let upload = client.upload(source, &request, ignore);
        tokio::time::timeout(Duration::from_millis(300), upload).await.expect_err("the upload ended");
    }
}

pub(crate) fn ignore(_: &Event<'_>) {}

/// Records the events as text.
#[derive(Clone, Default)]
pub(crate) struct Recorded(pub(crate) Arc<Mutex<Vec<String>>>);

impl Recorded {
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |event: &String| event.split([' ', '(']).next().unwrap_or_default().to_owned();
        self.0.lock().unwrap().iter().map(name).collect()
    }

    pub(crate) fn all(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.names().iter().any(|event| event == name)
    }
}

impl upsign_client::Events for Recorded {
    fn event(&self, event: &Event<'_>) {
        self.0.lock().unwrap().push(format!("{event:?}"));
    }
}
