//! Aborting an upload: before, between and after everything else.

use upsign::types::ObjectKey;
use upsign_testing::mocks::MockObjectCalls;

use super::*;

type Outcome<T> = fn() -> Result<T, ObjectError>;

async fn abort(aborted: Outcome<()>, head: Option<Outcome<ObjectHead>>) -> Result<ObjectKey, SessionError> {
    let mut store = MockObjectCalls::new();
    store.expect_abort_multipart_upload().times(1).returning(move |call, _| {
        assert_eq!((call.key().as_str(), call.upload_id().as_str()), ("videos/alice/1.mp4", "VXBsb2FkSWQ"));
        aborted()
    });
    store.expect_head_object().times(usize::from(head.is_some())).returning(move |_, _| head.unwrap()());
    service(store).abort_upload(&alice(), &token(None), at()).await
}

#[tokio::test]
async fn outcomes_of_an_abort() {
    let gone: Outcome<()> = || Err(no_such_upload("AbortMultipartUpload"));
    let (found, nothing): (Outcome<ObjectHead>, Outcome<ObjectHead>) = (|| Ok(head()), || Err(absent()));
    let other: Outcome<ObjectHead> = || Ok(ObjectHead::new(1, DIGEST.parse().unwrap()));
    for aborted in [|| Ok(()), gone] {
        assert_eq!(abort(aborted, Some(nothing)).await.unwrap(), "videos/alice/1.mp4");
        assert!(abort(aborted, Some(other)).await.is_ok(), "the object is someone else's");
        let error = abort(aborted, Some(found)).await.unwrap_err();
        let SessionError::AlreadyCompleted { key, size, etag } = &error else { panic!("{error}") };
        assert_eq!((key.as_str(), *size), ("videos/alice/1.mp4", SIZE));
        assert_eq!(etag.as_str(), format!("{DIGEST}-3"));
        assert_eq!((error.code(), error.status()), ("upload-completed", 409));
        let unknown = abort(aborted, Some(|| Err(store_error("HeadObject", 503, None)))).await;
        assert_eq!(answer(unknown), ("store-unavailable", 503));
    }
    let failed = abort(|| Err(store_error("AbortMultipartUpload", 503, Some("SlowDown"))), None).await;
    assert_eq!(answer(failed), ("store-unavailable", 503));
    let denied = abort(|| Err(store_error("AbortMultipartUpload", 403, Some("AccessDenied"))), None).await;
    assert_eq!(answer(denied), ("store-refused", 500));
}
