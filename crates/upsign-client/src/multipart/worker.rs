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
use crate::multipart::batch::{Batcher, PartUrl};
use crate::multipart::pieces::{Piece, Pieces};
use crate::plan::unquoted;
use crate::state::record::StoredPart;
use crate::store::{self, Computed, Outcome, Sent, StoreRefusal, StoreRequest};

/// How often a part may get another URL because its URL is said to have expired. With clocks that differ, a new URL may be
/// expired, too.
const MAX_EXPIRED: u32 = 3;

/// What to do after a failed attempt.
enum Next {
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
    pub(super) async fn work(&self, pieces: &Pieces, batcher: &Batcher<'_>) -> Result<(), UploadError> {
        while let Some(piece) = pieces.next().await? {
            let (number, len) = (piece.number, piece.len);
            self.events.emit(&Event::PartStarted { number, len });
            let part = self.send_part(piece, pieces, batcher).await?;
            self.events.emit(&Event::PartDone { number, len, etag: &part.etag });
            self.record(part, len)?;
        }
        Ok(())
    }

    /// Sends a part until the store has it.
    async fn send_part(
        &self,
        mut piece: Piece,
        pieces: &Pieces,
        batcher: &Batcher<'_>,
    ) -> Result<StoredPart, UploadError> {
        let number = piece.number;
        let (mut attempts, mut expired, mut reread) = (0, 0, false);
        let mut url: Option<PartUrl> = None;
        loop {
            let checksum = piece.buffer.as_ref().and_then(|(_, checksum)| checksum.clone());
            let target = match url.take().filter(PartUrl::is_valid) {
                Some(url) => url,
                None => batcher.url(number, piece.len, checksum.clone()).await?,
            };
            let next = match self.attempt(&piece, &target, checksum).await {
                Ok(part) => {
                    pieces.recycle(piece);
                    return Ok(part);
                }
                Err(next) => next,
            };
            attempts += 1;
            let (cause, pause) = match next {
                Next::Repeat(error, demand) => {
                    url = Some(target);
                    match self.client.retries.pause(attempts, demand) {
                        Some(pause) => (error, pause),
                        None => return Err(*error),
                    }
                }
                Next::Resign(error) if expired < MAX_EXPIRED => {
                    expired += 1;
                    // Not counted: the store is well.
                    attempts -= 1;
                    (error, std::time::Duration::ZERO)
                }
                // A source that can be read only once has no other bytes than those in the buffer.
                Next::Reread(error) if !reread => {
                    reread = true;
                    if !self.source.is_sequential() {
                        piece = pieces.at(number).await?;
                    }
                    (error, std::time::Duration::ZERO)
                }
                Next::Resign(error) | Next::Reread(error) | Next::Fail(error) => return Err(*error),
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
        piece: &Piece,
        target: &PartUrl,
        checksum: Option<Checksum>,
    ) -> Result<StoredPart, Next> {
        let sent = Sent::new(self.events);
        let (body, computed) = self.body(piece, &sent);
        let request = StoreRequest {
            method: Method::PUT,
            url: &target.url,
            headers: &target.headers,
            len: piece.len,
            body,
        };
        let outcome = store::send(&self.client.http, request, &sent, self.client.options.idle).await;
        let result = match (outcome, computed.map(|computed| computed.take()).transpose()) {
            (_, Err(error)) => Err(Next::Fail(Box::new(error))),
            (Outcome::Stored(headers), Ok(read)) => {
                let checksum = read.flatten().or(checksum);
                self.stored(piece.number, &headers, checksum)
            }
            (Outcome::Refused(refusal), _) => Err(self.refused(piece.number, refusal)),
            (Outcome::Lost { cause, .. }, _) => {
                Err(Next::Repeat(Box::new(UploadError::Connection { what: name(piece.number), cause }), None))
            }
        };
        if result.is_err() {
            sent.revoke();
        }
        result
    }

    fn body(&self, piece: &Piece, sent: &Sent) -> (Body, Option<Computed>) {
        match &piece.buffer {
            Some((bytes, _)) => (store::of_buffer(Bytes::clone(bytes), sent), None),
            None => {
                let layout = &self.granted.layout;
                let (source, offset) = (Arc::clone(&self.source), layout.offset(piece.number));
                let (stream, computed) =
                    store::of_source(source, offset, piece.len, layout.algorithm(), sent);
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
    ) -> Result<StoredPart, Next> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let of_store = checksum.as_ref().and_then(|checksum| text(checksum.algorithm().header()?));
        if let (Some(of_store), Some(checksum)) = (of_store, &checksum)
            && of_store != checksum.base64()
        {
            return Err(Next::Reread(Box::new(UploadError::Corrupted { what: name(number) })));
        }
        match text(ETAG.as_str()).map(unquoted).filter(|etag| !etag.is_empty()) {
            Some(etag) => Ok(StoredPart { number, etag: etag.to_owned(), checksum }),
            None => {
                let cause = "the answer has no ETag".to_owned();
                Err(Next::Fail(Box::new(UploadError::Connection { what: name(number), cause })))
            }
        }
    }

    fn refused(&self, number: u32, refusal: StoreRefusal) -> Next {
        if refusal.is_gone() {
            return Next::Fail(Box::new(UploadError::Gone { key: self.granted.key.clone() }));
        }
        if refusal.is_checksum_mismatch() {
            return Next::Reread(Box::new(UploadError::Corrupted { what: name(number) }));
        }
        let (is_expired, may_pass, demand) = (refusal.is_expired(), refusal.may_pass(), refusal.retry_after);
        let error = Box::new(UploadError::Store { what: name(number), refusal });
        match (is_expired, may_pass) {
            (true, _) => Next::Resign(error),
            (false, true) => Next::Repeat(error, demand),
            (false, false) => Next::Fail(error),
        }
    }
}

fn name(number: u32) -> String {
    format!("part {number}")
}
