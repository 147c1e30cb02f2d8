//! Which attempts are repeated, and what the error of a repeated call says.

use std::sync::atomic::{AtomicU32, Ordering};

use upsign_core::{Credentials, CredentialsError, CredentialsSource, PartNumber, Timestamp, async_trait};
use upsign_objects::*;
use upsign_sigv4::SigV4;

use crate::script::{
    COMPLETED, COPIED, Script, Step, answer, at, error, key, presigner, short_limits, target, upload_id,
};

fn complete() -> CompleteMultipartUpload {
    let part = CompletedPart::new(PartNumber::new(1).unwrap(), "abc".parse().unwrap());
    CompleteMultipartUpload::new(key(), upload_id(), [part]).with_if_absent()
}

fn copy() -> CopyObject {
    CopyObject::new(CopySource::new("uploads".parse().unwrap(), "from".parse().unwrap()), key())
}

fn fixed_copy() -> CopyObject {
    let source = CopySource::new("uploads".parse().unwrap(), "from".parse().unwrap());
    CopyObject::new(source.with_if_match("abc".parse().unwrap()), key()).with_if_absent()
}

#[tokio::test]
async fn every_attempt_is_signed_anew() {
    let slow = answer(503, "retry-after: 1", "<Error><Code>SlowDown</Code></Error>");
    let script = Script::start([slow, answer(200, "etag: \"a\"", "")]).await;
    let calls = script.calls();
    calls.head_object(&HeadObject::new(key()), at()).await.unwrap();
    let requests = script.requests();
    let dates: Vec<_> = requests.iter().map(|request| request.parameter("X-Amz-Date").unwrap()).collect();
    assert_eq!(dates[0], "20260131T120000Z");
    assert!(dates[1] > dates[0], "{dates:?}");
    assert_ne!(requests[0].parameter("X-Amz-Signature"), requests[1].parameter("X-Amz-Signature"));
}

#[tokio::test]
async fn reading_is_repeated_after_every_failure_of_the_server() {
    for step in [
        error(500, "InternalError"),
        error(503, "SlowDown"),
        error(503, "SlowDownRead"),
        error(400, "RequestTimeout"),
        answer(502, "", "<html>Bad Gateway</html>"),
        answer(504, "", ""),
        answer(429, "", ""),
        Step::Close,
        Step::Hang,
    ] {
        let found = answer(206, "etag: \"a\"\ncontent-range: bytes 0-0/1", "x");
        let script = Script::start([step.clone(), found]).await;
        let range = script.calls().get_object(&GetObject::range(key(), 0, 1), at()).await.unwrap();
        assert_eq!((range.bytes.as_slice(), script.requests().len()), (b"x".as_slice(), 2), "{step:?}");
    }
}

#[tokio::test]
async fn errors_of_the_client_are_not_repeated() {
    for (status, code) in [
        (403, "AccessDenied"),
        (404, "NoSuchKey"),
        (412, "PreconditionFailed"),
        (400, "ExpiredToken"),
        (501, "NotImplemented"),
    ] {
        let script = Script::start([error(status, code)]).await;
        let error = script.calls().get_object(&GetObject::range(key(), 0, 1), at()).await.unwrap_err();
        assert_eq!((error.code().unwrap().as_str(), error.attempts()), (code, 1));
        assert_eq!(script.requests().len(), 1);
        assert!(!error.retry_may_help() && !error.may_have_happened());
    }
}

#[tokio::test]
async fn attempts_are_limited() {
    let script = Script::start([error(500, "InternalError")]).await;
    let error =
        script.calls().with_max_attempts(3).head_object(&HeadObject::new(key()), at()).await.unwrap_err();
    assert_eq!((error.attempts(), script.requests().len()), (3, 3));
    assert!(error.retry_may_help());
    // Reading has no effect that could have happened.
    assert!(!error.may_have_happened());
    assert_eq!(error.to_string(), "HeadObject failed after 3 attempts");
}

/// The first attempt succeeded, and its answer was lost.
#[tokio::test]
async fn complete_after_a_lost_answer_says_that_it_may_have_happened() {
    for (status, code) in [(404, "NoSuchUpload"), (412, "PreconditionFailed")] {
        let script = Script::start([Step::Close, error(status, code)]).await;
        let error = script.calls().complete_multipart_upload(&complete(), at()).await.unwrap_err();
        assert_eq!((error.attempts(), error.code().unwrap().as_str()), (2, code));
        assert!(error.may_have_happened());
        assert_eq!(
            error.to_string(),
            "CompleteMultipartUpload failed after 2 attempts and may have had its effect"
        );
    }
    let script = Script::start([error(404, "NoSuchUpload")]).await;
    let error = script.calls().complete_multipart_upload(&complete(), at()).await.unwrap_err();
    assert!(!error.may_have_happened());
}

#[tokio::test]
async fn abort_after_a_lost_answer_succeeds() {
    let abort = AbortMultipartUpload::new(key(), upload_id());
    let script = Script::start([Step::Close, error(404, "NoSuchUpload")]).await;
    script.calls().abort_multipart_upload(&abort, at()).await.unwrap();
    let script = Script::start([error(404, "NoSuchUpload")]).await;
    let error = script.calls().abort_multipart_upload(&abort, at()).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::NoSuchUpload));
}

