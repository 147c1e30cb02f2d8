//! Uploads of one client, from the first request to the finished object.

use upsign::policy::{Checksum, ChecksumAlgorithm, ChecksumKind, MultipartMode};
use upsign::session::{CompletedObject, OpenUpload, SessionError, UploadState, UploadStatus};
use upsign::{Upload, UploadRequest};

use crate::checksums::base64;
use crate::store::{Store, now};
use crate::uploader::{PART_SIZE, Service, Uploader};

/// Returns `len` bytes that differ from those of other seeds.
pub(crate) fn bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        bytes.extend_from_slice(&next());
    }
    bytes.truncate(len);
    bytes
}

pub(crate) async fn status(upload: &Uploader<'_>) -> UploadStatus {
    let Service { service, caller, .. } = upload.service;
    service.upload_status(caller, &upload.token, now()).await.unwrap()
}

async fn open(upload: &Uploader<'_>) -> OpenUpload {
    let open = match status(upload).await.state {
        UploadState::Open(open) => Some(open),
        UploadState::Completed(_) | UploadState::Gone => None,
    };
    open.unwrap()
}

async fn completed(upload: &Uploader<'_>) -> CompletedObject {
    let object = match status(upload).await.state {
        UploadState::Completed(object) => Some(object),
        UploadState::Open(_) | UploadState::Gone => None,
    };
    object.unwrap()
}

fn service(store: &Store, algorithm: Option<ChecksumAlgorithm>) -> Service {
    Service::new(store, MultipartMode::Always, algorithm.is_some())
}

/// Returns the object as a client sees it: whether it was complete before is not part of the answer.
fn visible(object: CompletedObject) -> CompletedObject {
    let mut object = object;
    object.was_complete = false;
    object
}

/// Checks the finished upload: its bytes, its status, that repeating changes nothing, and that it cannot be aborted.
async fn check_finished(
    upload: &Uploader<'_>,
    parts: &[upsign::session::ClientPart],
    total: Option<&[u8]>,
    file: &[u8],
    object: CompletedObject,
) {
    let Service { service, caller, .. } = upload.service;
    assert_eq!((&object.key, object.size), (&upload.grant.key, u64::try_from(file.len()).unwrap()));
    assert!(!object.was_complete);
    assert!(upload.service.bytes(&object.key).await.unwrap() == file, "the object has other bytes");

    let repeated = upload.complete(parts, total).await.unwrap();
    assert!(repeated.was_complete);
    assert_eq!(visible(repeated), visible(object.clone()));
    let found = completed(upload).await;
    assert_eq!((found.size, &found.etag), (object.size, &object.etag));

    let aborted = service.abort_upload(caller, &upload.token, now()).await.unwrap_err();
    assert!(matches!(aborted, SessionError::AlreadyCompleted { .. }), "{aborted}");
    assert!(upload.service.bytes(&object.key).await.is_some(), "the object is gone");
}

pub(crate) async fn three_parts(store: &Store, algorithm: Option<ChecksumAlgorithm>, states_total: bool) {
    let service = service(store, algorithm);
    let file = bytes(1, 2 * PART_SIZE + 12_345);
    let upload = service.begin(Some(file.len()), algorithm).await;
    assert_eq!(upload.plan().part_count(), 3);
    assert_eq!(open(&upload).await.missing.to_string(), "1-3");

    let second = upload.put(2, &file[PART_SIZE..2 * PART_SIZE]).await.unwrap();
    let found = open(&upload).await;
    assert_eq!((found.missing.to_string(), found.bytes), ("1,3".to_owned(), PART_SIZE as u64));
    assert_eq!(found.parts[0].etag, second.etag);
    let total = states_total.then_some(file.as_slice());
    let early = upload.complete(&[second], total).await.unwrap_err();
    assert!(matches!(early, SessionError::PartsUnlisted { .. }), "{early}");

    // Sends the second part again, as a client does that has not received the answer.
    let parts = upload.put_all(&file).await;
    assert!(open(&upload).await.missing.is_empty());
    let object = upload.complete(&parts, total).await.unwrap();
    let full = (upload.checksum_kind() == Some(ChecksumKind::FullObject)).then_some(algorithm).flatten();
    if states_total {
        let expected = full.map(|algorithm| base64(algorithm, &file));
        assert_eq!(object.checksum.as_ref().map(Checksum::as_base64), expected.as_deref());
    }
    check_finished(&upload, &parts, total, &file, object).await;
}

