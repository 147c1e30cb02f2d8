//! The calls, each as one request; `ListParts` as one for each page.

use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;
use upsign_core::{Presigner, Timestamp, UploadId};

use crate::calls::ObjectCalls;
use crate::calls::abort::AbortMultipartUpload;
use crate::calls::complete::{CompleteMultipartUpload, CompletedUpload};
use crate::calls::copy::{CopiedObject, CopyObject};
use crate::calls::create::CreateMultipartUpload;
use crate::calls::delete::{DeleteObject, DeletedObject};
use crate::calls::get::{GetObject, ObjectRange};
use crate::calls::head::{HeadObject, ObjectHead};
use crate::calls::list_parts::{ListParts, PartList};
use crate::calls::tagging::{GetObjectTagging, ObjectTags, PutObjectTagging};
use crate::error::{CallFailure, InvalidCall, ObjectError};
use crate::http::HttpObjects;
use crate::http::retry::Clock;
use crate::http::wire::{Answer, Prepared};

impl<P: Presigner> HttpObjects<P> {
    async fn call(
        &self,
        operation: &'static str,
        prepared: Result<Prepared, InvalidCall>,
        clock: Clock,
    ) -> Result<Answer, ObjectError> {
        let prepared = prepared.map_err(|error| ObjectError::new(operation, CallFailure::Invalid(error)))?;
        self.send(&prepared, clock).await
    }

    /// Starts the clock of a call that has this limit of its own.
    fn clock(&self, at: Timestamp, time_limit: Option<Duration>) -> Clock {
        Clock::start(at, time_limit.map_or(self.limits.total, |limit| limit.min(self.limits.total)))
    }

    async fn look(&self, call: &HeadObject, clock: Clock) -> Result<ObjectHead, ObjectError> {
        let prepared = call.prepare().and_then(|prepared| self.with_checksum_mode(prepared));
        let answer = self.call("HeadObject", prepared, clock).await?;
        ObjectHead::read(&answer).map_err(unreadable("HeadObject", false))
    }

    /// Asks S3 for the checksums of an object, which it does not return otherwise
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>).
    ///
    /// The signers on AWS's crates do not sign this header. They get a query parameter, into which the SDK for JavaScript moves
    /// such headers (<https://github.com/smithy-lang/smithy-typescript/blob/main/packages/signature-v4/src/moveHeadersToQuery.ts>).
    /// A store that does not read it there returns no checksums.
    pub(super) fn with_checksum_mode(&self, mut prepared: Prepared) -> Result<Prepared, InvalidCall> {
        let mut headers = prepared.headers.clone();
        headers.insert(CHECKSUM_MODE, "ENABLED").map_err(InvalidCall::Header)?;
        let request =
            self.request(prepared.operation.clone(), prepared.key.clone()).with_headers(headers.clone());
        if self.presigner.check(&request).is_ok() {
            prepared.headers = headers;
        } else {
            prepared.parameter(CHECKSUM_MODE, "ENABLED")?;
        }
        Ok(prepared)
    }
}

const CHECKSUM_MODE: &str = "x-amz-checksum-mode";

/// Returns the error of a call whose answer claims success and cannot be understood.
fn unreadable(operation: &'static str, is_write: bool) -> impl Fn(CallFailure) -> ObjectError {
    move |failure| ObjectError::new(operation, failure).with_uncertainty(is_write)
}

#[async_trait]
impl<P: Presigner> ObjectCalls for HttpObjects<P> {
    fn time_per_request(&self) -> Duration {
        self.limits.total
    }

    async fn head_object(&self, call: &HeadObject, at: Timestamp) -> Result<ObjectHead, ObjectError> {
        let clock = self.clock(at, call.time_limit());
        let pause = self.limits.second_look;
        match self.look(call, clock).await {
            Err(error) if call.has_second_look() && error.is_not_found() && pause < clock.left() => {
                sleep(pause).await;
                self.look(call, clock).await
            }
            result => result,
        }
    }

    async fn get_object(&self, call: &GetObject, at: Timestamp) -> Result<ObjectRange, ObjectError> {
        let answer = self.call("GetObject", call.prepare(), self.clock(at, call.time_limit())).await?;
        call.read(answer).map_err(unreadable("GetObject", false))
    }

