//! The headers that every request about an upload must have, such as the expected owner of the bucket.

use upsign::objects::CompletedUpload;
use upsign::policy::HeaderOptions;
use upsign::session::PartsRequest;
use upsign::types::SignedHeaders;
use upsign_testing::mocks::MockObjectCalls;

use super::*;

const OWNER: &str = "111122223333";

fn policy() -> UploadPolicy {
    policy_with(MultipartMode::Always, Provider::Aws.capabilities(), |builder| {
        builder.headers(HeaderOptions::new().expected_bucket_owner(OWNER.parse().unwrap()))
    })
}

#[track_caller]
fn assert_owner(headers: &SignedHeaders) {
    assert_eq!(headers.get("x-amz-expected-bucket-owner"), Some(OWNER));
}

/// A store that has all parts, whose calls all require the header. Each is made at least once.
fn store() -> MockObjectCalls {
    let mut store = MockObjectCalls::new();
    store.expect_create_multipart_upload().times(1).returning(|call, _| {
        assert_owner(call.headers());
        Ok("VXBsb2FkSWQ".parse().unwrap())
    });
    store.expect_list_parts().times(2).returning(|call, _| {
        assert_owner(call.headers());
        Ok(all_uploaded())
    });
    store.expect_complete_multipart_upload().times(1).returning(|call, _| {
        assert_owner(call.headers());
        // Not what the parts give, so that the object is looked at.
        Ok(CompletedUpload::new("0cc175b9c0f1b6a831c399e269772661-3".parse().unwrap()))
    });
    store.expect_abort_multipart_upload().times(1).returning(|call, _| {
        assert_owner(call.headers());
        Ok(())
    });
    store.expect_head_object().times(2).returning(|call, _| {
        assert_owner(call.headers());
        Err(absent())
    });
    store
}

#[tokio::test]
async fn headers_of_every_call_are_those_of_the_policy() {
    let service = service_of(policy(), store());
    let grant = service.issue(&alice(), None, &video(SIZE), at()).await.unwrap();
    let token = grant.upload_token().unwrap().expose();
    let parts = PartsRequest::new(vec![number(1), number(3)]).unwrap();
    let urls = service.presign_parts(&alice(), token, &parts, at()).await.unwrap();
    for part in &urls.parts {
        assert_owner(&part.headers);
        assert!(
            part.url.expose().contains("x-amz-expected-bucket-owner"),
            "the header of part {} is signed",
            part.number
        );
    }
    service.upload_status(&alice(), token, at()).await.unwrap();
    let completed = service.complete_upload(&alice(), token, &complete_request(), at()).await;
    assert_eq!(answer(completed), ("completion-uncertain", 503));
    service.abort_upload(&alice(), token, at()).await.unwrap();
}

#[tokio::test]
async fn upload_whose_token_cannot_be_signed_is_aborted_with_the_headers() {
    let mut store = MockObjectCalls::new();
    store.expect_create_multipart_upload().times(1).returning(|_, _| Ok("u".repeat(9_200).parse().unwrap()));
    store.expect_abort_multipart_upload().times(1).returning(|call, _| {
        assert_owner(call.headers());
        Ok(())
    });
    let error = service_of(policy(), store).issue(&alice(), None, &video(SIZE), at()).await.unwrap_err();
    assert_eq!(error.code(), "internal");
}
