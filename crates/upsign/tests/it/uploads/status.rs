//! The status of uploads: open, completed, gone, and of a single `PUT`.

use upsign::session::{CompletedObject, OpenUpload, UploadState};
use upsign_testing::mocks::MockObjectCalls;

use super::*;

fn listing(list: PartList) -> MockObjectCalls {
    let mut store = MockObjectCalls::new();
    store.expect_list_parts().times(1).returning(move |call, _| {
        assert_eq!((call.key().as_str(), call.upload_id().as_str()), ("videos/alice/1.mp4", "VXBsb2FkSWQ"));
        Ok(list.clone())
    });
    store
}

async fn open(size: PlannedSize, list: PartList) -> OpenUpload {
    let status =
        service(listing(list)).upload_status(&alice(), &sign(upload(size, None)), at()).await.unwrap();
    assert_eq!((status.key.as_str(), status.size), ("videos/alice/1.mp4", size));
    assert_eq!(status.expires_at, at().saturating_add(86_400));
    let open = match status.state {
        UploadState::Open(open) => Some(open),
        UploadState::Completed(_) | UploadState::Gone => None,
    };
    open.unwrap()
}

/// A store without the upload.
fn ended(head: Result<ObjectHead, fn() -> ObjectError>) -> MockObjectCalls {
    let mut store = MockObjectCalls::new();
    store.expect_list_parts().times(1).returning(|_, _| Err(no_such_upload("ListParts")));
    store.expect_head_object().times(1).returning(move |call, _| {
        assert_eq!(call.key().as_str(), "videos/alice/1.mp4");
        head.clone().map_err(|error| error())
    });
    store
}

async fn state(store: MockObjectCalls, token: &str) -> Result<UploadState, SessionError> {
    service(store).upload_status(&alice(), token, at()).await.map(|status| status.state)
}

#[tokio::test]
async fn open_upload_shows_what_is_there_and_what_is_missing() {
    let exact = PlannedSize::Exact(plan(SIZE));
    let nothing = open(exact, PartList::default()).await;
    assert_eq!((nothing.parts.len(), nothing.bytes, nothing.missing.to_string()), (0, 0, "1-3".to_owned()));

    let some = open(exact, PartList::new(vec![uploaded(3, 2 * MIB), uploaded(1, PART_SIZE)])).await;
    assert_eq!(some.parts, [uploaded(1, PART_SIZE), uploaded(3, 2 * MIB)]);
    assert_eq!(
        (some.bytes, some.missing.to_string(), some.wrong.is_empty()),
        (7 * MIB, "2".to_owned(), true)
    );

    let all = open(exact, all_uploaded()).await;
    assert_eq!((all.bytes, all.missing.is_empty()), (SIZE, true));
}

#[tokio::test]
async fn parts_that_contradict_the_plan_are_wrong() {
    let list = PartList::new(vec![uploaded(1, PART_SIZE - 1), uploaded(2, PART_SIZE), uploaded(4, 1)]);
    let found = open(PlannedSize::Exact(plan(SIZE)), list).await;
    assert_eq!((found.wrong.to_string(), found.missing.to_string()), ("1,4".to_owned(), "1,3".to_owned()));
    assert_eq!(found.bytes, PART_SIZE);
}

#[tokio::test]
async fn end_of_an_upload_of_unknown_size_is_not_known() {
    let size = PlannedSize::AtMost(plan(SIZE));
    let found = open(size, PartList::new(vec![uploaded(2, 7)])).await;
    assert_eq!((found.bytes, found.missing.to_string()), (7, "1".to_owned()));
    let found = open(size, PartList::new(vec![uploaded(1, PART_SIZE), uploaded(2, 7)])).await;
    assert!(found.missing.is_empty() && found.wrong.is_empty());
    let found = open(size, PartList::new(vec![uploaded(1, 7), uploaded(2, 7)])).await;
    assert_eq!(found.wrong.to_string(), "1", "a part before the last one is short");
}

