//! Calls to the store, each timed and reported to the observers.

use std::sync::Arc;
use std::time::Duration;

use upsign_core::{Timestamp, UploadId};
use upsign_objects::{
    AbortMultipartUpload, CompleteMultipartUpload, CompletedUpload, CreateMultipartUpload, HeadObject,
    ListParts, ObjectCalls, ObjectError, ObjectHead, PartList,
};

use crate::observe::{StoreCallEvent, UploadObserver};
use crate::world::Stopwatch;

/// The store of one request.
#[derive(Clone, Copy)]
pub(crate) struct Store<'a> {
    calls: &'a dyn ObjectCalls,
    observers: &'a [Arc<dyn UploadObserver>],
    at: Timestamp,
}

impl<'a> Store<'a> {
    pub(crate) const fn new(
        calls: &'a dyn ObjectCalls,
        observers: &'a [Arc<dyn UploadObserver>],
        at: Timestamp,
    ) -> Self {
        Self { calls, observers, at }
    }

    /// Also returns how long the call took.
    pub(crate) async fn create(
        self,
        call: &CreateMultipartUpload,
    ) -> Result<(UploadId, Duration), ObjectError> {
        let watch = Stopwatch::start();
        let result = self.calls.create_multipart_upload(call, self.at).await;
        let duration = self.report("CreateMultipartUpload", watch, &result);
        Ok((result?, duration))
    }

    pub(crate) async fn list(self, call: &ListParts) -> Result<PartList, ObjectError> {
        let watch = Stopwatch::start();
        let result = self.calls.list_parts(call, self.at).await;
        self.report("ListParts", watch, &result);
        result
    }

    pub(crate) async fn complete(
        self,
        call: &CompleteMultipartUpload,
    ) -> Result<CompletedUpload, ObjectError> {
        let watch = Stopwatch::start();
        let result = self.calls.complete_multipart_upload(call, self.at).await;
        self.report("CompleteMultipartUpload", watch, &result);
        result
    }

    pub(crate) async fn abort(self, call: &AbortMultipartUpload) -> Result<(), ObjectError> {
        let watch = Stopwatch::start();
        let result = self.calls.abort_multipart_upload(call, self.at).await;
        self.report("AbortMultipartUpload", watch, &result);
        result
    }

    pub(crate) async fn head(self, call: &HeadObject) -> Result<ObjectHead, ObjectError> {
        let watch = Stopwatch::start();
        let result = self.calls.head_object(call, self.at).await;
        self.report("HeadObject", watch, &result);
        result
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
