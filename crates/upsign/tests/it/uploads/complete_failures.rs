//! What a failed completion means: a look at the object decides, whatever the store has answered.

use std::time::Duration;

use upsign::objects::{CallFailure, ChecksumType, CompletedUpload};
use upsign::policy::Checksum;
use upsign::session::CompletedObject;
use upsign_testing::mocks::MockObjectCalls;

use super::*;

const OPERATION: &str = "CompleteMultipartUpload";

fn timeout() -> ObjectError {
    ObjectError::new(OPERATION, CallFailure::Timeout(Duration::from_secs(30))).with_uncertainty(true)
}

fn precondition_failed() -> ObjectError {
    store_error(OPERATION, 412, Some("PreconditionFailed"))
}

fn conflict() -> ObjectError {
    store_error(OPERATION, 409, Some("ConditionalRequestConflict"))
}

fn found() -> Result<ObjectHead, ObjectError> {
    Ok(head())
}

fn other() -> Result<ObjectHead, ObjectError> {
    Ok(ObjectHead::new(SIZE - 1, DIGEST.parse().unwrap()))
}

fn nothing() -> Result<ObjectHead, ObjectError> {
    Err(absent())
}

fn no_head() -> Result<ObjectHead, ObjectError> {
    Err(store_error("HeadObject", 503, None))
}

type Head = fn() -> Result<ObjectHead, ObjectError>;

/// A name, how the completion fails, what a look at the object finds, and the size of the completed object or the answer.
type Row = (&'static str, fn() -> ObjectError, Option<Head>, Result<u64, (&'static str, u16)>);

/// A store that has all parts and fails to complete.
fn failing(error: fn() -> ObjectError, head: Option<Head>) -> MockObjectCalls {
    let mut store = MockObjectCalls::new();
    store.expect_list_parts().times(1).returning(|_, _| Ok(all_uploaded()));
    store.expect_complete_multipart_upload().times(1).returning(move |_, _| Err(error()));
    store.expect_head_object().times(usize::from(head.is_some())).returning(move |_, _| head.unwrap()());
    store
}

async fn complete(store: MockObjectCalls) -> Result<CompletedObject, SessionError> {
    service(store).complete_upload(&alice(), &token(None), &complete_request(), at()).await
}

#[tokio::test]
async fn outcomes_of_a_failed_completion() {
    let done = Ok(SIZE);
    let table: [Row; 22] = [
        ("no upload, object", || no_such_upload(OPERATION), Some(found), done),
        ("no upload, another object", || no_such_upload(OPERATION), Some(other), Err(("object-exists", 409))),
        (
            "no upload, no object",
            || no_such_upload(OPERATION),
            Some(nothing),
            Err(("completion-uncertain", 503)),
        ),
        ("no upload, no look", || no_such_upload(OPERATION), Some(no_head), Err(("store-unavailable", 503))),
        ("condition, object", precondition_failed, Some(found), done),
        ("condition, another object", precondition_failed, Some(other), Err(("object-exists", 409))),
        ("condition, no object", precondition_failed, Some(nothing), Err(("completion-uncertain", 503))),
        ("condition, no look", precondition_failed, Some(no_head), Err(("completion-uncertain", 503))),
        ("conflict, object", conflict, Some(found), done),
        ("conflict, another object", conflict, Some(other), Err(("upload-conflict", 409))),
        ("conflict, no object", conflict, Some(nothing), Err(("upload-conflict", 409))),
        ("timeout, object", timeout, Some(found), done),
        ("timeout, another object", timeout, Some(other), Err(("completion-uncertain", 503))),
        ("timeout, no object", timeout, Some(nothing), Err(("completion-uncertain", 503))),
        ("timeout, no look", timeout, Some(no_head), Err(("completion-uncertain", 503))),
        (
            "uncertain 500, object",
            || store_error(OPERATION, 500, Some("InternalError")).with_uncertainty(true),
            Some(found),
            done,
        ),
        ("uncertain condition, object", || precondition_failed().with_uncertainty(true), Some(found), done),
        (
            "wrong checksum",
            || store_error(OPERATION, 400, Some("BadDigest")),
            None,
            Err(("checksum-mismatch", 409)),
        ),
        (
            "slow down",
            || store_error(OPERATION, 503, Some("SlowDown")),
            None,
            Err(("store-unavailable", 503)),
        ),
        ("denied", || store_error(OPERATION, 403, Some("AccessDenied")), None, Err(("store-refused", 500))),
        (
            "no bucket",
            || store_error(OPERATION, 404, Some("NoSuchBucket")),
            None,
            Err(("store-refused", 500)),
        ),
        (
            "200 with an error",
            || store_error(OPERATION, 200, Some("InternalError")).with_uncertainty(true),
            Some(nothing),
            Err(("completion-uncertain", 503)),
        ),
    ];
    for (name, error, head, expected) in table {
        let result = complete(failing(error, head)).await;
        let result = match result {
            Ok(object) => {
                assert!(object.was_complete, "{name}");
                Ok(object.size)
            }
            failed => Err(answer(failed)),
        };
        assert_eq!(result, expected, "{name}");
    }
}

