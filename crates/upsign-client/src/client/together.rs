//! Several files in one request: the API grants all of them or none.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};
use serde_json::{Map, Value, json};

use crate::api::wire::{FilesAnswer, GrantAnswer};
use crate::api::{ApiCall, ApiError};
use crate::checksum::{Checksum, ChecksumAlgorithm};
use crate::client::UploadClient;
use crate::error::UploadError;
use crate::events::{Emitter, Event};
use crate::plan::Uploaded;
use crate::request::UploadRequest;
use crate::source::{Source, hash_range};

/// One of several files that are uploaded together.
#[derive(Clone, Debug)]
pub struct FileUpload {
    source: Arc<dyn Source>,
    request: UploadRequest,
}

impl FileUpload {
    /// Creates it from its bytes and its description.
    #[must_use]
    pub fn new(source: impl Source + 'static, request: UploadRequest) -> Self {
        Self { source: Arc::new(source), request }
    }
}

/// The results of files that were granted together, in their order.
pub type FileResults = Vec<Result<Uploaded, UploadError>>;

impl UploadClient {
    /// Uploads several files of one route that the API grants in one request: all of them, or none. The bytes are then sent as
    /// [`upload`](Self::upload) does it, up to [`files_at_once`](crate::UploadOptions::files_at_once) files at the same time, and
    /// one file that fails does not stop the others. `events` receives the index of the file with each event.
    ///
    /// Files whose interrupted upload is stored are resumed first, and do not count.
    ///
    /// ```no_run
    /// use upsign_client::{BytesSource, Event, FileUpload, UploadClient, UploadRequest};
    ///
    /// # async fn example(client: UploadClient) -> Result<(), Box<dyn std::error::Error>> {
    /// let file = |name, bytes| FileUpload::new(BytesSource::new(name, bytes), UploadRequest::new("text/plain"));
    /// let files = vec![file("a.txt", b"first".to_vec()), file("b.txt", b"second".to_vec())];
    /// let results = client.upload_together(files, |index, event: &Event<'_>| println!("{index}: {event:?}")).await?;
    /// for result in results {
    ///     println!("{}", result?.key);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Returns [`UploadError`] if nothing was granted: the routes differ, or the API refused the request. The
    /// [`Problem`](crate::Problem) then has the index of the refused file. The error of a single file is in its result.
    pub async fn upload_together(
        &self,
        files: Vec<FileUpload>,
        events: impl Fn(usize, &Event<'_>) + Send + Sync + 'static,
    ) -> Result<FileResults, UploadError> {
        if files.windows(2).any(|pair| matches!(pair, [a, b] if a.request.route != b.request.route)) {
            return Err(UploadError::SeveralRoutes);
        }
        let events = Arc::new(events);
        let emitter = |index: usize| {
            let events = Arc::clone(&events);
            Emitter(Arc::new(move |event: &Event<'_>| events(index, event)))
        };
        let mut work = Vec::new();
        for (index, file) in files.into_iter().enumerate() {
            let emitter = emitter(index);
            let resumed = self.resume(&file.source, &file.request, &emitter).await.transpose();
            work.push((file, emitter, resumed));
        }
        let begun: Vec<&FileUpload> =
            work.iter().filter(|(.., resumed)| resumed.is_none()).map(|(file, ..)| file).collect();
        let mut grants = self.grant_together(&begun, &emitter(0)).await?.into_iter();
        let uploads = work.into_iter().map(|(file, emitter, resumed)| {
            let grant = if resumed.is_none() { grants.next() } else { None };
            async move {
                let result = match resumed {
                    Some(result) => result,
                    None => self.begin(&file.source, &file.request, grant, &emitter).await,
                };
                if let Ok(uploaded) = &result {
                    emitter.emit(&Event::Done(uploaded));
                }
                result
            }
        });
        // Created in order, so that each upload takes its own grant.
        let uploads: Vec<_> = uploads.collect();
        let at_once = usize::from(self.options.files_at_once.max(1));
        Ok(stream::iter(uploads).buffered(at_once).collect().await)
    }

    /// Asks the API for all uploads at once. Returns as many answers as there are files.
    async fn grant_together(
        &self,
        files: &[&FileUpload],
        events: &Emitter,
    ) -> Result<Vec<(GrantAnswer, ChecksumAlgorithm)>, UploadError> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let call = |checksums: Vec<Option<Checksum>>| async move {
            let body = body(files, &checksums);
            let answer: FilesAnswer = self.api.call(ApiCall::Begin, &body, events).await?;
            if answer.files.len() == files.len() {
                return Ok(answer.files);
            }
            let reason = format!("it has {} files, but {} were requested", answer.files.len(), files.len());
            Err(ApiError::answer(ApiCall::Begin, reason))
        };
        let with = |algorithm| move |answer: GrantAnswer| (answer, algorithm);
        let error = match call(vec![None; files.len()]).await {
            Ok(answers) => return Ok(answers.into_iter().map(with(ChecksumAlgorithm::Crc64Nvme)).collect()),
            Err(error) => error,
        };
        let is_readable = files.iter().all(|file| !file.source.is_sequential());
        if !error.has_code("checksum-required") || !is_readable {
            return Err(error.into());
        }
        let by_file = checksums(files).await?;
        for (index, algorithm) in ChecksumAlgorithm::ALL.into_iter().enumerate() {
            match call(by_file.iter().map(|checksums| checksums.get(index).cloned()).collect()).await {
                Ok(answers) => return Ok(answers.into_iter().map(with(algorithm)).collect()),
                Err(error) if ["checksum-required", "checksum-not-allowed"].contains(&error.code()) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(error.into())
    }
}

/// Computes the checksums of each file with every algorithm, in the order of [`ChecksumAlgorithm::ALL`].
async fn checksums(files: &[&FileUpload]) -> Result<Vec<Vec<Checksum>>, UploadError> {
    let mut all = Vec::new();
    for file in files {
        let size = file.source.size().unwrap_or_default();
        let hashers = ChecksumAlgorithm::ALL.map(ChecksumAlgorithm::hasher);
        all.push(hash_range(&*file.source, 0, size, hashers).await?);
    }
    Ok(all)
}

/// Returns `{"route": …, "files": […]}`. The route is a member of the request, and not one of each file.
fn body(files: &[&FileUpload], checksums: &[Option<Checksum>]) -> Value {
    let descriptions = files.iter().zip(checksums).map(|(file, checksum)| {
        let request = UploadRequest { route: None, ..file.request.clone() };
        request.body(file.source.size(), checksum.as_ref())
    });
    let mut body = Map::new();
    if let Some(route) = files.first().and_then(|file| file.request.route.as_ref()) {
        body.insert("route".to_owned(), route.as_str().into());
    }
    body.insert("files".to_owned(), json!(descriptions.collect::<Vec<_>>()));
    Value::Object(body)
}
