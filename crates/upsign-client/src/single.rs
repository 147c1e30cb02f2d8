//! Uploads in one request: PUT, or a POST form.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::ready;
use futures_util::stream::{self, Stream, StreamExt as _};
use reqwest::header::{CONTENT_TYPE, ETAG, HeaderMap};
use reqwest::{Body, Method};
use serde_json::json;
use tokio::time::sleep;

use crate::api::ApiCall;
use crate::api::wire::{StatusAnswer, UploadState};
use crate::checksum::{Checksum, ChecksumAlgorithm};
use crate::client::UploadClient;
use crate::compare::{Comparison, checksum_of, compare_etag};
use crate::error::UploadError;
use crate::events::{Emitter, Event, RetryOf};
use crate::grant::UploadToken;
use crate::plan::{Uploaded, unquoted};
use crate::request::read_checksum;
use crate::source::{Source, ended_early};
use crate::store::form::Form;
use crate::store::{self, Computed, Outcome, Sent, StoreRequest};

/// What the API granted.
pub(crate) struct SingleGrant {
    pub(crate) key: String,
    pub(crate) ids: BTreeMap<String, String>,
    pub(crate) url: String,
    pub(crate) method: SingleMethod,
    /// For requests for the status after a lost answer, and for the confirmation.
    pub(crate) token: Option<UploadToken>,
}

/// The request that the URL is for.
pub(crate) enum SingleMethod {
    Put(BTreeMap<String, String>),
    Form(Vec<(String, String)>),
}

/// The result of an upload that was granted.
pub(crate) enum SingleOutcome {
    Stored(Uploaded),
    /// The URL has expired: the API grants another one.
    Expired(UploadError),
}

/// The largest object that is read into memory before it is sent, so that it is read once even if it is sent twice.
const MAX_BUFFERED: u64 = 16 << 20;

/// An upload in one request that is under way.
pub(crate) struct SingleUpload<'a> {
    pub(crate) client: &'a UploadClient,
    pub(crate) source: &'a Arc<dyn Source>,
    pub(crate) size: u64,
    /// The algorithm of the checksum that the API signed, or the default one of S3.
    pub(crate) algorithm: ChecksumAlgorithm,
    pub(crate) grant: SingleGrant,
    pub(crate) events: &'a Emitter,
}

/// A failed attempt.
struct FailedAttempt {
    error: Box<UploadError>,
    /// Whether a repetition may succeed.
    may_pass: bool,
    is_expired: bool,
    is_present: bool,
    /// Whether the store may have the object nevertheless.
    is_uncertain: bool,
    demand: Option<Duration>,
}

impl FailedAttempt {
    fn final_error(error: UploadError) -> Self {
        let error = Box::new(error);
        Self {
            error,
            may_pass: false,
            is_expired: false,
            is_present: false,
            is_uncertain: false,
            demand: None,
        }
    }
}