#[tokio::test]
async fn uncertain_completion_asks_for_a_repetition() {
    let error = complete(failing(timeout, Some(nothing))).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(5));
    let error = complete(failing(conflict, Some(nothing))).await.unwrap_err();
    assert_eq!(error.retry_after(), None);
}

#[tokio::test]
async fn repeated_completion_gives_the_same_answer() {
    let crc = Checksum::zero(ChecksumAlgorithm::Crc64nvme);
    let of_store =
        upsign::objects::Checksum::parse(upsign::objects::ChecksumAlgorithm::Crc64nvme, crc.as_base64());
    let of_store = of_store.unwrap();
    let etag: ETag = format!("{DIGEST}-3").parse().unwrap();
    let version: upsign::objects::VersionId = "3sL4kqtJlcpXroDTDmJ".parse().unwrap();

    let mut store = MockObjectCalls::new();
    store.expect_list_parts().times(1).returning(|_, _| Ok(all_uploaded()));
    let (answer_etag, answer_version, answer_checksum) = (etag.clone(), version.clone(), of_store.clone());
    store.expect_complete_multipart_upload().times(1).returning(move |_, _| {
        let mut answer = CompletedUpload::new(answer_etag.clone());
        answer.version_id = Some(answer_version.clone());
        answer.checksums = vec![answer_checksum.clone()];
        answer.checksum_type = Some(ChecksumType::FullObject);
        Ok(answer)
    });
    store.expect_list_parts().times(1).returning(|_, _| Err(no_such_upload("ListParts")));
    store.expect_head_object().times(1).returning(move |_, _| {
        let mut head = ObjectHead::new(SIZE, etag.clone());
        head.version_id = Some(version.clone());
        head.checksums = vec![of_store.clone()];
        head.checksum_type = Some(ChecksumType::FullObject);
        // Whatever else the store says of the object.
        head.content_type = Some("application/octet-stream".into());
        head.metadata = vec![("a".into(), "b".into())];
        Ok(head)
    });
    let service = service(store);
    let request = complete_request();
    let first = service.complete_upload(&alice(), &token(FULL_CRC64), &request, at()).await.unwrap();
    let mut again = service.complete_upload(&alice(), &token(FULL_CRC64), &request, at()).await.unwrap();
    assert_eq!((first.was_complete, again.was_complete), (false, true));
    assert_eq!(first.checksum, Some(crc));
    again.was_complete = false;
    assert_eq!(again, first);
}

#[tokio::test]
async fn completed_upload_with_another_checksum_is_not_ours() {
    let mut store = MockObjectCalls::new();
    store.expect_list_parts().times(1).returning(|_, _| Err(no_such_upload("ListParts")));
    store.expect_head_object().times(1).returning(|_, _| {
        let mut head = head();
        let other =
            upsign::objects::Checksum::of_bytes(upsign::objects::ChecksumAlgorithm::Crc64nvme, &[1; 8]);
        head.checksums = vec![other.unwrap()];
        Ok(head)
    });
    let request = complete_request().with_checksum("crc64nvme", "AAAAAAAAAAA=");
    let result = service(store).complete_upload(&alice(), &token(FULL_CRC64), &request, at()).await;
    assert_eq!(answer(result), ("object-exists", 409));
}