pub(crate) async fn unknown_size(store: &Store, algorithm: Option<ChecksumAlgorithm>) {
    let service = service(store, algorithm);
    for len in [1, PART_SIZE, PART_SIZE + 1] {
        let file = bytes(2, len);
        let upload = service.begin(None, algorithm).await;
        let parts = upload.put_all(&file).await;
        let object = upload.complete(&parts, Some(&file)).await.unwrap();
        check_finished(&upload, &parts, Some(&file), &file, object).await;
    }
}

pub(crate) async fn empty_object(store: &Store, algorithm: Option<ChecksumAlgorithm>) {
    let service = service(store, algorithm);
    let upload = service.begin(Some(0), algorithm).await;
    let parts = upload.put_all(b"").await;
    let object = upload.complete(&parts, Some(b"")).await.unwrap();
    check_finished(&upload, &parts, Some(b""), b"", object).await;
}

/// Sends each part with one byte less and one byte more than its URL signs.
pub(crate) async fn parts_of_other_lengths(store: &Store) {
    let service = service(store, None);
    let file = bytes(3, PART_SIZE + 10);
    let upload = service.begin(Some(file.len()), None).await;
    for (number, part) in (1..).zip(file.chunks(PART_SIZE)) {
        for sent in [&part[..part.len() - 1], &[part, b"x"].concat()] {
            let refusal = upload.put_as(number, part, sent).await.unwrap_err();
            // The store can close the connection before all bytes of a large part have arrived.
            assert!(number == 1 || refusal.starts_with("403"), "{}: {refusal}", store.name);
            let found = open(&upload).await;
            assert_eq!((found.missing.to_string(), found.bytes), ("1-2".to_owned(), 0), "{}", store.name);
        }
    }
    let parts = upload.put_all(&file).await;
    assert_eq!(upload.complete(&parts, Some(&file)).await.unwrap().size, file.len() as u64);
}

pub(crate) async fn aborted(store: &Store) {
    let service = service(store, None);
    let file = bytes(3, 1_000);
    let upload = service.begin(Some(file.len()), None).await;
    let part = upload.put(1, &file).await.unwrap();
    for _ in 0..2 {
        let key = service.service.abort_upload(&service.caller, &upload.token, now()).await.unwrap();
        assert_eq!(key, upload.grant.key);
    }
    assert_eq!(status(&upload).await.state, UploadState::Gone);
    let refused = upload.put(1, &file).await.unwrap_err();
    assert!(refused.starts_with("404"), "{refused}");
    let gone = upload.complete(&[part], None).await.unwrap_err();
    assert!(matches!(gone, SessionError::Gone), "{gone}");
    assert_eq!(service.bytes(&upload.grant.key).await, None);
}

/// A client that has lost the answer to its `PUT` asks whether the object exists.
pub(crate) async fn status_of_a_put(store: &Store) {
    let service = Service::new(store, MultipartMode::Auto, false);
    let file = bytes(4, 1_000);
    let request = UploadRequest::described()
        .with_content_type("video/mp4")
        .with_content_length(u64::try_from(file.len()).unwrap());
    let grant = service.service.issue(&service.caller, None, &request, now()).await.unwrap();
    let put = match &grant.upload {
        Upload::Put(put) => Some(put),
        _ => None,
    };
    let put = put.unwrap();
    let token = grant.token.as_ref().unwrap().expose();
    let state =
        || async { service.service.upload_status(&service.caller, token, now()).await.unwrap().state };
    assert!(matches!(state().await, UploadState::Open(_)));
    let send = || async {
        let mut request = service.http.put(put.url.expose()).body(file.clone());
        for (name, value) in &put.headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status()
    };
    assert_eq!(send().await, 200);
    assert_eq!(send().await, 412, "{}: the object was replaced", store.name);
    let object = match state().await {
        UploadState::Completed(object) => Some(object),
        UploadState::Open(_) | UploadState::Gone => None,
    };
    assert_eq!(object.unwrap().size, 1_000);
}
