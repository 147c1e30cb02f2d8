//! How a multipart upload begins: which requests create one, what the store and the client receive, and what fails.

use std::time::Duration;

use upsign::objects::{CallFailure, ObjectError};
use upsign::policy::{MultipartMode, PlannedSize, Replace};
use upsign::session::{SessionMethod, UploadSession};
use upsign::types::{ExpiryPrecision, Provider};
use upsign::{Decision, IssueError, UploadGrant, UploadIssuer, UploadService};
use upsign_testing::mocks::{MockAuthorize, MockObjectCalls};

use super::*;

/// Returns the session of the token of a grant.
fn session(grant: &UploadGrant) -> UploadSession {
    let token = grant.upload_token().unwrap();
    keys().verify(token.expose(), &alice(), at(), |_| Some(target())).unwrap()
}

#[tokio::test]
async fn upload_is_created_and_its_token_binds_it() {
    let mut store = MockObjectCalls::new();
    store.expect_create_multipart_upload().times(1).returning(|call, time| {
        assert_eq!(time, at());
        let header = |name| call.headers().get(name);
        assert_eq!(header("content-type"), Some("video/mp4"));
        assert_eq!(header("x-amz-checksum-algorithm"), Some("CRC64NVME"));
        assert_eq!(header("x-amz-checksum-type"), Some("FULL_OBJECT"));
        for absent in ["content-length", "if-none-match", "content-md5"] {
            assert_eq!(header(absent), None, "{absent}");
        }
        Ok("VXBsb2FkSWQ".parse().unwrap())
    });
    let (service, observer) = observed(service(store));
    let grant = service.issue(&alice(), None, &video(SIZE), at()).await.unwrap();

    assert_eq!((grant.expires_in.as_secs(), grant.expires_at), (86_400, at().saturating_add(86_400)));
    assert_eq!((grant.expiry_precision, &grant.token), (ExpiryPrecision::Exact, &None));
    let multipart = grant.upload.multipart().unwrap();
    assert_eq!(multipart.plan, PlannedSize::Exact(plan(SIZE)));
    assert_eq!((multipart.parts_at_once, multipart.checksum), (4, FULL_CRC64));
    assert!(grant.upload.put().is_none() && grant.upload.post().is_none());

    let session = session(&grant);
    let bound = session.upload();
    assert_eq!(
        (&bound.route, &bound.key, bound.size, bound.checksum),
        (&None, &grant.key, multipart.plan, FULL_CRC64)
    );
    assert_eq!(bound.method, SessionMethod::Multipart("VXBsb2FkSWQ".parse().unwrap()));
    assert!(bound.is_at(&target()) && session.belongs_to(&alice()));
    assert_eq!((session.issued_at(), session.expires_at()), (at(), grant.expires_at));
    assert_eq!((observer.codes(), observer.store_calls()), (vec!["granted"], vec!["CreateMultipartUpload"]));
    assert!(!format!("{grant:?}").contains(multipart.token.expose()), "Debug shows the token");
}

#[tokio::test]
async fn files_up_to_the_threshold_are_stored_with_one_put() {
    let auto = || policy_with(MultipartMode::Auto, Provider::Aws.capabilities(), |builder| builder);
    for (size, is_multipart) in [(100 * MIB - 1, false), (100 * MIB, false), (100 * MIB + 1, true)] {
        let mut store = MockObjectCalls::new();
        store
            .expect_create_multipart_upload()
            .times(usize::from(is_multipart))
            .returning(|_, _| Ok("VXBsb2FkSWQ".parse().unwrap()));
        let grant = service_of(auto(), store).issue(&alice(), None, &video(size), at()).await.unwrap();
        assert_eq!(
            (grant.upload.multipart().is_some(), grant.upload.put().is_some()),
            (is_multipart, !is_multipart)
        );
    }
}

#[tokio::test]
async fn put_that_never_replaces_an_object_has_a_status_token() {
    let replacing =
        |mode, replace| policy_with(mode, Provider::Aws.capabilities(), |builder| builder.replace(replace));
    let grant = |policy| async {
        service_of(policy, MockObjectCalls::new()).issue(&alice(), None, &video(MIB), at()).await.unwrap()
    };
    let with_token = grant(replacing(MultipartMode::Auto, Replace::Never)).await;
    let session = session(&with_token);
    assert_eq!(session.upload().method, SessionMethod::Put);
    assert_eq!(session.upload().size.exact(), Some(MIB));
    assert_eq!((&session.upload().key, session.expires_at()), (&with_token.key, at().saturating_add(86_400)));
    // The lifetime of the grant is that of its URL.
    assert_eq!(with_token.expires_in.as_secs(), 900);

    let replaceable = grant(replacing(MultipartMode::Auto, Replace::Allow)).await;
    assert_eq!(replaceable.upload_token(), None);
    let single =
        UploadPolicy::builder(target(), "videos/{sub}/{id}.{ext}".parse().unwrap(), Bodyless::Refuse)
            .content_types(["video/mp4"])
            .max_size(1 << 30)
            .build()
            .unwrap();
    assert_eq!(grant(single).await.upload_token(), None, "a route without parts does not look at objects");
}