#[tokio::test]
async fn copy_is_repeated_if_both_sides_are_conditional() {
    let done = || answer(200, "", COPIED);
    for lost in [
        Step::Close,
        Step::Hang,
        error(500, "InternalError"),
        answer(200, "", &crate::script::error_body("SlowDown")),
    ] {
        let script = Script::start([lost.clone(), done()]).await;
        script.calls().copy_object(&fixed_copy(), at()).await.unwrap();

        let unfixed =
            [copy(), copy().with_if_absent(), CopyObject::new(fixed_copy().source().clone(), key())];
        for call in unfixed {
            let script = Script::start([lost.clone(), done()]).await;
            let error = script.calls().copy_object(&call, at()).await.unwrap_err();
            assert_eq!((error.attempts(), script.requests().len()), (1, 1), "{lost:?}");
            assert!(error.may_have_happened(), "{lost:?}");
        }
    }
    // The store refused it before it began.
    let script = Script::start([error(503, "SlowDown"), done()]).await;
    script.calls().copy_object(&copy(), at()).await.unwrap();
}

#[tokio::test]
async fn delete_is_repeated_for_a_version() {
    let current = DeleteObject::current(key());
    let version = DeleteObject::version(key(), "v1".parse().unwrap());
    for lost in [Step::Close, error(500, "InternalError"), error(503, "SlowDownWrite")] {
        let script = Script::start([lost.clone(), answer(204, "", "")]).await;
        script.calls().delete_object(&version, at()).await.unwrap();
        let script = Script::start([lost, answer(204, "", "")]).await;
        assert!(script.calls().delete_object(&current, at()).await.unwrap_err().may_have_happened());
        assert_eq!(script.requests().len(), 1);
    }
    let script = Script::start([error(503, "ServiceUnavailable"), answer(204, "", "")]).await;
    script.calls().delete_object(&current, at()).await.unwrap();
}

#[tokio::test]
async fn every_call_is_repeated_without_a_connection() {
    // Nothing listens on this port.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let calls = HttpObjects::new(target(port), presigner()).with_time_limits(short_limits());
    let error = calls.delete_object(&DeleteObject::current(key()), at()).await.unwrap_err();
    assert_eq!(error.attempts(), 4);
    assert!(matches!(error.failure(), CallFailure::Connect(_)), "{error:?}");
    assert!(!error.may_have_happened() && error.retry_may_help());
    let text = upsign_core::error_chain(&error).to_string();
    assert!(text.starts_with("DeleteObject failed after 4 attempts: no connection to the store: "), "{text}");
    assert!(!text.contains("X-Amz") && !format!("{error:?}").contains("X-Amz"), "{error:?}");
}

/// Fails to load credentials at first.
#[derive(Debug)]
struct Late(AtomicU32, fn() -> CredentialsError);

#[async_trait]
impl CredentialsSource for Late {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        if self.0.fetch_add(1, Ordering::Relaxed) == 0 {
            return Err(self.1());
        }
        Credentials::long_term("AKIDEXAMPLE", "secret").unwrap().credentials(at).await
    }
}

#[tokio::test]
async fn calls_are_repeated_if_credentials_cannot_be_loaded() {
    let script = Script::start([answer(204, "", "")]).await;
    let delete = DeleteObject::current(key());
    let calls = |error| {
        let presigner = SigV4::new().with_credentials(Late(AtomicU32::new(0), error));
        HttpObjects::new(script.target.clone(), presigner)
    };
    calls(|| CredentialsError::load("the vault is sealed")).delete_object(&delete, at()).await.unwrap();
    let missing = calls(|| CredentialsError::Missing("none".into()));
    let error = missing.delete_object(&delete, at()).await.unwrap_err();
    assert_eq!((error.attempts(), error.may_have_happened()), (1, false));
    assert_eq!(script.requests().len(), 1);
}

/// S3 answers 200 before it knows whether it can assemble the object.
#[tokio::test]
async fn errors_in_an_answer_with_status_200_are_recognized() {
    let white_space = " \n".repeat(500);
    let embedded = |code: &str| answer(200, "", &format!("{white_space}{}", crate::script::error_body(code)));
    let script =
        Script::start([embedded("InternalError"), answer(200, "", &format!("{white_space}{COMPLETED}"))])
            .await;
    let completed = script.calls().complete_multipart_upload(&complete(), at()).await.unwrap();
    assert_eq!((completed.etag.as_str(), script.requests().len()), ("abc-1", 2));

    let script = Script::start([embedded("PreconditionFailed")]).await;
    let error = script.calls().complete_multipart_upload(&complete(), at()).await.unwrap_err();
    assert_eq!((error.store().unwrap().status(), error.attempts()), (200, 1));
    assert!(error.is_precondition_failed() && !error.may_have_happened());

    let script = Script::start([embedded("InternalError")]).await;
    let error = script.calls().copy_object(&copy(), at()).await.unwrap_err();
    let store = error.store().unwrap();
    assert_eq!((store.request_id(), store.host_id()), (Some("R1"), Some("H1=")));
    assert!(error.may_have_happened());
}
