//! Answers of the embedded store that never arrive, at the service and at the client.

use upsign::policy::{ChecksumAlgorithm, MultipartMode};
use upsign::session::{SessionError, UploadState};
use upsign_local::{Fault, FaultyCall};

use crate::lifecycle::bytes;
use crate::store::{Store, now};
use crate::uploader::Service;

const CRC: Option<ChecksumAlgorithm> = Some(ChecksumAlgorithm::Crc64nvme);

/// The store completes the upload, and none of the first answers arrives.
pub(crate) async fn answers_of_completions(store: &Store) {
    let service = Service::new(store, MultipartMode::Always, true);
    // The service makes up to 4 attempts, so more lost answers reach its client.
    for lost in [1, 2, 4] {
        let file = bytes(10, 1_000);
        let upload = service.begin(Some(file.len()), CRC).await;
        let parts = upload.put_all(&file).await;
        for nth in 1..=lost {
            store.faults.inject(FaultyCall::CompleteMultipartUpload, nth, Fault::LoseAnswer);
        }
        let object = upload.complete(&parts, Some(&file)).await.unwrap();
        assert!(object.was_complete, "{lost} lost answers");
        assert_eq!(store.faults.remaining(), 0);
        assert_eq!(service.bytes(&object.key).await.unwrap(), file);
    }
}

/// The store never receives the call. The outcome is not known, and repeating resolves it.
pub(crate) async fn lost_requests_can_be_repeated(store: &Store) {
    let service = Service::new(store, MultipartMode::Always, true);
    let file = bytes(11, 1_000);
    let upload = service.begin(Some(file.len()), CRC).await;
    let parts = upload.put_all(&file).await;
    for nth in 1..=4 {
        store.faults.inject(FaultyCall::CompleteMultipartUpload, nth, Fault::LoseRequest);
    }
    let error = upload.complete(&parts, Some(&file)).await.unwrap_err();
    assert!(matches!(error, SessionError::Uncertain(_)), "{error}");
    assert_eq!((error.code(), error.retry_after()), ("completion-uncertain", Some(5)));
    assert_eq!(service.bytes(&upload.grant.key).await, None);
    let object = upload.complete(&parts, Some(&file)).await.unwrap();
    assert!(!object.was_complete);
    assert_eq!(service.bytes(&object.key).await.unwrap(), file);
}

/// The store keeps a part whose answer is lost. The status shows it, and sending it again changes nothing.
pub(crate) async fn answer_of_a_put(store: &Store) {
    let service = Service::new(store, MultipartMode::Always, true);
    let file = bytes(12, 1_000);
    let upload = service.begin(Some(file.len()), CRC).await;
    store.faults.inject(FaultyCall::UploadPart, 1, Fault::LoseAnswer);
    upload.put(1, &file).await.unwrap_err();
    let state = service.service.upload_status(&service.caller, &upload.token, now()).await.unwrap().state;
    assert!(matches!(&state, UploadState::Open(open) if open.parts.len() == 1), "{state:?}");
    let part = upload.put(1, &file).await.unwrap();
    upload.complete(&[part], Some(&file)).await.unwrap();
    assert_eq!(service.bytes(&upload.grant.key).await.unwrap(), file);
}

/// The store answers errors for longer than the service repeats its calls.
pub(crate) async fn failing_store(store: &Store) {
    let service = Service::new(store, MultipartMode::Always, true);
    let file = bytes(13, 1_000);
    let upload = service.begin(Some(file.len()), CRC).await;
    let parts = upload.put_all(&file).await;
    for nth in 1..=4 {
        store.faults.inject(FaultyCall::ListParts, nth, Fault::SlowDown);
    }
    let error = upload.complete(&parts, Some(&file)).await.unwrap_err();
    assert_eq!((error.code(), error.status()), ("store-unavailable", 503));
    for nth in 1..=4 {
        store.faults.inject(FaultyCall::CompleteMultipartUpload, nth, Fault::InternalError);
    }
    let error = upload.complete(&parts, Some(&file)).await.unwrap_err();
    assert_eq!(error.code(), "completion-uncertain", "an internal error leaves open what was done");
    assert_eq!(store.faults.remaining(), 0);
    upload.complete(&parts, Some(&file)).await.unwrap();
    assert_eq!(service.bytes(&upload.grant.key).await.unwrap(), file);
}