#[tokio::test]
async fn nothing_is_created_before_the_application_has_allowed_the_upload() {
    let mut authorize = MockAuthorize::new();
    authorize.expect_authorize().times(1).returning(|request| {
        assert!(request.multipart);
        assert_eq!(request.expires_in.as_secs(), 86_400);
        Ok(Decision::Deny)
    });
    // A mocked store without expectations panics when it is called.
    let issuer = issuer(policy(), MockObjectCalls::new()).with_authorizer(authorize);
    let error = issuer.issue(&alice(), &video(SIZE), at()).await.unwrap_err();
    assert!(matches!(error, IssueError::Forbidden));

    let too_large = video((1 << 30) + 1);
    let error = service(MockObjectCalls::new()).issue(&alice(), None, &too_large, at()).await.unwrap_err();
    assert_eq!(error.code(), "too-large");
}

#[tokio::test]
async fn failing_store_is_a_service_fault() {
    const OPERATION: &str = "CreateMultipartUpload";
    let begin = |error: fn() -> ObjectError| async move {
        let mut store = MockObjectCalls::new();
        store.expect_create_multipart_upload().times(1).returning(move |_, _| Err(error()));
        let (service, observer) = observed(service(store));
        let error = service.issue(&alice(), None, &video(SIZE), at()).await.unwrap_err();
        assert_eq!(observer.codes(), [error.code()]);
        assert!(error.is_service_fault());
        (error.code(), error.status(), error.retry_after())
    };
    assert_eq!(
        begin(|| ObjectError::new(OPERATION, CallFailure::Timeout(Duration::from_secs(10)))).await,
        ("store-unavailable", 503, Some(10))
    );
    let slow_down = || {
        let answer = StoreError::new(503).with_code("SlowDown").with_retry_after(3);
        ObjectError::new(OPERATION, CallFailure::Store(answer))
    };
    assert_eq!(begin(slow_down).await, ("store-unavailable", 503, Some(3)));
    assert_eq!(
        begin(|| store_error(OPERATION, 403, Some("AccessDenied"))).await,
        ("store-refused", 500, None)
    );
}

#[tokio::test]
async fn upload_whose_token_cannot_be_signed_is_aborted() {
    let begin = |aborted: Result<(), ObjectError>| async {
        let mut store = MockObjectCalls::new();
        let id: upsign::types::UploadId = "u".repeat(9_200).parse().unwrap();
        let created = id.clone();
        store.expect_create_multipart_upload().times(1).returning(move |_, _| Ok(created.clone()));
        let mut aborted = Some(aborted);
        store.expect_abort_multipart_upload().times(1).returning(move |call, _| {
            assert_eq!(call.upload_id(), &id);
            aborted.take().unwrap()
        });
        service(store).issue(&alice(), None, &video(SIZE), at()).await.unwrap_err()
    };
    for aborted in [Ok(()), Err(no_such_upload("AbortMultipartUpload"))] {
        let error = begin(aborted).await;
        assert!(matches!(error, IssueError::TokenTooLong(_)));
        assert_eq!((error.code(), error.status()), ("internal", 500));
    }
}

#[tokio::test]
async fn policy_with_parts_needs_a_store_and_keys() {
    let bare = || UploadIssuer::new(policy(), signer()).unwrap();
    assert!(bare().requires_store());
    let error = UploadService::new([Route::named("videos".parse().unwrap(), bare())]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the route `videos` permits multipart uploads: give its issuer the calls to the store and the keys of upload tokens by \
         with_store"
    );
    // These cannot fail when they are built, so every request does.
    for error in [
        UploadService::from(bare()).issue(&alice(), None, &video(SIZE), at()).await.unwrap_err(),
        bare().issue_now(&alice(), &video(SIZE), at()).unwrap_err(),
    ] {
        assert!(matches!(error, IssueError::MissingStore));
        assert_eq!((error.code(), error.status()), ("internal", 500));
    }
    let waiting = issuer(policy(), MockObjectCalls::new()).issue_now(&alice(), &video(SIZE), at());
    assert!(matches!(waiting, Err(IssueError::MultipartMustWait)));
}
