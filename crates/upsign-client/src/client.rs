//! The client: begins an upload as the API grants it, and resumes or aborts one.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use reqwest::Client;
use serde_json::{Value, json};

use crate::api::wire::{AbortAnswer, GrantAnswer, GrantCommon};
use crate::api::{Api, ApiCall, ApiEndpoint, ApiError};
use crate::checksum::{Checksum, ChecksumAlgorithm, ChecksumType};
use crate::error::UploadError;
use crate::events::{Emitter, Event, Events};
use crate::http;
use crate::multipart::{Granted, Transfer};
use crate::plan::{PartLayout, Uploaded};
use crate::request::UploadRequest;
use crate::retry::Retries;
use crate::single::{Ended, How, Single, SingleGrant};
use crate::source::{FileIdentity, Source, ended_early};
use crate::state::record::{StoredUpload, UploadToken};
use crate::state::{StateFile, StateStore};
use crate::token::TokenSource;

/// Settings of a client.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UploadOptions {
    /// Maximum number of parts that are sent at the same time. The API states a maximum of its own, and the smaller one applies.
    /// Default: that of the API.
    pub parts_at_once: Option<u8>,
    /// Maximum memory for parts that are read before they are sent, in bytes; at least one part is. Parts above 16 MiB are read
    /// while they are sent, unless the source can be read only once. Default: 64 MiB.
    pub max_buffer: u64,
    /// Maximum number of repetitions of a request. Default: 8.
    pub retries: u32,
    /// The longest pause before the first repetition; it doubles with each further one, up to 10 s. Default: 200 ms.
    pub first_pause: Duration,
    /// How long a call of the API may take. Default: 60 s, because completing a large upload takes the store many seconds.
    pub call_limit: Duration,
    /// How long a connection to the store may make no progress. Default: 60 s.
    pub idle: Duration,
    /// Where the states of multipart uploads of files are kept. Default: `None`, so that a later process cannot resume them.
    pub state: Option<StateStore>,
    /// Begin again also if there is a state. The earlier upload is aborted. Default: `false`.
    pub restart: bool,
    /// Use the proxy that the environment variables name. Default: `false`.
    pub environment_proxy: bool,
}

impl Default for UploadOptions {
    fn default() -> Self {
        Self {
            parts_at_once: None,
            max_buffer: 64 << 20,
            retries: 8,
            first_pause: Duration::from_millis(200),
            call_limit: Duration::from_secs(60),
            idle: Duration::from_secs(60),
            state: None,
            restart: false,
            environment_proxy: false,
        }
    }
}

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

