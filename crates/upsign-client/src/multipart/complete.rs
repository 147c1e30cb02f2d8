//! Completing an upload, and sending again what the store does not have as it was sent.

use std::collections::{BTreeMap, VecDeque};
use std::sync::PoisonError;
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::wire::{CompleteAnswer, StatusAnswer, UploadState};
use crate::api::{ApiCall, ApiError};
use crate::checksum::Checksum;
use crate::error::UploadError;
use crate::events::{Event, RetryOf};
use crate::multipart::Transfer;
use crate::plan::{Uploaded, unquoted};
use crate::request::{of_checksum, read_checksum};

/// How often parts that the store does not have as they were sent are sent again.
const MAX_ROUNDS: u32 = 3;

impl Transfer<'_> {
    /// Completes the upload of parts that are all stored.
    pub(super) async fn complete(&self) -> Result<Uploaded, UploadError> {
        let mut round = 0;
        loop {
            self.source.check_unchanged().await?;
            self.events.emit(&Event::Completing);
            let (body, checksum) = self.completion();
            let error = match self.client.api.call(ApiCall::Complete, &body, self.events).await {
                Ok(answer) => return self.uploaded(answer, checksum),
                Err(error) => error,
            };
            let is_partial = error.has_code("parts-missing") || error.has_code("part-mismatch");
            if !is_partial || round >= MAX_ROUNDS || self.source.is_sequential() {
                return Err(self.completion_error(error));
            }
            round += 1;
            let differing = self.differing().await?;
            let cause = error.failure().to_string();
            self.events.emit(&Event::Retry {
                what: RetryOf::Parts,
                attempt: round,
                after: Duration::ZERO,
                cause: &cause,
            });
            if !differing.is_empty() {
                self.send(differing).await?;
            }
        }
    }

    /// Returns the body of the call, and the checksum of all bytes if the API wants it.
    fn completion(&self) -> (Value, Option<Checksum>) {
        let checksum = self.grant.layout.has_full_checksum().then(|| self.combined_checksum()).flatten();
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let parts = done.values().map(|(part, _)| {
            let mut members = json!({"partNumber": part.number, "etag": part.etag});
            if let (Some(checksum), Some(members)) = (&part.checksum, members.as_object_mut()) {
                members.insert("checksum".to_owned(), checksum.base64().into());
            }
            members
        });
        let parts: Vec<Value> = parts.collect();
        let mut body = json!({"uploadToken": self.grant.token.0, "parts": parts});
        if let (Some(checksum), Some(members)) = (&checksum, body.as_object_mut()) {
            members.insert("checksum".to_owned(), of_checksum(checksum));
        }
        (body, checksum)
    }

    fn completion_error(&self, error: ApiError) -> UploadError {
        match error.code() {
            "upload-gone" => UploadError::Gone { key: self.grant.key.clone() },
            "object-exists" => UploadError::ObjectExists { key: self.grant.key.clone() },
            "checksum-mismatch" => UploadError::Corrupted { what: "the object".to_owned() },
            _ => UploadError::Api(error),
        }
    }

    /// Returns the parts that the store does not have, or has with another entity tag, and forgets them.
    async fn differing(&self) -> Result<VecDeque<u32>, UploadError> {
        let status = self.status().await?;
        if status.state != UploadState::Open {
            return Ok(VecDeque::new());
        }
        let stored = by_number(&status);
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.retain(|number, (part, len)| stored.get(number) == Some(&(*len, part.etag.as_str())));
        drop(done);
        Ok(self.missing())
    }

    /// Returns the status with all pages.
    pub(crate) async fn status(&self) -> Result<StatusAnswer, ApiError> {
        let token = &self.grant.token.0;
        let first = json!({"uploadToken": token});
        let mut status: StatusAnswer = self.client.api.call(ApiCall::Status, &first, self.events).await?;
        while status.more {
            let Some(last) = status.parts.last().map(|part| part.part_number) else {
                return Err(ApiError::answer(
                    ApiCall::Status,
                    "it has no parts, but says that there are more",
                ));
            };
            let next = json!({"uploadToken": token, "after": last});
            let page: StatusAnswer = self.client.api.call(ApiCall::Status, &next, self.events).await?;
            if page.parts.first().is_some_and(|part| part.part_number <= last) {
                return Err(ApiError::answer(ApiCall::Status, "its pages overlap"));
            }
            status.more = page.more && page.state == status.state;
            status.parts.extend(page.parts);
        }
        Ok(status)
    }

    /// Compares the object with what was sent.
    pub(super) fn uploaded(
        &self,
        answer: CompleteAnswer,
        checksum: Option<Checksum>,
    ) -> Result<Uploaded, UploadError> {
        let sent = self.sent_bytes();
        if answer.size != sent {
            let reason = format!("the object has {} bytes, but {sent} were sent", answer.size);
            return Err(UploadError::answer(ApiCall::Complete, reason));
        }
        let of_store = read_checksum(&answer.checksum);
        if let (Some(of_store), Some(checksum)) = (&of_store, &checksum)
            && of_store.algorithm() == checksum.algorithm()
            && of_store != checksum
        {
            return Err(UploadError::Corrupted { what: "the object".to_owned() });
        }
        let parts = match self.grant.layout.size {
            Some(_) => Some(self.grant.layout.part_count),
            None => u32::try_from(self.done.lock().unwrap_or_else(PoisonError::into_inner).len()).ok(),
        };
        Ok(Uploaded {
            key: answer.key,
            size: answer.size,
            etag: Some(unquoted(&answer.etag).to_owned()),
            version_id: answer.version_id,
            checksum: checksum.or(of_store),
            ids: self.grant.ids.clone(),
            parts,
            confirmation: None,
        })
    }
}

/// Returns length and entity tag of each part of a status.
pub(super) fn by_number(status: &StatusAnswer) -> BTreeMap<u32, (u64, &str)> {
    status.parts.iter().map(|part| (part.part_number, (part.size, unquoted(&part.etag)))).collect()
}