    async fn create_multipart_upload(
        &self,
        call: &CreateMultipartUpload,
        at: Timestamp,
    ) -> Result<UploadId, ObjectError> {
        let answer =
            self.call("CreateMultipartUpload", call.prepare(), self.clock(at, call.time_limit())).await?;
        CreateMultipartUpload::read(&answer).map_err(unreadable("CreateMultipartUpload", true))
    }

    async fn list_parts(&self, call: &ListParts, at: Timestamp) -> Result<PartList, ObjectError> {
        let failed = unreadable("ListParts", false);
        let clock = self.clock(at, call.time_limit());
        let (mut parts, mut after) = (PartList::default(), None);
        loop {
            let prepared = call.prepare(after).map_err(CallFailure::Invalid).map_err(&failed)?;
            let answer = self.send(&prepared, clock).await?;
            after = parts.add_page(&answer).map_err(&failed)?;
            if after.is_none() {
                return Ok(parts);
            }
        }
    }

    async fn complete_multipart_upload(
        &self,
        call: &CompleteMultipartUpload,
        at: Timestamp,
    ) -> Result<CompletedUpload, ObjectError> {
        let answer =
            self.call("CompleteMultipartUpload", call.prepare(), self.clock(at, call.time_limit())).await?;
        CompletedUpload::read(&answer).map_err(unreadable("CompleteMultipartUpload", true))
    }

    async fn abort_multipart_upload(
        &self,
        call: &AbortMultipartUpload,
        at: Timestamp,
    ) -> Result<(), ObjectError> {
        let clock = self.clock(at, call.time_limit());
        AbortMultipartUpload::read(self.call("AbortMultipartUpload", call.prepare(), clock).await)
    }

    async fn copy_object(&self, call: &CopyObject, at: Timestamp) -> Result<CopiedObject, ObjectError> {
        let answer = self.call("CopyObject", call.prepare(), self.clock(at, call.time_limit())).await?;
        CopiedObject::read(&answer).map_err(unreadable("CopyObject", true))
    }

    async fn get_object_tagging(
        &self,
        call: &GetObjectTagging,
        at: Timestamp,
    ) -> Result<ObjectTags, ObjectError> {
        let answer = self.call("GetObjectTagging", call.prepare(), self.clock(at, call.time_limit())).await?;
        ObjectTags::read(&answer).map_err(unreadable("GetObjectTagging", false))
    }

    async fn put_object_tagging(&self, call: &PutObjectTagging, at: Timestamp) -> Result<(), ObjectError> {
        self.call("PutObjectTagging", call.prepare(), self.clock(at, call.time_limit())).await.map(|_| ())
    }

    async fn delete_object(&self, call: &DeleteObject, at: Timestamp) -> Result<DeletedObject, ObjectError> {
        let answer = self.call("DeleteObject", call.prepare(), self.clock(at, call.time_limit())).await?;
        Ok(DeletedObject::read(&answer))
    }
}

/// Returns one request of each kind, with all headers that the calls add.
pub(super) fn samples() -> Vec<Prepared> {
    let (Ok(key), Ok(id)) = ("key".parse::<upsign_core::ObjectKey>(), "id".parse::<UploadId>()) else {
        return Vec::new();
    };
    let (Ok(etag), Ok(bucket)) = ("etag".parse(), "bucket".parse()) else { return Vec::new() };
    let part = crate::CompletedPart::new(upsign_core::PartNumber::MIN, etag);
    let source = crate::CopySource::new(bucket, key.clone()).with_if_match(part.etag().clone());
    let complete = CompleteMultipartUpload::new(key.clone(), id.clone(), [part]);
    let created = CreateMultipartUpload::new(key.clone(), upsign_core::SignedHeaders::new());
    let calls = [
        HeadObject::new(key.clone()).prepare(),
        GetObject::range(key.clone(), 0, 1).prepare(),
        created.prepare(),
        ListParts::new(key.clone(), id.clone()).prepare(None),
        complete.with_if_absent().with_object_size(1).prepare(),
        AbortMultipartUpload::new(key.clone(), id).prepare(),
        CopyObject::new(source, key.clone()).with_if_absent().prepare(),
        GetObjectTagging::new(key.clone()).prepare(),
        PutObjectTagging::new(key.clone(), [("key", "value")]).prepare(),
        DeleteObject::current(key).prepare(),
    ];
    calls.into_iter().filter_map(Result::ok).collect()
}