impl SingleUpload<'_> {
    /// Sends the bytes until the store has them.
    pub(crate) async fn run(self) -> Result<SingleOutcome, UploadError> {
        let buffer = if self.size <= MAX_BUFFERED { Some(self.read().await?) } else { None };
        let (mut attempts, mut is_uncertain) = (0, false);
        loop {
            self.source.check_unchanged().await?;
            let failed = match self.attempt(buffer.clone()).await {
                Ok(uploaded) => return Ok(SingleOutcome::Stored(uploaded)),
                Err(failed) => failed,
            };
            attempts += 1;
            if failed.is_present {
                return self.resolve(is_uncertain, buffer.as_ref()).await.map(SingleOutcome::Stored);
            }
            is_uncertain |= failed.is_uncertain;
            let pause =
                if failed.may_pass { self.client.retries.pause(attempts, failed.demand) } else { None };
            let Some(pause) = pause else {
                // The store may have the object in spite of the errors.
                if is_uncertain && let Some(uploaded) = self.stored_already(buffer.as_ref()).await? {
                    return Ok(SingleOutcome::Stored(uploaded));
                }
                return if failed.is_expired {
                    Ok(SingleOutcome::Expired(*failed.error))
                } else {
                    Err(*failed.error)
                };
            };
            let cause = failed.error.to_string();
            let what = RetryOf::Object;
            self.events.emit(&Event::Retry { what, attempt: attempts, after: pause, cause: &cause });
            sleep(pause).await;
        }
    }

    async fn read(&self) -> Result<Bytes, UploadError> {
        let len = usize::try_from(self.size).unwrap_or(usize::MAX);
        let bytes = self.source.read_at(0, len, BytesMut::new()).await;
        let bytes = bytes.map_err(UploadError::read(self.source.name()))?;
        if bytes.len() == len {
            Ok(bytes.freeze())
        } else {
            Err(ended_early(self.source.name(), self.size).into())
        }
    }

    async fn attempt(&self, buffer: Option<Bytes>) -> Result<Uploaded, FailedAttempt> {
        let sent = Sent::new(self.events);
        let (stream, computed) = self.stream(buffer, &sent);
        let (method, headers, len, body) = match &self.grant.method {
            SingleMethod::Put(headers) => {
                (Method::PUT, headers.clone(), self.size, Body::wrap_stream(stream))
            }
            SingleMethod::Form(fields) => {
                let form = Form::new(fields);
                let headers = [(CONTENT_TYPE.to_string(), form.content_type.clone())].into();
                let len = form.len(self.size);
                let around = |text: Bytes| stream::once(ready(Ok::<_, std::io::Error>(text)));
                let body = around(form.head).chain(stream).chain(around(form.tail));
                (Method::POST, headers, len, Body::wrap_stream(body))
            }
        };
        let request = StoreRequest { method, url: &self.grant.url, headers: &headers, len, body };
        let outcome = store::send(&self.client.http, request, &sent, self.client.options.idle).await;
        let result = match (outcome, computed.take()) {
            (_, Err(error)) => Err(FailedAttempt::final_error(error)),
            (Outcome::Stored(headers), Ok(checksum)) => self.stored(&headers, checksum),
            (Outcome::Refused(refusal), _) => Err(FailedAttempt {
                may_pass: refusal.may_pass() || refusal.is_checksum_mismatch(),
                is_expired: refusal.is_expired(),
                is_present: refusal.is_present(),
                is_uncertain: refusal.status >= 500,
                demand: refusal.retry_after(),
                error: Box::new(UploadError::Store { what: "the object".to_owned(), refusal }),
            }),
            (Outcome::Lost { cause, was_sent }, _) => {
                let error = UploadError::Connection { what: "the object".to_owned(), cause };
                Err(FailedAttempt {
                    may_pass: true,
                    is_uncertain: was_sent,
                    ..FailedAttempt::final_error(error)
                })
            }
        };
        if result.is_err() {
            sent.revoke();
        }
        result
    }

    /// Returns the bytes, which are hashed while they are sent.
    fn stream(
        &self,
        buffer: Option<Bytes>,
        sent: &Sent,
    ) -> (impl Stream<Item = std::io::Result<Bytes>> + Send + 'static, Computed) {
        store::of_source(self.source_of(buffer), 0, self.size, Some(self.algorithm), sent)
    }

    fn stored(&self, headers: &HeaderMap, checksum: Option<Checksum>) -> Result<Uploaded, FailedAttempt> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let of_store = self.algorithm.header().and_then(text);
        if let (Some(of_store), Some(checksum)) = (of_store, &checksum)
            && of_store != checksum.base64()
        {
            return Err(FailedAttempt::final_error(UploadError::Corrupted { what: "the object".to_owned() }));
        }
        let etag = text(ETAG.as_str()).map(|etag| unquoted(&etag).to_owned());
        Ok(self.uploaded(etag, text("x-amz-version-id"), checksum))
    }

    fn uploaded(
        &self,
        etag: Option<String>,
        version_id: Option<String>,
        checksum: Option<Checksum>,
    ) -> Uploaded {
        Uploaded {
            key: self.grant.key.clone(),
            size: self.size,
            etag,
            version_id,
            checksum,
            ids: self.grant.ids.clone(),
            parts: None,
            confirmation: None,
        }
    }

    /// Decides whether the object that has the key already is this upload. It can be, if the answer to an earlier attempt was lost.
    async fn resolve(&self, is_uncertain: bool, buffer: Option<&Bytes>) -> Result<Uploaded, UploadError> {
        let key = self.grant.key.clone();
        match (is_uncertain, &self.grant.token) {
            (false, _) => Err(UploadError::ObjectExists { key }),
            (true, None) => Err(UploadError::PutUncertain { key }),
            (true, Some(_)) => self.stored_already(buffer).await?.ok_or(UploadError::ObjectExists { key }),
        }
    }

    /// Requests the status of the upload, if the grant allows it. Returns the object if it is the source, and `None` if it is not.
    async fn stored_already(&self, buffer: Option<&Bytes>) -> Result<Option<Uploaded>, UploadError> {
        let Some(token) = &self.grant.token else { return Ok(None) };
        let body = json!({"uploadToken": token.0});
        let status: StatusAnswer = self.client.api.call(ApiCall::Status, &body, self.events).await?;
        if status.state != UploadState::Completed || status.size != Some(self.size) {
            return Ok(None);
        }
        let etag = status.etag.map(|etag| unquoted(&etag).to_owned());
        let of_store = read_checksum(&status.checksum);
        match self.compare(etag.as_deref(), of_store.as_ref(), buffer).await? {
            Comparison::Same => {}
            Comparison::Different => return Ok(None),
            Comparison::Unconfirmed => return Err(UploadError::Unconfirmed { key: self.grant.key.clone() }),
        }
        self.events.emit(&Event::Resolved);
        Ok(Some(self.uploaded(etag, status.version_id, of_store)))
    }

    /// Compares an object of the same size with the source, by its checksum or else by its entity tag.
    async fn compare(
        &self,
        etag: Option<&str>,
        of_store: Option<&Checksum>,
        buffer: Option<&Bytes>,
    ) -> Result<Comparison, UploadError> {
        let source = self.source_of(buffer.cloned());
        if let Some(of_store) = of_store
            && let Some(of_source) = checksum_of(&*source, self.size, of_store.algorithm()).await?
        {
            return Ok(Comparison::of_checksums(of_store, &of_source));
        }
        match etag {
            Some(etag) => compare_etag(&*source, self.size, etag).await,
            None => Ok(Comparison::Unconfirmed),
        }
    }

    /// Returns the source of the bytes: the buffer, if they were read already.
    fn source_of(&self, buffer: Option<Bytes>) -> Arc<dyn Source> {
        match buffer {
            Some(bytes) => Arc::new(crate::source::BytesSource::new(self.source.name(), bytes)),
            None => Arc::clone(self.source),
        }
    }
}
