//! The trait behind pointers and as a mock, the check of a presigner, and what `Debug` hides.

use std::sync::Arc;
use std::time::Duration;

use mockall::mock;
use upsign_aws::{AwsSigV4, SdkPresigner};
use upsign_core::{
    Credentials, PresignError, PresignRequest, PresignedRequest, Presigner, Timestamp, Unsupported, UploadId,
    WithCredentials, async_trait,
};
use upsign_objects::*;

use crate::script::{Script, answer, at, key, presigner, target, upload_id};

mock! {
    #[derive(Debug)]
    Calls {}

    #[async_trait]
    impl ObjectCalls for Calls {
        async fn head_object(&self, call: &HeadObject, at: Timestamp) -> Result<ObjectHead, ObjectError>;
        async fn get_object(&self, call: &GetObject, at: Timestamp) -> Result<ObjectRange, ObjectError>;
        async fn create_multipart_upload(&self, call: &CreateMultipartUpload, at: Timestamp) -> Result<UploadId, ObjectError>;
        async fn list_parts(&self, call: &ListParts, at: Timestamp) -> Result<PartList, ObjectError>;
        async fn complete_multipart_upload(&self, call: &CompleteMultipartUpload, at: Timestamp) -> Result<CompletedUpload, ObjectError>;
        async fn abort_multipart_upload(&self, call: &AbortMultipartUpload, at: Timestamp) -> Result<(), ObjectError>;
        async fn copy_object(&self, call: &CopyObject, at: Timestamp) -> Result<CopiedObject, ObjectError>;
        async fn get_object_tagging(&self, call: &GetObjectTagging, at: Timestamp) -> Result<ObjectTags, ObjectError>;
        async fn put_object_tagging(&self, call: &PutObjectTagging, at: Timestamp) -> Result<(), ObjectError>;
        async fn delete_object(&self, call: &DeleteObject, at: Timestamp) -> Result<DeletedObject, ObjectError>;
    }
}

/// Makes every call once.
async fn make_all(calls: impl ObjectCalls) -> usize {
    let etag: ETag = "abc".parse().unwrap();
    let part = CompletedPart::new(PartNumber::MIN, etag);
    let source = CopySource::new("uploads".parse().unwrap(), key());
    let results = [
        calls.head_object(&HeadObject::new(key()), at()).await.is_err(),
        calls.get_object(&GetObject::range(key(), 0, 1), at()).await.is_err(),
        calls
            .create_multipart_upload(&CreateMultipartUpload::new(key(), Default::default()), at())
            .await
            .is_err(),
        calls.list_parts(&ListParts::new(key(), upload_id()), at()).await.is_err(),
        calls
            .complete_multipart_upload(&CompleteMultipartUpload::new(key(), upload_id(), [part]), at())
            .await
            .is_err(),
        calls.abort_multipart_upload(&AbortMultipartUpload::new(key(), upload_id()), at()).await.is_err(),
        calls.copy_object(&CopyObject::new(source, key()), at()).await.is_err(),
        calls.get_object_tagging(&GetObjectTagging::new(key()), at()).await.is_err(),
        calls.put_object_tagging(&PutObjectTagging::new(key(), [("a", "b")]), at()).await.is_err(),
        calls.delete_object(&DeleteObject::current(key()), at()).await.is_err(),
    ];
    results.into_iter().filter(|failed| *failed).count()
}

/// Returns a mock that fails each call once, each with the name of its operation.
fn failing() -> MockCalls {
    let mut mock = MockCalls::new();
    macro_rules! expect {
        ($($method:ident: $name:literal;)*) => {$(
            mock.$method().times(1).returning(|_, _| Err(ObjectError::new($name, CallFailure::Store(StoreError::new(403)))));
        )*};
    }
    expect! {
        expect_head_object: "HeadObject";
        expect_get_object: "GetObject";
        expect_create_multipart_upload: "CreateMultipartUpload";
        expect_list_parts: "ListParts";
        expect_complete_multipart_upload: "CompleteMultipartUpload";
        expect_abort_multipart_upload: "AbortMultipartUpload";
        expect_copy_object: "CopyObject";
        expect_get_object_tagging: "GetObjectTagging";
        expect_put_object_tagging: "PutObjectTagging";
        expect_delete_object: "DeleteObject";
    }
    mock
}

#[tokio::test]
async fn pointers_forward_every_call() {
    assert_eq!(make_all(failing()).await, 10);
    assert_eq!(make_all(&failing()).await, 10);
    let boxed: Box<dyn ObjectCalls> = Box::new(failing());
    assert_eq!(make_all(boxed).await, 10);
    let shared: Arc<dyn ObjectCalls> = Arc::new(failing());
    assert_eq!(make_all(shared).await, 10);
}

