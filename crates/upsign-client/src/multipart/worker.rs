//! Sending one part after another.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::{ETAG, HeaderMap};
use reqwest::{Body, Method};
use tokio::time::sleep;

use crate::checksum::Checksum;
use crate::error::UploadError;
use crate::events::{Event, RetryOf};
use crate::multipart::Transfer;
use crate::multipart::batch::{PartUrl, PartUrlBatcher};
use crate::multipart::part_reader::{PartBytes, PartReader};
use crate::plan::unquoted;
use crate::state::record::StoredPart;
use crate::store::{self, Computed, Outcome, Sent, StoreRefusal, StoreRequest};

/// How often a part may get another URL because its URL is said to have expired. With clocks that differ, a new URL may be
/// expired, too.
const MAX_EXPIRED: u32 = 3;

/// What to do after a failed attempt.
enum AfterFailure {
    /// Send the same bytes to the same URL, after a pause.
    Repeat(Box<UploadError>, Option<std::time::Duration>),
    /// Send the same bytes to a new URL.
    Resign(Box<UploadError>),
    /// Read the bytes again, because the store received others.
    Reread(Box<UploadError>),
    Fail(Box<UploadError>),
}

impl Transfer<'_> {
    /// Sends parts until none is left.
    pub(super) async fn work(
        &self,
        reader: &PartReader,
        batcher: &PartUrlBatcher<'_>,
    ) -> Result<(), UploadError> {
        while let Some(bytes) = reader.next().await? {
            let (number, len) = (bytes.number, bytes.len);
            self.events.emit(&Event::PartStarted { number, len });
            let part = self.send_part(bytes, reader, batcher).await?;
            let etag = part.etag.clone();
            // The state is written first, so that a part whose event was seen is kept even if the process is killed then.
            self.record(part, len)?;
            self.events.emit(&Event::PartDone { number, len, etag: &etag });
        }
        Ok(())
    }

    /// Sends a part until the store has it.
    async fn send_part(
        &self,
        mut bytes: PartBytes,
        reader: &PartReader,
        batcher: &PartUrlBatcher<'_>,
    ) -> Result<StoredPart, UploadError> {
        let number = bytes.number;
        let (mut attempts, mut expired, mut reread) = (0, 0, false);
        let mut url: Option<PartUrl> = None;
        loop {
            let checksum = bytes.buffer.as_ref().and_then(|(_, checksum)| checksum.clone());
            let target = match url.take().filter(PartUrl::is_valid) {
                Some(url) => url,
                None => batcher.url(number, bytes.len, checksum.clone()).await?,
            };
            let failure = match self.attempt(&bytes, &target, checksum).await {
                Ok(part) => {
                    reader.recycle(bytes);
                    return Ok(part);
                }
                Err(failure) => failure,
            };
            attempts += 1;
            let (cause, pause) = match failure {
                AfterFailure::Repeat(error, demand) => {
                    url = Some(target);
                    match self.client.retries.pause(attempts, demand) {
                        Some(pause) => (error, pause),
                        None => return Err(*error),
                    }
                }
                AfterFailure::Resign(error) if expired < MAX_EXPIRED => {
                    expired += 1;
                    // An expired URL is no fault of the store, so it does not use up an attempt.
                    attempts -= 1;
                    (error, std::time::Duration::ZERO)
                }
                // A source that can be read only once has no other bytes than those in the buffer.
                AfterFailure::Reread(error) if !reread => {
                    reread = true;
                    if !self.source.is_sequential() {
                        bytes = reader.at(number).await?;
                    }
                    (error, std::time::Duration::ZERO)
                }
                AfterFailure::Resign(error) | AfterFailure::Reread(error) | AfterFailure::Fail(error) => {
                    return Err(*error);
                }
            };
            self.events.emit(&Event::Retry {
                what: RetryOf::Part(number),
                attempt: attempts,
                after: pause,
                cause: &cause.to_string(),
            });
            sleep(pause).await;
        }
    }

    /// Sends a part once.
    async fn attempt(
        &self,
        bytes: &PartBytes,
        target: &PartUrl,
        checksum: Option<Checksum>,
    ) -> Result<StoredPart, AfterFailure> {
        let sent = Sent::new(self.events);
        let (body, computed) = self.body(bytes, &sent);
        let request = StoreRequest {
            method: Method::PUT,
            url: &target.url,
            headers: &target.headers,
            len: bytes.len,
            body,
        };
        let outcome = store::send(&self.client.http, request, &sent, self.client.options.idle).await;
        let result = match (outcome, computed.map(|computed| computed.take()).transpose()) {
            (_, Err(error)) => Err(AfterFailure::Fail(Box::new(error))),
            (Outcome::Stored(headers), Ok(read)) => {
                let checksum = read.flatten().or(checksum);
                self.stored(bytes.number, &headers, checksum)
            }
            (Outcome::Refused(refusal), _) => Err(self.refused(bytes.number, refusal)),
            (Outcome::Lost { cause, .. }, _) => Err(AfterFailure::Repeat(
                Box::new(UploadError::Connection { what: name(bytes.number), cause }),
                None,
            )),
        };
        if result.is_err() {
            sent.revoke();
        }
        result
    }

    fn body(&self, bytes: &PartBytes, sent: &Sent) -> (Body, Option<Computed>) {
        match &bytes.buffer {
            Some((buffer, _)) => (store::of_buffer(Bytes::clone(buffer), sent), None),
            None => {
                let layout = &self.grant.layout;
                let (source, offset) = (Arc::clone(&self.source), layout.offset(bytes.number));
                let (stream, computed) =
                    store::of_source(source, offset, bytes.len, layout.algorithm(), sent);
                (Body::wrap_stream(stream), Some(computed))
            }
        }
    }

    /// Reads the answer to a part that was stored. The store computes the checksum of what it has stored, if it knows how.
    fn stored(
        &self,
        number: u32,
        headers: &HeaderMap,
        checksum: Option<Checksum>,
    ) -> Result<StoredPart, AfterFailure> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let of_store = checksum.as_ref().and_then(|checksum| text(checksum.algorithm().header()?));
        if let (Some(of_store), Some(checksum)) = (of_store, &checksum)
            && of_store != checksum.base64()
        {
            return Err(AfterFailure::Reread(Box::new(UploadError::Corrupted { what: name(number) })));
        }
        match text(ETAG.as_str()).map(unquoted).filter(|etag| !etag.is_empty()) {
            Some(etag) => Ok(StoredPart { number, etag: etag.to_owned(), checksum }),
            None => {
                let cause = "the answer has no ETag".to_owned();
                Err(AfterFailure::Fail(Box::new(UploadError::Connection { what: name(number), cause })))
            }
        }
    }

    fn refused(&self, number: u32, refusal: StoreRefusal) -> AfterFailure {
        if refusal.is_gone() {
            return AfterFailure::Fail(Box::new(UploadError::Gone { key: self.grant.key.clone() }));
        }
        if refusal.is_checksum_mismatch() {
            return AfterFailure::Reread(Box::new(UploadError::Corrupted { what: name(number) }));
        }
        let (is_expired, may_pass, demand) =
            (refusal.is_expired(), refusal.may_pass(), refusal.retry_after());
        let error = Box::new(UploadError::Store { what: name(number), refusal });
        match (is_expired, may_pass) {
            (true, _) => AfterFailure::Resign(error),
            (false, true) => AfterFailure::Repeat(error, demand),
            (false, false) => AfterFailure::Fail(error),
        }
    }
}

fn name(number: u32) -> String {
    format!("part {number}")
}
