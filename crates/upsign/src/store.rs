//! Calls to the store, within the time of one request, each timed and reported to the observers.

use std::sync::Arc;
use std::time::Duration;

use upsign_core::{Timestamp, UploadId};
use upsign_objects::{
    AbortMultipartUpload, CallFailure, CompleteMultipartUpload, CompletedUpload, CopiedObject, CopyObject,
    CreateMultipartUpload, DeleteObject, GetObject, GetObjectTagging, HeadObject, ListParts, ObjectCalls,
    ObjectError, ObjectHead, ObjectRange, ObjectTags, PartList, PutObjectTagging,
};

use crate::observe::{StoreCallEvent, UploadObserver};
use crate::world::Stopwatch;

/// The store of one request.
///
/// All calls of a request share [`ObjectCalls::time_per_request`], which runs from the creation of this value on. Each call gets
/// what is left as its limit, so that the request is answered in time however slow the store is. On targets without a clock, each
/// call gets all of it.
#[derive(Clone, Copy)]
pub(crate) struct Store<'a> {
    calls: &'a dyn ObjectCalls,
    observers: &'a [Arc<dyn UploadObserver>],
    at: Timestamp,
    watch: Stopwatch,
}

impl<'a> Store<'a> {
    pub(crate) fn new(
        calls: &'a dyn ObjectCalls,
        observers: &'a [Arc<dyn UploadObserver>],
        at: Timestamp,
    ) -> Self {
        Self { calls, observers, at, watch: Stopwatch::start() }
    }

    /// Returns the observers of the service.
    pub(crate) const fn observers(&self) -> &'a [Arc<dyn UploadObserver>] {
        self.observers
    }

    /// Also returns how long the call took.
    pub(crate) async fn create(
        self,
        call: CreateMultipartUpload,
    ) -> Result<(UploadId, Duration), ObjectError> {
        let call = call.with_time_limit(self.left());
        let watch = Stopwatch::start();
        let result = self.calls.create_multipart_upload(&call, self.at).await;
        let duration = self.report("CreateMultipartUpload", watch, &result);
        Ok((result?, duration))
    }

    pub(crate) async fn list(self, call: ListParts) -> Result<PartList, ObjectError> {
        let call = call.with_time_limit(self.left_for("ListParts")?);
        let watch = Stopwatch::start();
        let result = self.calls.list_parts(&call, self.at).await;
        self.report("ListParts", watch, &result);
        result
    }

    /// Leaves time to look at the object afterwards. If there is no more than that, the call is not made: its outcome would not
    /// be known.
    pub(crate) async fn complete(
        self,
        call: CompleteMultipartUpload,
    ) -> Result<CompletedUpload, ObjectError> {
        const OPERATION: &str = "CompleteMultipartUpload";
        let call = call.with_time_limit(self.left_before_look(OPERATION)?);
        let watch = Stopwatch::start();
        let result = self.calls.complete_multipart_upload(&call, self.at).await;
        self.report(OPERATION, watch, &result);
        result
    }

    pub(crate) async fn abort(self, call: AbortMultipartUpload) -> Result<(), ObjectError> {
        let call = call.with_time_limit(self.left_for("AbortMultipartUpload")?);
        let watch = Stopwatch::start();
        let result = self.calls.abort_multipart_upload(&call, self.at).await;
        self.report("AbortMultipartUpload", watch, &result);
        result
    }

    pub(crate) async fn head(self, call: HeadObject) -> Result<ObjectHead, ObjectError> {
        let call = call.with_time_limit(self.left_for("HeadObject")?);
        let watch = Stopwatch::start();
        let result = self.calls.head_object(&call, self.at).await;
        self.report("HeadObject", watch, &result);
        result
    }

    pub(crate) async fn get(self, call: GetObject) -> Result<ObjectRange, ObjectError> {
        let call = call.with_time_limit(self.left_for("GetObject")?);
        let watch = Stopwatch::start();
        let result = self.calls.get_object(&call, self.at).await;
        self.report("GetObject", watch, &result);
        result
    }

    /// Leaves time to look at the copy afterwards, as [`complete`](Self::complete) does.
    pub(crate) async fn copy(self, call: CopyObject) -> Result<CopiedObject, ObjectError> {
        let call = call.with_time_limit(self.left_before_look("CopyObject")?);
        let watch = Stopwatch::start();
        let result = self.calls.copy_object(&call, self.at).await;
        self.report("CopyObject", watch, &result);
        result
    }

    pub(crate) async fn tag(self, call: PutObjectTagging) -> Result<(), ObjectError> {
        let call = call.with_time_limit(self.left_for("PutObjectTagging")?);
        let watch = Stopwatch::start();
        let result = self.calls.put_object_tagging(&call, self.at).await;
        self.report("PutObjectTagging", watch, &result);
        result
    }

    pub(crate) async fn tags(self, call: GetObjectTagging) -> Result<ObjectTags, ObjectError> {
        let call = call.with_time_limit(self.left_for("GetObjectTagging")?);
        let watch = Stopwatch::start();
        let result = self.calls.get_object_tagging(&call, self.at).await;
        self.report("GetObjectTagging", watch, &result);
        result
    }

    pub(crate) async fn delete(self, call: DeleteObject) -> Result<(), ObjectError> {
        let call = call.with_time_limit(self.left_for("DeleteObject")?);
        let watch = Stopwatch::start();
        let result = self.calls.delete_object(&call, self.at).await;
        self.report("DeleteObject", watch, &result);
        result.map(|_| ())
    }

    /// Returns the time for a call whose outcome may have to be looked at.
    fn left_before_look(&self, operation: &'static str) -> Result<Duration, ObjectError> {
        let to_look = self.calls.time_per_request() / SHARE_TO_LOOK;
        let limit = self.left_for(operation)?.saturating_sub(to_look);
        if limit < to_look { Err(self.too_late(operation)) } else { Ok(limit) }
    }

    /// Returns the time that is left for the request.
    fn left(&self) -> Duration {
        self.calls.time_per_request().saturating_sub(self.watch.elapsed())
    }

    fn left_for(&self, operation: &'static str) -> Result<Duration, ObjectError> {
        let left = self.left();
        if left.is_zero() { Err(self.too_late(operation)) } else { Ok(left) }
    }

    /// Returns the error of a call that is not made because the time of the request has passed.
    fn too_late(&self, operation: &'static str) -> ObjectError {
        ObjectError::new(operation, CallFailure::Timeout(self.watch.elapsed())).with_attempts(0)
    }

    fn report<T>(
        self,
        operation: &'static str,
        watch: Stopwatch,
        result: &Result<T, ObjectError>,
    ) -> Duration {
        let duration = watch.elapsed();
        let event = StoreCallEvent::new(operation, duration, self.at).with_error(result.as_ref().err());
        self.observers.iter().for_each(|observer| observer.store_called(&event));
        duration
    }
}

/// One nth of the time of a request is kept to look at the object: 3 s by default.
const SHARE_TO_LOOK: u32 = 8;
