//! `/uploads/abort`: before, after and instead of completing.

use http::Response;
use serde_json::json;
use upsign_testing::mocks::MockObjectCalls;

use super::{
    ABORT, ETAG, SIZE, api, assert_problem, head, lost, no_object, no_such_upload, refused, send, store,
    token,
};

const CALL: &str = "AbortMultipartUpload";

async fn abort(calls: MockObjectCalls) -> Response<String> {
    let api = api(calls);
    let body = json!({ "uploadToken": token(&api).await });
    send(&api, ABORT, &body).await
}

#[tokio::test]
async fn aborting_twice_gets_the_same_answer() {
    for repeated in [false, true] {
        let mut calls = store();
        calls
            .expect_abort_multipart_upload()
            .times(1)
            .returning(move |_, _| if repeated { Err(no_such_upload(CALL)) } else { Ok(()) });
        calls.expect_head_object().returning(|_, _| Err(no_object()));
        let response = abort(calls).await;
        assert_eq!((response.status().as_u16(), response.body().as_str()), (200, r#"{"state":"aborted"}"#));
    }
}

/// SeaweedFS answers 204 for an upload that was completed, S3 answers 404: the object decides.
#[tokio::test]
async fn completed_upload_cannot_be_aborted() {
    for store_knows in [false, true] {
        let mut calls = store();
        calls
            .expect_abort_multipart_upload()
            .returning(move |_, _| if store_knows { Err(no_such_upload(CALL)) } else { Ok(()) });
        calls.expect_head_object().returning(|_, _| Ok(head()));
        let problem = assert_problem(&abort(calls).await, 409, "upload-completed");
        assert_eq!((&problem["size"], &problem["etag"]), (&json!(SIZE), &json!(ETAG)));
        assert!(problem["key"].as_str().unwrap().starts_with("videos/"), "{problem}");
    }
}

#[tokio::test]
async fn failures_of_the_store_do_not_end_an_upload() {
    for error in [lost(CALL), refused(CALL, 503, "SlowDown")] {
        let mut calls = store();
        let mut error = Some(error);
        calls.expect_abort_multipart_upload().times(1).returning(move |_, _| Err(error.take().unwrap()));
        let response = abort(calls).await;
        assert_problem(&response, 503, "store-unavailable");
        assert!(response.headers().contains_key("retry-after"));
    }
    let mut calls = store();
    calls.expect_abort_multipart_upload().returning(|_, _| Err(refused(CALL, 403, "AccessDenied")));
    assert_problem(&abort(calls).await, 500, "store-refused");
}
