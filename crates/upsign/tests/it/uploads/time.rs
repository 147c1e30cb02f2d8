//! The time of one request, which all its calls to the store share.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use upsign::objects::{
    AbortMultipartUpload, CompleteMultipartUpload, CompletedUpload, CopiedObject, CopyObject,
    CreateMultipartUpload, DeleteObject, DeletedObject, GetObject, GetObjectTagging, HeadObject, ListParts,
    ObjectCalls, ObjectRange, ObjectTags, PutObjectTagging,
};
use upsign::types::UploadId;

use super::*;

const PER_REQUEST: Duration = Duration::from_millis(480);
/// Of the time of a request, an eighth is kept to look at the object.
const TO_LOOK: Duration = Duration::from_millis(60);

/// A store that delays each of its calls, as a call over HTTP does that is repeated until its time has passed.
#[derive(Clone, Debug)]
struct SlowStore {
    list_takes: Duration,
    complete_takes: Duration,
    is_complete: Arc<AtomicBool>,
    /// The calls, and the limit that each had.
    calls: Arc<Mutex<Vec<(&'static str, Duration)>>>,
}

impl SlowStore {
    fn new(list_takes: Duration, complete_takes: Duration) -> Self {
        Self { list_takes, complete_takes, is_complete: Arc::default(), calls: Arc::default() }
    }

    fn names(&self) -> Vec<&'static str> {
        self.calls.lock().unwrap().iter().map(|(name, _)| *name).collect()
    }

    /// Returns after `takes`, or fails at the limit of the call. The thread of the test has nothing else to do.
    fn wait(
        &self,
        operation: &'static str,
        takes: Duration,
        limit: Option<Duration>,
    ) -> Result<(), ObjectError> {
        let limit = limit.unwrap();
        self.calls.lock().unwrap().push((operation, limit));
        std::thread::sleep(takes.min(limit));
        if takes < limit { Ok(()) } else { Err(ObjectError::new(operation, CallFailure::Timeout(limit))) }
    }
}

#[async_trait]
impl ObjectCalls for SlowStore {
    fn time_per_request(&self) -> Duration {
        PER_REQUEST
    }

    async fn head_object(&self, call: &HeadObject, _: Timestamp) -> Result<ObjectHead, ObjectError> {
        self.wait("HeadObject", Duration::ZERO, call.time_limit())?;
        if self.is_complete.load(Ordering::SeqCst) { Ok(head()) } else { Err(absent()) }
    }

    async fn create_multipart_upload(
        &self,
        call: &CreateMultipartUpload,
        _: Timestamp,
    ) -> Result<UploadId, ObjectError> {
        self.wait("CreateMultipartUpload", PER_REQUEST * 10, call.time_limit())?;
        Ok("VXBsb2FkSWQ".parse().unwrap())
    }

    async fn list_parts(&self, call: &ListParts, _: Timestamp) -> Result<PartList, ObjectError> {
        self.wait("ListParts", self.list_takes, call.time_limit())?;
        Ok(all_uploaded())
    }

    async fn complete_multipart_upload(
        &self,
        call: &CompleteMultipartUpload,
        _: Timestamp,
    ) -> Result<CompletedUpload, ObjectError> {
        // The object exists as soon as the call was sent. Only the answer takes time.
        self.is_complete.store(true, Ordering::SeqCst);
        let waited = self.wait("CompleteMultipartUpload", self.complete_takes, call.time_limit());
        waited.map_err(|error| error.with_uncertainty(true))?;
        Ok(CompletedUpload::new(head().etag))
    }

    async fn abort_multipart_upload(
        &self,
        call: &AbortMultipartUpload,
        _: Timestamp,
    ) -> Result<(), ObjectError> {
        self.wait("AbortMultipartUpload", PER_REQUEST * 10, call.time_limit())
    }

    async fn get_object(&self, _: &GetObject, _: Timestamp) -> Result<ObjectRange, ObjectError> {
        Err(store_error("GetObject", 501, None))
    }

    async fn copy_object(&self, _: &CopyObject, _: Timestamp) -> Result<CopiedObject, ObjectError> {
        Err(store_error("CopyObject", 501, None))
    }

    async fn get_object_tagging(
        &self,
        _: &GetObjectTagging,
        _: Timestamp,
    ) -> Result<ObjectTags, ObjectError> {
        Err(store_error("GetObjectTagging", 501, None))
    }

    async fn put_object_tagging(&self, _: &PutObjectTagging, _: Timestamp) -> Result<(), ObjectError> {
        Err(store_error("PutObjectTagging", 501, None))
    }

    async fn delete_object(&self, _: &DeleteObject, _: Timestamp) -> Result<DeletedObject, ObjectError> {
        Err(store_error("DeleteObject", 501, None))
    }
}

fn service_with(store: &SlowStore) -> UploadService<Signer> {
    let issuer = UploadIssuer::new(policy(), signer()).unwrap().with_store(store.clone(), keys());
    UploadService::new([Route::unnamed(issuer)]).unwrap()
}

/// Completes an upload, and returns the size or the code, and how long it took.
async fn complete(store: &SlowStore) -> (Result<u64, &'static str>, Duration) {
    let began = Instant::now();
    let done = service_with(store).complete_upload(&alice(), &token(None), &complete_request(), at()).await;
    (done.map(|object| object.size).map_err(|error| error.code()), began.elapsed())
}

#[tokio::test]
async fn calls_of_a_request_share_its_time() {
    let store = SlowStore::new(PER_REQUEST / 3, PER_REQUEST * 10);
    let (done, took) = complete(&store).await;
    // The completion ends early enough to look at the object, which shows that it succeeded.
    assert_eq!(done, Ok(SIZE));
    assert_eq!(store.names(), ["ListParts", "CompleteMultipartUpload", "HeadObject"]);
    assert!(took < PER_REQUEST, "{took:?}");
    let limits: Vec<Duration> = store.calls.lock().unwrap().iter().map(|(_, limit)| *limit).collect();
    assert!(limits[1] <= PER_REQUEST - PER_REQUEST / 3 - TO_LOOK, "{limits:?}");
    assert!(limits[2] <= TO_LOOK, "{limits:?}");
}

/// The outcome of a completion without time to look at the object would not be known.
#[tokio::test]
async fn completion_is_not_begun_too_late() {
    for list_takes in [PER_REQUEST - TO_LOOK, PER_REQUEST * 10] {
        let store = SlowStore::new(list_takes, Duration::ZERO);
        let (done, took) = complete(&store).await;
        assert_eq!(done, Err("store-unavailable"));
        assert_eq!(store.names(), ["ListParts"]);
        assert!(took < PER_REQUEST * 2, "{took:?}");
    }
}

#[tokio::test]
async fn every_request_has_the_limit() {
    let store = SlowStore::new(PER_REQUEST * 10, Duration::ZERO);
    let service = service_with(&store);
    let began = Instant::now();
    let begun = service.issue(&alice(), None, &video(SIZE), at()).await.unwrap_err();
    let status = service.upload_status(&alice(), &token(None), at()).await.unwrap_err();
    let aborted = service.abort_upload(&alice(), &token(None), at()).await.unwrap_err();
    assert_eq!([begun.code(), status.code(), aborted.code()], ["store-unavailable"; 3]);
    assert_eq!(store.names(), ["CreateMultipartUpload", "ListParts", "AbortMultipartUpload"]);
    assert!(began.elapsed() < PER_REQUEST * 5, "{:?}", began.elapsed());
}
