//! The client: begins an upload as the API grants it, and resumes or aborts one.

mod begin;
mod grant;
mod options;
mod resume;
mod together;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::Client;
use serde_json::json;

use crate::api::wire::AbortAnswer;
use crate::api::{Api, ApiCall, ApiEndpoint, ApiError};
pub use crate::client::options::{Confirm, UploadOptions};
pub use crate::client::together::{FileResults, FileUpload};
use crate::error::UploadError;
use crate::events::{Emitter, Event, Events};
use crate::grant::{MultipartGrant, UploadToken};
use crate::http;
use crate::plan::Uploaded;
use crate::request::UploadRequest;
use crate::retry::Retries;
use crate::source::{FileIdentity, Source};
use crate::state::{PendingUpload, StateStore};
use crate::token::TokenSource;

/// Uploads files, bytes and streams through an API of upsign. Requires a tokio runtime.
///
/// The API decides whether an upload is one request (PUT or a form) or has parts. Each byte is read once: its checksum is computed
/// while it is on its way, and the store or the service compares it.
///
/// ```no_run
/// use upsign_client::{ApiEndpoint, Event, FileSource, FixedToken, UploadClient, UploadOptions, UploadRequest};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let api = ApiEndpoint::new("https://api.example.com")?;
/// let client = UploadClient::new(api, FixedToken::new("eyJ…"), UploadOptions::default())?;
///
/// let file = FileSource::open("film.mp4").await?;
/// let request = UploadRequest::new("video/mp4").with_route("videos");
/// let uploaded = client.upload(file, &request, |event: &Event<'_>| println!("{event:?}")).await?;
/// println!("stored {} with {} bytes", uploaded.key, uploaded.size);
/// # Ok(())
/// # }
/// ```
///
/// # Retries
///
/// | failure | what happens |
/// | --- | --- |
/// | no connection, a lost one, or none of its progress; 408, 409, 429, 5xx of the store | the same URL again, after a random pause that grows |
/// | expired URL or credentials | a new URL |
/// | the store received other bytes | the part is read and sent again, once |
/// | 401 of the API | a new token of the [`TokenSource`], once per call |
/// | 429, 502, 503, 504 of the API | the call again, after its `Retry-After` |
/// | the store lacks parts at the end, or has others | these are sent again, up to 3 times |
/// | 412 of the store after a lost answer | the client asks the API whether the object is this upload |
pub struct UploadClient {
    pub(crate) api: Api,
    pub(crate) http: Client,
    pub(crate) options: UploadOptions,
    pub(crate) retries: Retries,
    endpoint: ApiEndpoint,
}

impl UploadClient {
    /// Creates a client. It connects to nothing yet.
    ///
    /// # Errors
    /// Returns [`UploadError::Client`] if TLS cannot be used, for example because the machine has no CA certificates.
    pub fn new(
        endpoint: ApiEndpoint,
        token: impl TokenSource + 'static,
        options: UploadOptions,
    ) -> Result<Self, UploadError> {
        let client = http::client(endpoint.url(), options.environment_proxy);
        let http = client.map_err(|error| UploadError::Client(http::describe(error)))?;
        let retries = Retries { max: options.retries, first: options.first_pause };
        let api = Api::new(endpoint.clone(), http.clone(), Arc::new(token), retries, options.call_limit);
        Ok(Self { api, http, options, retries, endpoint })
    }

    /// Uploads a source. If a state of the same upload is stored, it continues that one.
    ///
    /// Dropping the future stops the upload; a stored state remains.
    ///
    /// # Errors
    /// Returns [`UploadError`], whose variants say who can fix what.
    pub async fn upload(
        &self,
        source: impl Source + 'static,
        request: &UploadRequest,
        events: impl Events + 'static,
    ) -> Result<Uploaded, UploadError> {
        let (source, events) = (Arc::new(source) as Arc<dyn Source>, Emitter(Arc::new(events)));
        let uploaded = match self.resume(&source, request, &events).await? {
            Some(uploaded) => uploaded,
            None => self.begin(&source, request, None, &events).await?,
        };
        events.emit(&Event::Done(&uploaded));
        Ok(uploaded)
    }

    /// Aborts the interrupted upload of a source. The store removes its parts; if the upload token has expired, the lifecycle rule
    /// of the bucket does that. Returns `false` if no state of the upload is stored.
    ///
    /// # Errors
    /// The API refuses the call, or the state cannot be used. The state remains then.
    pub async fn abort(
        &self,
        source: &(impl Source + ?Sized),
        request: &UploadRequest,
    ) -> Result<bool, UploadError> {
        let Some((store, path)) = self.state_of(source.identity(), request) else { return Ok(false) };
        self.abort_state(store, &path).await
    }

    /// Aborts an interrupted upload, as [`abort`](Self::abort) does. The file need not exist any more. Returns `false` if the state
    /// is gone, or if the client stores no states.
    ///
    /// # Errors
    /// The API refuses the call, or the state cannot be used. The state remains then.
    pub async fn abort_pending(&self, upload: &PendingUpload) -> Result<bool, UploadError> {
        let Some(store) = &self.options.state else { return Ok(false) };
        self.abort_state(store, &upload.state).await
    }

    /// Returns the path at which the state of an upload of `file` is stored, even if it is not stored yet. Returns `None` if the
    /// client stores no states. `file` is the absolute path without symbolic links.
    #[must_use]
    pub fn state_path(&self, file: &Path, request: &UploadRequest) -> Option<PathBuf> {
        let store = self.options.state.as_ref()?;
        Some(store.path(self.endpoint.begin(), file, &request.fingerprint()))
    }

    async fn abort_state(&self, store: &StateStore, path: &Path) -> Result<bool, UploadError> {
        let events = Emitter(Arc::new(|_: &Event<'_>| {}));
        let Some((state, content)) = store.open(path)? else { return Ok(false) };
        let (upload, _) = content.map_err(|reason| UploadError::UnreadableState {
            path: path.to_owned(),
            reason: reason.to_string(),
        })?;
        self.end(&upload.grant, &events).await?;
        state.remove()?;
        Ok(true)
    }

    /// Aborts an upload, or finds that it is over.
    async fn end(&self, grant: &MultipartGrant, events: &Emitter) -> Result<(), ApiError> {
        match self.call_abort(&grant.token, events).await {
            // The upload is over already.
            Err(error) if error.has_code("upload-completed") || error.has_code("upload-gone") => Ok(()),
            Err(error) if grant.has_expired(&error) => Ok(()),
            result => result,
        }
    }

    async fn call_abort(&self, token: &UploadToken, events: &Emitter) -> Result<(), ApiError> {
        let answer: AbortAnswer =
            self.api.call(ApiCall::Abort, &json!({"uploadToken": token.0}), events).await?;
        let AbortAnswer {} = answer;
        Ok(())
    }

    fn state_of(
        &self,
        identity: Option<&FileIdentity>,
        request: &UploadRequest,
    ) -> Option<(&StateStore, PathBuf)> {
        Some((self.options.state.as_ref()?, self.state_path(&identity?.path, request)?))
    }
}

impl fmt::Debug for UploadClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadClient")
            .field("api", &self.api)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