#[test]
fn pointers_forward_the_time_per_request() {
    let target = target(1);
    let limits = TimeLimits::default().with_total(Duration::from_secs(300));
    let calls = HttpObjects::new(target, presigner()).with_time_limits(limits);
    assert_eq!(ObjectCalls::time_per_request(&&calls), limits.total());
    let shared: Arc<dyn ObjectCalls> = Arc::new(calls);
    assert_eq!(shared.time_per_request(), limits.total());
    // The mock has the default, which is that of `TimeLimits`.
    assert_eq!(MockCalls::new().time_per_request(), TimeLimits::default().total());
}

/// A presigner that signs for another address, refuses one header, or supports only some operations.
#[derive(Debug)]
struct Odd {
    address: Option<&'static str>,
    refuses: Option<&'static str>,
}

#[async_trait]
impl Presigner for Odd {
    async fn presign(
        &self,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        self.check(request)?;
        let presigned = presigner().presign_now(request, at)?;
        let Some(address) = self.address else { return Ok(presigned) };
        Ok(PresignedRequest::new(request, address.to_owned(), at))
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        let name = request.operation().name();
        let refused = self.refuses.filter(|text| *text == name || request.headers().get(text).is_some());
        refused.map_or(Ok(()), |refused| Err(Unsupported::new("odd", refused)))
    }
}

/// A presigner in another process cannot send the service elsewhere.
#[tokio::test]
async fn urls_of_other_addresses_are_refused() {
    let script = Script::start([answer(200, "etag: \"a\"", "")]).await;
    let own = script.target.endpoint_url();
    let port = own.rsplit_once(':').unwrap().1;
    let other_key = format!("{own}/uploads/raw/other.mp4?X-Amz-Signature=1");
    for address in [
        "http://169.254.169.254/latest/meta-data",
        "https://127.0.0.1/uploads/raw/a%20b.mp4?X-Amz-Signature=1",
        &format!("http://127.0.0.1:{port}@evil.example/uploads/raw/a%20b.mp4?"),
        &format!("http://localhost:{port}/uploads/raw/a%20b.mp4?X-Amz-Signature=1"),
        &other_key,
        &format!("{own}/uploads/raw/a%20b.mp4/../x?X-Amz-Signature=1"),
        &format!("{own}/uploads/raw/a%20b.mp4"),
    ] {
        let odd = Odd { address: Some(address.to_owned().leak()), refuses: None };
        let error = HttpObjects::new(script.target.clone(), odd)
            .head_object(&HeadObject::new(key()), at())
            .await
            .unwrap_err();
        assert!(matches!(error.failure(), CallFailure::ForeignUrl { .. }), "{address}: {error:?}");
        assert!(!error.may_have_happened() && error.attempts() == 1);
    }
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn check_names_what_the_presigner_does_not_support() {
    let calls = |refuses| HttpObjects::new(target(9), Odd { address: None, refuses });
    assert_eq!(calls(None).check(), Ok(()));
    for refused in [
        "HeadObject",
        "ListParts",
        "CopyObject",
        "PutObjectTagging",
        "x-amz-mp-object-size",
        "if-none-match",
        "range",
    ] {
        assert_eq!(calls(Some(refused)).check(), Err(Unsupported::new("odd", refused)));
    }
    let error = calls(Some("CopyObject"));
    let source = CopySource::new("uploads".parse().unwrap(), key());
    let error = error.copy_object(&CopyObject::new(source, key()), at()).await.unwrap_err();
    assert!(matches!(error.failure(), CallFailure::Presign(PresignError::Unsupported(_))), "{error:?}");
}

/// The three signers of the workspace.
#[test]
fn two_of_three_presigners_support_every_call() {
    let credentials = || Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    assert_eq!(HttpObjects::new(target(9), presigner()).check(), Ok(()));
    let aws = WithCredentials::new(AwsSigV4::new(), credentials());
    assert_eq!(HttpObjects::new(target(9), aws).check(), Ok(()));
    let error = HttpObjects::new(target(9), SdkPresigner::new(credentials())).check().unwrap_err();
    assert_eq!(error.to_string(), "aws-sdk-s3 cannot sign the operation CreateMultipartUpload");
}

/// The signers on AWS's crates refuse the header.
#[tokio::test]
async fn checksums_are_requested_by_a_parameter_if_the_header_cannot_be_signed() {
    let script = Script::start([answer(200, "etag: \"a\"", "")]).await;
    let odd = Odd { address: None, refuses: Some("x-amz-checksum-mode") };
    let calls = HttpObjects::new(script.target.clone(), odd);
    assert_eq!(calls.check(), Ok(()));
    calls.head_object(&HeadObject::new(key()), at()).await.unwrap();
    assert_eq!(script.requests()[0].parameter("x-amz-checksum-mode"), Some("ENABLED"));
}

#[test]
fn debug_shows_no_secret() {
    let text = format!("{:?}", HttpObjects::new(target(9), presigner()).with_environment_proxy());
    assert!(text.starts_with("HttpObjects { target: "), "{text}");
    assert!(text.contains("uses_environment_proxy: true"), "{text}");
    assert!(!text.contains("the-secret-key"), "{text}");
}
