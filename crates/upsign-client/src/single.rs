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
use crate::error::UploadError;
use crate::events::{Emitter, Event, RetryOf};
use crate::plan::{Uploaded, unquoted};
use crate::source::{Source, ended_early};
use crate::state::record::UploadToken;
use crate::store::form::Form;
use crate::store::{self, Computed, Outcome, Sent, StoreRequest};

/// What the API granted.
pub(crate) struct SingleGrant {
    pub(crate) key: String,
    pub(crate) ids: BTreeMap<String, String>,
    pub(crate) url: String,
    pub(crate) how: How,
    /// For questions about the object, after a lost answer.
    pub(crate) token: Option<UploadToken>,
}

pub(crate) enum How {
    Put(BTreeMap<String, String>),
    Form(Vec<(String, String)>),
}

/// How a granted upload ended.
pub(crate) enum Ended {
    Stored(Uploaded),
    /// The URL has expired: the API grants another one.
    Expired(UploadError),
}

/// The largest object that is read into memory before it is sent, so that it is read once even if it is sent twice.
const MAX_BUFFERED: u64 = 16 << 20;

/// An upload in one request that is under way.
pub(crate) struct Single<'a> {
    pub(crate) client: &'a UploadClient,
    pub(crate) source: &'a Arc<dyn Source>,
    pub(crate) size: u64,
    /// The algorithm of the checksum that the API signed, or the default one of S3.
    pub(crate) algorithm: ChecksumAlgorithm,
    pub(crate) grant: SingleGrant,
    pub(crate) events: &'a Emitter,
}

/// A failed attempt.
struct Failed {
    error: Box<UploadError>,
    /// Whether a repetition may succeed.
    may_pass: bool,
    is_expired: bool,
    is_present: bool,
    /// Whether the store may have the object nevertheless.
    is_uncertain: bool,
    demand: Option<Duration>,
}

impl Failed {
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

impl Single<'_> {
    /// Sends the bytes until the store has them.
    pub(crate) async fn run(self) -> Result<Ended, UploadError> {
        let buffer = if self.size <= MAX_BUFFERED { Some(self.read().await?) } else { None };
        let (mut attempts, mut is_uncertain) = (0, false);
        loop {
            self.source.check_unchanged().await?;
            let failed = match self.attempt(buffer.clone()).await {
                Ok(uploaded) => return Ok(Ended::Stored(uploaded)),
                Err(failed) => failed,
            };
            attempts += 1;
            if failed.is_present {
                return self.resolve(is_uncertain).await.map(Ended::Stored);
            }
            is_uncertain |= failed.is_uncertain;
            let pause =
                if failed.may_pass { self.client.retries.pause(attempts, failed.demand) } else { None };
            let Some(pause) = pause else {
                // The store may have the object in spite of the errors.
                if is_uncertain && let Some(uploaded) = self.look().await? {
                    return Ok(Ended::Stored(uploaded));
                }
                return if failed.is_expired {
                    Ok(Ended::Expired(*failed.error))
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

    async fn attempt(&self, buffer: Option<Bytes>) -> Result<Uploaded, Failed> {
        let sent = Sent::new(self.events);
        let (stream, computed) = self.stream(buffer, &sent);
        let (method, headers, len, body) = match &self.grant.how {
            How::Put(headers) => (Method::PUT, headers.clone(), self.size, Body::wrap_stream(stream)),
            How::Form(fields) => {
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
            (_, Err(error)) => Err(Failed::final_error(error)),
            (Outcome::Stored(headers), Ok(checksum)) => self.stored(&headers, checksum),
            (Outcome::Refused(refusal), _) => Err(Failed {
                may_pass: refusal.may_pass() || refusal.is_checksum_mismatch(),
                is_expired: refusal.is_expired(),
                is_present: refusal.is_present(),
                is_uncertain: refusal.status >= 500,
                demand: refusal.retry_after,
                error: Box::new(UploadError::Store { what: "the object".to_owned(), refusal }),
            }),
            (Outcome::Lost { cause, was_sent }, _) => {
                let error = UploadError::Connection { what: "the object".to_owned(), cause };
                Err(Failed { may_pass: true, is_uncertain: was_sent, ..Failed::final_error(error) })
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
        let source: Arc<dyn Source> = match buffer {
            Some(bytes) => Arc::new(crate::source::BytesSource::new(self.source.name(), bytes)),
            None => Arc::clone(self.source),
        };
        store::of_source(source, 0, self.size, Some(self.algorithm), sent)
    }

    fn stored(&self, headers: &HeaderMap, checksum: Option<Checksum>) -> Result<Uploaded, Failed> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let of_store = self.algorithm.header().and_then(text);
        if let (Some(of_store), Some(checksum)) = (of_store, &checksum)
            && of_store != checksum.base64()
        {
            return Err(Failed::final_error(UploadError::Corrupted { what: "the object".to_owned() }));
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
        }
    }

    /// Decides whether the object that has the key already is this upload. It can be, if the answer to an earlier attempt was lost.
    async fn resolve(&self, is_uncertain: bool) -> Result<Uploaded, UploadError> {
        let key = self.grant.key.clone();
        match (is_uncertain, &self.grant.token) {
            (false, _) => Err(UploadError::ObjectExists { key }),
            (true, None) => Err(UploadError::PutUncertain { key }),
            (true, Some(_)) => self.look().await?.ok_or(UploadError::ObjectExists { key }),
        }
    }

    /// Asks the API whether the object is stored, if the grant allows to ask.
    async fn look(&self) -> Result<Option<Uploaded>, UploadError> {
        let Some(token) = &self.grant.token else { return Ok(None) };
        let body = json!({"uploadToken": token.0});
        let status: StatusAnswer = self.client.api.call(ApiCall::Status, &body, self.events).await?;
        if status.state != UploadState::Completed || status.size != Some(self.size) {
            return Ok(None);
        }
        self.events.emit(&Event::Resolved);
        let etag = status.etag.map(|etag| unquoted(&etag).to_owned());
        Ok(Some(self.uploaded(etag, status.version_id, crate::request::read_checksum(&status.checksum))))
    }
}