#[tokio::test]
async fn completed_upload_shows_its_object() {
    let UploadState::Completed(object) = state(ended(Ok(head())), &token(None)).await.unwrap() else {
        panic!("not completed");
    };
    let CompletedObject { key, size, etag, version_id, checksum, content_type, was_complete, .. } = object;
    assert_eq!(
        (key.as_str(), size, etag.as_str()),
        ("videos/alice/1.mp4", SIZE, format!("{DIGEST}-3").as_str())
    );
    assert_eq!((version_id, checksum, content_type.as_str(), was_complete), (None, None, "video/mp4", true));
}

#[tokio::test]
async fn aborted_upload_is_gone() {
    assert_eq!(state(ended(Err(absent)), &token(None)).await.unwrap(), UploadState::Gone);
    // Someone else's object is not this upload.
    let other = ObjectHead::new(SIZE + 1, DIGEST.parse().unwrap());
    assert_eq!(state(ended(Ok(other)), &token(None)).await.unwrap(), UploadState::Gone);
}

#[tokio::test]
async fn status_of_a_put_is_that_of_its_object() {
    let put = |size| sign(SessionUpload { method: SessionMethod::Put, ..upload(size, None) });
    let one_part = MultipartPlan::restore(SIZE, SIZE).unwrap();
    let looking = |head: Result<ObjectHead, fn() -> ObjectError>| {
        let mut store = MockObjectCalls::new();
        store.expect_head_object().times(1).returning(move |_, _| head.clone().map_err(|error| error()));
        store
    };
    let exact = put(PlannedSize::Exact(one_part));
    let found = |size| Ok(ObjectHead::new(size, DIGEST.parse().unwrap()));
    let completed = state(looking(found(SIZE)), &exact).await.unwrap();
    assert!(matches!(completed, UploadState::Completed(object) if object.size == SIZE));
    let mut with_checksum = ObjectHead::new(SIZE, DIGEST.parse().unwrap());
    let crc = upsign_objects::Checksum::parse(upsign_objects::ChecksumAlgorithm::Crc64nvme, "AAAAAAAAAAA=")
        .unwrap();
    with_checksum.checksums = vec![crc];
    let completed = state(looking(Ok(with_checksum)), &exact).await.unwrap();
    let UploadState::Completed(object) = completed else { panic!("not completed") };
    assert_eq!(object.checksum.unwrap().as_base64(), "AAAAAAAAAAA=", "computed by the store");
    let UploadState::Open(open) = state(looking(Err(absent)), &exact).await.unwrap() else {
        panic!("not open")
    };
    assert_eq!((open.missing.to_string(), open.parts.len()), ("1".to_owned(), 0));
    assert_eq!(answer(state(looking(found(SIZE - 1)), &exact).await), ("object-exists", 409));
    let at_most = put(PlannedSize::AtMost(one_part));
    assert!(matches!(state(looking(found(1)), &at_most).await, Ok(UploadState::Completed(_))));
    assert_eq!(answer(state(looking(found(SIZE + 1)), &at_most).await), ("object-exists", 409));
}

#[tokio::test]
async fn failing_store_is_a_service_fault() {
    let mut store = MockObjectCalls::new();
    store.expect_list_parts().returning(|_, _| Err(store_error("ListParts", 403, Some("AccessDenied"))));
    assert_eq!(answer(state(store, &token(None)).await), ("store-refused", 500));
    let refused = || store_error("HeadObject", 403, None);
    let (service, observer) = observed(service(ended(Err(refused))));
    let result = service.upload_status(&alice(), &token(None), at()).await;
    assert_eq!(answer(result), ("store-refused", 500));
    // S3 hides that an object is missing from those who may not list the bucket, so the log says what the role needs.
    let reason = observer.refusals()[0].reason.clone().unwrap();
    assert!(reason.contains("s3:GetObject") && reason.contains("s3:ListBucket"), "{reason}");
    let unavailable = || store_error("HeadObject", 503, None);
    assert_eq!(answer(state(ended(Err(unavailable)), &token(None)).await), ("store-unavailable", 503));
}