/// A second client of the caller had sent another file and completed the upload.
#[tokio::test]
async fn completed_upload_with_other_parts_is_not_ours() {
    let mut store = MockObjectCalls::new();
    store.expect_list_parts().times(1).returning(|_, _| Err(no_such_upload("ListParts")));
    store.expect_head_object().times(1).returning(|_, _| Ok(head()));
    let parts = vec![ClientPart::new(number(1), etag(1)), ClientPart::new(number(2), etag(7))];
    let parts = [parts, vec![ClientPart::new(number(3), etag(3))]].concat();
    let request = CompleteRequest::new(parts).unwrap();
    let result = service(store).complete_upload(&alice(), &token(None), &request, at()).await;
    assert_eq!(answer(result), ("object-exists", 409));
}

#[tokio::test]
async fn part_that_was_sent_again_meanwhile_is_named() {
    for code in ["InvalidPart", "InvalidPartOrder", "EntityTooSmall", "InvalidRequest"] {
        let mut store = MockObjectCalls::new();
        store.expect_list_parts().times(1).returning(|_, _| Ok(all_uploaded()));
        store
            .expect_complete_multipart_upload()
            .times(1)
            .returning(move |_, _| Err(store_error(OPERATION, 400, Some(code))));
        store.expect_list_parts().times(1).returning(|_, _| {
            let mut list = all_uploaded();
            list.parts[1].etag = etag(9);
            Ok(list)
        });
        let error = complete(store).await.unwrap_err();
        let SessionError::PartMismatch(wrong) = error else { panic!("{error}") };
        assert_eq!((wrong[0].number, &wrong[0].etag), (number(2), &etag(9)), "{code}");
    }
}

#[tokio::test]
async fn refused_parts_without_a_difference_are_a_service_fault() {
    let refused = |again: Result<PartList, fn() -> ObjectError>, head: Option<Head>| async move {
        let mut store = MockObjectCalls::new();
        store.expect_list_parts().times(1).returning(|_, _| Ok(all_uploaded()));
        store
            .expect_complete_multipart_upload()
            .times(1)
            .returning(|_, _| Err(store_error(OPERATION, 400, Some("InvalidPart"))));
        store.expect_list_parts().times(1).returning(move |_, _| again.clone().map_err(|error| error()));
        store.expect_head_object().times(usize::from(head.is_some())).returning(move |_, _| head.unwrap()());
        match complete(store).await {
            Ok(object) => Ok(object.size),
            failed => Err(answer(failed)),
        }
    };
    assert_eq!(refused(Ok(all_uploaded()), None).await, Err(("store-refused", 500)));
    assert_eq!(refused(Err(|| store_error("ListParts", 503, None)), None).await, Err(("store-refused", 500)));
    // The other client was faster.
    assert_eq!(refused(Err(|| no_such_upload("ListParts")), Some(found)).await, Ok(SIZE));
    let uncertain = Err(("completion-uncertain", 503));
    assert_eq!(refused(Err(|| no_such_upload("ListParts")), Some(nothing)).await, uncertain);
}

#[tokio::test]
async fn upload_that_has_ended_is_completed_or_gone() {
    let ended = |head: Head| async move {
        let mut store = MockObjectCalls::new();
        store.expect_list_parts().times(1).returning(|_, _| Err(no_such_upload("ListParts")));
        store.expect_head_object().times(1).returning(move |call, _| {
            // The store may show the object a moment later.
            assert!(call.has_second_look());
            head()
        });
        complete(store).await
    };
    assert!(ended(found).await.unwrap().was_complete);
    assert_eq!(answer(ended(nothing).await), ("upload-gone", 410));
    assert_eq!(answer(ended(other).await), ("object-exists", 409));
}

