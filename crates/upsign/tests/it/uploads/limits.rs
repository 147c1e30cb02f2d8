//! What can change while an upload lasts: the rate of the caller, its access to the route, and the application's decision.

use std::num::NonZeroU32;

use upsign::session::{PartsRequest, SessionCall};
use upsign::{Access, AuthorizeError, Decision, PerCallerRateLimit};
use upsign_testing::mocks::{MockAuthorize, MockObjectCalls};
use upsign_testing::{RecordedOutcome, UploadEvent};

use super::*;

fn request() -> PartsRequest {
    PartsRequest::new(vec![number(1)]).unwrap()
}

fn once() -> PerCallerRateLimit {
    PerCallerRateLimit::new(NonZeroU32::MIN, NonZeroU32::MIN)
}

#[tokio::test]
async fn later_calls_have_a_rate_limit_of_their_own() {
    let mut store = MockObjectCalls::new();
    store.expect_create_multipart_upload().times(1).returning(|_, _| Ok("id".parse().unwrap()));
    let (service, observer) = observed(service(store).with_rate_limit(once()).with_call_rate_limit(once()));
    service.issue(&alice(), None, &video(SIZE), at()).await.unwrap();
    assert!(service.presign_parts(&alice(), &token(None), &request(), at()).await.is_ok());
    let error = service.presign_parts(&alice(), &token(None), &request(), at()).await.unwrap_err();
    assert_eq!((error.code(), error.status(), error.retry_after()), ("too-many-requests", 429, Some(60)));
    assert_eq!(answer(service.upload_status(&alice(), &token(None), at()).await), ("too-many-requests", 429));
    let complete = service.complete_upload(&alice(), &token(None), &complete_request(), at()).await;
    assert_eq!(answer(complete), ("too-many-requests", 429));
    assert_eq!(answer(service.abort_upload(&alice(), &token(None), at()).await), ("too-many-requests", 429));
    let limited = ["too-many-requests"; 4];
    assert_eq!(observer.codes(), [["granted", "parts"].as_slice(), &limited].concat());
}

#[tokio::test]
async fn caller_that_lost_its_access_is_refused() {
    let issuer = issuer(policy(), MockObjectCalls::new());
    let route = Route::named("videos".parse().unwrap(), issuer);
    let route = route.with_access(Access::unrestricted().with_groups(["editors"]));
    let (service, observer) = observed(UploadService::new([route]).unwrap());
    let token = sign(SessionUpload {
        route: Some("videos".parse().unwrap()),
        ..upload(PlannedSize::Exact(plan(SIZE)), None)
    });
    assert!(service.presign_parts(&alice(), &token, &request(), at()).await.is_ok());

    let banned = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let denied = ("route-forbidden", 403);
    assert_eq!(answer(service.presign_parts(&banned, &token, &request(), at()).await), denied);
    assert_eq!(answer(service.upload_status(&banned, &token, at()).await), denied);
    assert_eq!(answer(service.complete_upload(&banned, &token, &complete_request(), at()).await), denied);
    assert_eq!(answer(service.abort_upload(&banned, &token, at()).await), denied);
    let refusals = observer.refusals();
    assert_eq!(refusals.len(), 4);
    for refusal in refusals {
        assert_eq!(refusal.route.as_deref(), Some("videos"));
        let reason = refusal.reason.unwrap();
        assert!(reason.contains("the caller has no group, expected one of editors"), "{reason}");
    }
}

#[tokio::test]
async fn application_can_stop_an_upload() {
    let mut authorize = MockAuthorize::new();
    authorize.expect_authorize_later().times(2).returning(|request| {
        assert_eq!((request.caller.subject().as_str(), request.at), ("alice", at()));
        assert_eq!(request.session.upload().key.as_str(), "videos/alice/1.mp4");
        match request.call {
            SessionCall::Parts => Ok(Decision::Deny),
            SessionCall::Complete => Err(AuthorizeError::new("the database is in maintenance")),
            other => panic!("{other:?}"),
        }
    });
    // Looking and aborting stay possible: they give the caller nothing.
    let mut store = MockObjectCalls::new();
    store.expect_list_parts().times(1).returning(|_, _| Ok(PartList::default()));
    store.expect_abort_multipart_upload().times(1).returning(|_, _| Ok(()));
    store.expect_head_object().times(1).returning(|_, _| Err(absent()));
    let issuer = issuer(policy(), store).with_authorizer(authorize);
    let (service, observer) = observed(UploadService::new([Route::unnamed(issuer)]).unwrap());
    let parts = service.presign_parts(&alice(), &token(None), &request(), at()).await;
    assert_eq!(answer(parts), ("forbidden", 403));
    let complete =
        service.complete_upload(&alice(), &token(None), &complete_request(), at()).await.unwrap_err();
    assert_eq!(
        (complete.code(), complete.status(), complete.retry_after()),
        ("authorization-unavailable", 503, Some(10))
    );
    assert!(service.upload_status(&alice(), &token(None), at()).await.is_ok());
    assert!(service.abort_upload(&alice(), &token(None), at()).await.is_ok());
    assert_eq!(observer.codes(), ["forbidden", "authorization-unavailable", "status", "abort"]);
    assert_eq!(observer.store_calls(), ["ListParts", "AbortMultipartUpload", "HeadObject"]);
}

#[tokio::test]
async fn observers_receive_every_answer_with_its_upload() {
    let mut store = MockObjectCalls::new();
    store.expect_abort_multipart_upload().times(1).returning(|_, _| Ok(()));
    store.expect_head_object().times(1).returning(|_, _| Err(absent()));
    let (service, observer) = observed(service(store));
    service.presign_parts(&alice(), &token(None), &request(), at()).await.unwrap();
    service.abort_upload(&alice(), &token(None), at()).await.unwrap();
    let outcomes: Vec<_> = observer
        .take()
        .into_iter()
        .map(|event| match event {
            UploadEvent::Session(call) => {
                assert_eq!((&call.caller, call.at), (&alice(), at()));
                assert_eq!(call.session.upload(), &upload(PlannedSize::Exact(plan(SIZE)), None));
                call.outcome
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(outcomes, [RecordedOutcome::PartsSigned(1), RecordedOutcome::Aborted]);
}