/// How often an upload in one request is granted anew because its URL has expired.
const MAX_GRANTS: u32 = 3;

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
            None => self.begin(&source, request, &events).await?,
        };
        events.emit(&Event::Done(&uploaded));
        Ok(uploaded)
    }

    /// Aborts the upload of a source of which a state is stored: the store removes its parts. Returns `false` if there is no state.
    ///
    /// # Errors
    /// The API refuses the call, or the state cannot be used. The state remains then.
    pub async fn abort(
        &self,
        source: &(impl Source + ?Sized),
        request: &UploadRequest,
    ) -> Result<bool, UploadError> {
        let events = Emitter(Arc::new(|_: &Event<'_>| {}));
        let Some((store, path)) = self.state_of(source.identity(), request) else { return Ok(false) };
        let Some((state, content)) = store.open(&path)? else { return Ok(false) };
        if let Some((upload, _)) = content {
            match self.call_abort(&upload.token, &events).await {
                // The upload that the state describes is over.
                Err(error) if error.has_code("upload-completed") || error.has_code("upload-gone") => {}
                result => result?,
            }
        }
        state.remove()?;
        Ok(true)
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
        let (store, identity) = (self.options.state.as_ref()?, identity?);
        Some((store, store.path(self.endpoint.begin(), &identity.path, &request.fingerprint())))
    }

    /// Continues the upload of which a state is stored. Returns `None` if there is none, or if the upload must begin again.
    async fn resume(
        &self,
        source: &Arc<dyn Source>,
        request: &UploadRequest,
        events: &Emitter,
    ) -> Result<Option<Uploaded>, UploadError> {
        let Some((store, path)) = self.state_of(source.identity(), request) else { return Ok(None) };
        let Some((state, content)) = store.open(&path)? else { return Ok(None) };
        let Some((upload, parts)) = content else {
            // Of another version, or cut off.
            state.remove()?;
            return Ok(None);
        };
        if self.options.restart {
            // The upload may be over, or of another caller.
            let _ = self.call_abort(&upload.token, events).await;
            state.remove()?;
            return Ok(None);
        }
        if let Some(what) = source.identity().and_then(|now| upload.identity.difference(now)) {
            return Err(UploadError::ChangedSince { name: source.name().to_owned(), what });
        }
        let StoredUpload { key, ids, token, layout, parts_at_once, .. } = upload;
        let granted = Granted { key, ids, token, layout, parts_at_once };
        let transfer = Transfer::new(self, Arc::clone(source), &granted, Some(&state), events);
        let resumed = transfer.resume(parts).await;
        drop(transfer);
        match resumed {
            Ok(Some(uploaded)) => {
                state.remove()?;
                Ok(Some(uploaded))
            }
            Ok(None) => {
                state.remove()?;
                events.emit(&Event::Restarted);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Begins an upload, and sends it as the API grants it.
    async fn begin(
        &self,
        source: &Arc<dyn Source>,
        request: &UploadRequest,
        events: &Emitter,
    ) -> Result<Uploaded, UploadError> {
        let mut grants = 0;
        loop {
            grants += 1;
            let (answer, algorithm) = self.grant(source, request, events).await?;
            let ids = ids(answer.common());
            let expires_at = answer.common().expires_at.clone();
            let (key, url, how, token) = match answer {
                GrantAnswer::Put { upload_url, headers, upload_token, common } => {
                    (common.key, upload_url, How::Put(headers), upload_token.map(UploadToken))
                }
                GrantAnswer::Post { upload_url, fields, common } => {
                    (common.key, upload_url, How::Form(fields.0), None)
                }
                multipart @ GrantAnswer::Multipart { .. } => {
                    let granted = granted(multipart, source.size(), ids)?;
                    return self.begin_parts(source, request, &granted, expires_at, events).await;
                }
            };
            let Some(size) = source.size() else {
                return Err(UploadError::answer(
                    ApiCall::Begin,
                    "it grants one request, but the size is not known",
                ));
            };
            events.emit(&Event::Granted { key: &key, layout: None });
            let grant = SingleGrant { key, ids, url, how, token };
            let single = Single { client: self, source, size, algorithm, grant, events };
            match single.run().await? {
                Ended::Stored(uploaded) => return Ok(uploaded),
                Ended::Expired(error) if grants >= MAX_GRANTS => return Err(error),
                Ended::Expired(_) => {}
            }
        }
    }

    async fn begin_parts(
        &self,
        source: &Arc<dyn Source>,
        request: &UploadRequest,
        granted: &Granted,
        expires_at: String,
        events: &Emitter,
    ) -> Result<Uploaded, UploadError> {
        let state = match self.create_state(source, request, granted, expires_at) {
            Ok(state) => state,
            Err(error) => {
                // Nothing was sent, and without a state nothing could continue the upload.
                let _ = self.call_abort(&granted.token, events).await;
                return Err(error);
            }
        };
        events.emit(&Event::Granted { key: &granted.key, layout: Some(&granted.layout) });
        let transfer = Transfer::new(self, Arc::clone(source), granted, state.as_ref(), events);
        let uploaded = transfer.run().await;
        drop(transfer);
        match (uploaded, state) {
            (Ok(uploaded), Some(state)) => state.remove().map(|()| uploaded),
            (Ok(uploaded), None) => Ok(uploaded),
            // Nothing can continue this upload, so its parts are not kept.
            (Err(error), None) => {
                let _ = self.call_abort(&granted.token, events).await;
                Err(error)
            }
            (Err(error @ UploadError::Gone { .. }), Some(state)) => {
                state.remove()?;
                Err(error)
            }
            (Err(error), Some(_)) => Err(error),
        }
    }

    fn create_state(
        &self,
        source: &Arc<dyn Source>,
        request: &UploadRequest,
        granted: &Granted,
        expires_at: String,
    ) -> Result<Option<StateFile>, UploadError> {
        let Some(identity) = source.identity() else { return Ok(None) };
        let Some((store, path)) = self.state_of(Some(identity), request) else { return Ok(None) };
        let upload = StoredUpload {
            api: self.endpoint.begin().to_owned(),
            identity: identity.clone(),
            key: granted.key.clone(),
            ids: granted.ids.clone(),
            token: granted.token.clone(),
            layout: granted.layout.clone(),
            parts_at_once: granted.parts_at_once,
            expires_at,
        };
        store.create(&path, &upload).map(Some)
    }

    /// Asks the API for an upload. Returns its answer and the algorithm of the checksum in the request.
    async fn grant(
        &self,
        source: &Arc<dyn Source>,
        request: &UploadRequest,
        events: &Emitter,
    ) -> Result<(GrantAnswer, ChecksumAlgorithm), UploadError> {
        let size = source.size();
        let call = |body: Value| async move { self.api.call(ApiCall::Begin, &body, events).await };
        let error = match call(request.body(size, None)).await {
            Ok(answer) => return Ok((answer, ChecksumAlgorithm::Crc64Nvme)),
            Err(error) => error,
        };
        match size {
            None if error.problem().is_some_and(|problem| problem.status == 400) => {
                Err(UploadError::UnknownSize { name: source.name().to_owned(), source: error })
            }
            // The route signs the checksum of the whole object, so it has to be known before. Each algorithm is tried, because
            // the error says only to people which ones the route has.
            Some(size) if error.has_code("checksum-required") && !source.is_sequential() => {
                for checksum in checksums(&**source, size).await? {
                    match call(request.body(Some(size), Some(&checksum))).await {
                        Ok(answer) => return Ok((answer, checksum.algorithm())),
                        Err(error)
                            if ["checksum-required", "checksum-not-allowed"].contains(&error.code()) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Err(error.into())
            }
            _ => Err(error.into()),
        }
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

/// Returns the members of the answer that are texts and not part of every answer: ids, and members of the application.
fn ids(common: &GrantCommon) -> BTreeMap<String, String> {
    let texts = common.others.iter().filter(|(name, _)| *name != "expiresAtIs");
    texts.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

fn granted(
    answer: GrantAnswer,
    size: Option<u64>,
    ids: BTreeMap<String, String>,
) -> Result<Granted, UploadError> {
    let wrong = |reason: &str| UploadError::answer(ApiCall::Begin, reason);
    let GrantAnswer::Multipart {
        upload_token,
        part_size,
        part_count,
        parts_at_once,
        checksum_algorithm,
        checksum_type,
        common,
    } = answer
    else {
        return Err(wrong("it is not of an upload in parts"));
    };
    let checksum = match (checksum_algorithm, checksum_type) {
        (None, _) => None,
        (Some(algorithm), kind) => {
            let algorithm: ChecksumAlgorithm = algorithm
                .parse()
                .map_err(|_| wrong("it demands a checksum algorithm that this client does not know"))?;
            let kind = kind.map_or(Some(ChecksumType::Parts), |kind| ChecksumType::named(&kind));
            Some((algorithm, kind.ok_or_else(|| wrong("it has an unknown type of checksum"))?))
        }
    };
    let layout = PartLayout::new(size, part_size, part_count, checksum);
    let layout = layout.ok_or_else(|| wrong("its parts do not fit the size"))?;
    Ok(Granted { key: common.key, ids, token: UploadToken(upload_token), layout, parts_at_once })
}

/// Computes the checksums of a source with every algorithm, reading it once.
async fn checksums(source: &dyn Source, size: u64) -> Result<Vec<Checksum>, UploadError> {
    const CHUNK: usize = 1 << 20;
    let mut hashers: Vec<_> = ChecksumAlgorithm::ALL.into_iter().map(ChecksumAlgorithm::hasher).collect();
    let (mut offset, mut buffer) = (0, BytesMut::new());
    while offset < size {
        buffer.clear();
        buffer = source.read_at(offset, CHUNK, buffer).await.map_err(UploadError::read(source.name()))?;
        if buffer.is_empty() {
            return Err(ended_early(source.name(), size).into());
        }
        hashers.iter_mut().for_each(|hasher| hasher.update(&buffer));
        offset += u64::try_from(buffer.len()).unwrap_or_default();
    }
    Ok(hashers.into_iter().map(crate::checksum::Hasher::finish).collect())
}