/// SeaweedFS answers a second completion as if it had succeeded, also if another client completed the upload.
#[tokio::test]
async fn success_that_shows_other_content_is_not_believed() {
    let crc = |byte| {
        upsign::objects::Checksum::of_bytes(upsign::objects::ChecksumAlgorithm::Crc64nvme, &[byte; 8])
            .unwrap()
    };
    let completed = |etag: &str, checksum: Option<u8>| {
        let mut answer = CompletedUpload::new(etag.parse().unwrap());
        answer.checksums = checksum.map(crc).into_iter().collect();
        answer
    };
    let object = |etag: &str, checksum: Option<u8>| {
        let mut head = ObjectHead::new(SIZE, etag.parse().unwrap());
        head.checksums = checksum.map(crc).into_iter().collect();
        Some(head)
    };
    let (ours, others) = (format!("{DIGEST}-3"), "0cc175b9c0f1b6a831c399e269772661-3");
    let mut encrypted = object(others, None);
    encrypted.as_mut().unwrap().encryption = Some("aws:kms".into());
    let refused = Err(("object-exists", 409));
    let uncertain = Err(("completion-uncertain", 503));
    // Whether the client states the checksum of zeros, the answer, what a look at the object finds, if there is one, and the result.
    for (states_checksum, answered, head, result) in [
        (true, completed(&ours, Some(0)), None, Ok(SIZE)),
        (false, completed(&ours, None), None, Ok(SIZE)),
        (true, completed(&ours, None), Some(object(&ours, Some(0))), Ok(SIZE)),
        (true, completed(&ours, None), Some(object(&ours, None)), Ok(SIZE)),
        (true, completed(&ours, None), Some(None), uncertain),
        (false, completed(others, None), Some(None), uncertain),
        (true, completed(&ours, None), Some(object(&ours, Some(1))), refused),
        (true, completed(&ours, Some(1)), Some(object(&ours, Some(1))), refused),
        (false, completed(others, None), Some(object(others, None)), refused),
        // An object that is encrypted with a key of KMS has an entity tag of another kind.
        (false, completed(others, None), Some(encrypted.clone()), Ok(SIZE)),
    ] {
        let name = format!("{states_checksum} {answered:?} {head:?}");
        let mut store = MockObjectCalls::new();
        store.expect_list_parts().times(1).returning(|_, _| Ok(all_uploaded()));
        store.expect_complete_multipart_upload().times(1).return_once(move |_, _| Ok(answered));
        store
            .expect_head_object()
            .times(usize::from(head.is_some()))
            .returning(move |_, _| head.clone().unwrap().ok_or_else(absent));
        let request = match states_checksum {
            true => complete_request().with_checksum("crc64nvme", "AAAAAAAAAAA="),
            false => complete_request(),
        };
        let done = service(store).complete_upload(&alice(), &token(FULL_CRC64), &request, at()).await;
        let found = match done {
            Ok(object) => {
                assert!(!object.was_complete, "{name}");
                Ok(object.size)
            }
            failed => Err(answer(failed)),
        };
        assert_eq!(found, result, "{name}");
    }
}

/// Success is reported only if a look shows the object.
#[tokio::test]
async fn success_that_cannot_be_confirmed_is_uncertain() {
    let unconfirmed = |head: Head| async move {
        let mut store = MockObjectCalls::new();
        store.expect_list_parts().times(1).returning(|_, _| Ok(all_uploaded()));
        store.expect_complete_multipart_upload().times(1).returning(|_, _| {
            Ok(CompletedUpload::new("0cc175b9c0f1b6a831c399e269772661-3".parse().unwrap()))
        });
        store.expect_head_object().times(1).returning(move |_, _| head());
        complete(store).await
    };
    for head in [nothing, no_head] {
        let error = unconfirmed(head).await.unwrap_err();
        assert_eq!(
            (error.code(), error.status(), error.retry_after()),
            ("completion-uncertain", 503, Some(5))
        );
    }
    // The operator must see why: repeating does not help.
    let denied = unconfirmed(|| Err(store_error("HeadObject", 403, None))).await;
    assert_eq!(answer(denied), ("store-refused", 500));
}

/// Another client completes the upload between the list of the parts and the completion, and the store shows the object late.
#[tokio::test]
async fn upload_that_ends_during_the_request_is_not_gone() {
    let mut store = failing(|| no_such_upload(OPERATION), Some(nothing));
    store.expect_list_parts().times(1).returning(|_, _| Err(no_such_upload("ListParts")));
    store.expect_head_object().times(1).returning(|_, _| Ok(head()));
    let service = service(store);
    let first = service.complete_upload(&alice(), &token(None), &complete_request(), at()).await;
    assert_eq!(answer(first), ("completion-uncertain", 503));
    let again = service.complete_upload(&alice(), &token(None), &complete_request(), at()).await;
    assert!(again.unwrap().was_complete);
}

#[tokio::test]
async fn failing_list_is_a_service_fault() {
    let mut store = MockObjectCalls::new();
    store.expect_list_parts().times(1).returning(|_, _| Err(store_error("ListParts", 503, Some("SlowDown"))));
    assert_eq!(answer(complete(store).await), ("store-unavailable", 503));
}
