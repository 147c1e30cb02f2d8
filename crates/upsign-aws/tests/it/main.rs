//! The presigners on AWS's crates: the conformance suite, and the same URLs as `upsign_sigv4::SigV4`.
#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

mod chain;
mod corpora;
mod directory_buckets;
#[cfg(feature = "live")]
mod live;
mod proxy;
#[path = "../../../upsign-jwt/tests/it/tunnel.rs"]
mod tunnel;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use upsign_aws::{AwsSigV4, SdkPresigner};
use upsign_core::{
    Credentials, ExpiresIn, LengthRange, Operation, PostPolicy, PresignError, PresignRequest, Presigner,
    Sign, SignedHeaders, Target, WithCredentials,
};
use upsign_sigv4::SigV4;
use upsign_testing::requests;

#[tokio::test]
async fn aws_sigv4_passes_the_conformance_suite() {
    upsign_testing::conformance::check_presigner(&|credentials| {
        Box::new(WithCredentials::new(AwsSigV4::new(), credentials))
    })
    .await;
}

#[tokio::test]
async fn sdk_presigner_passes_the_conformance_suite() {
    upsign_testing::conformance::check_presigner(&|credentials| Box::new(SdkPresigner::new(credentials)))
        .await;
}

/// 1,000 random uploads with changing credentials and days.
#[test]
fn presigners_return_identical_urls() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let signer = SigV4::new();
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(1_000) });
    let inputs = (requests::puts(), requests::credentials(), requests::times());
    let result = runner.run(&inputs, |(request, credentials, at)| {
        let ours = signer.sign(&request, &credentials, at).unwrap();
        let aws_sigv4 = AwsSigV4::new().sign(&request, &credentials, at).unwrap();
        prop_assert_eq!(ours.url.expose(), aws_sigv4.url.expose());
        prop_assert_eq!(&ours, &aws_sigv4);
        let sdk = SdkPresigner::new(credentials);
        if sdk.check(&request).is_ok() {
            let presigned_by_sdk = runtime.block_on(sdk.presign(&request, at)).unwrap();
            prop_assert_eq!(ours.url.expose(), presigned_by_sdk.url.expose());
            prop_assert_eq!(ours, presigned_by_sdk);
        }
        Ok(())
    });
    result.unwrap();
}

proptest! {
    /// Any operation and any query. The SDK is compared for the operations that it can presign.
    #[test]
    fn presigners_agree_on_every_operation(request in requests::all(), credentials in requests::credentials(), at in requests::times()) {
        let ours = SigV4::new().sign(&request, &credentials, at).unwrap();
        let aws_sigv4 = AwsSigV4::new().sign(&request, &credentials, at).unwrap();
        prop_assert_eq!(ours.url.expose(), aws_sigv4.url.expose());
        let sdk = SdkPresigner::new(credentials);
        if sdk.check(&request).is_ok() {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let presigned_by_sdk = runtime.block_on(sdk.presign(&request, at)).unwrap();
            prop_assert_eq!(ours.url.expose(), presigned_by_sdk.url.expose());
        }
    }
}

fn put(target: &Target) -> PresignRequest {
    let lifetime = ExpiresIn::from_secs(60).unwrap();
    PresignRequest::new(target.clone(), Operation::PutObject, "k".parse().unwrap(), lifetime)
}

fn request(operation: Operation, headers: &[(&str, &str)]) -> PresignRequest {
    let mut signed = SignedHeaders::new();
    for (name, value) in headers {
        signed.insert(name, value).unwrap();
    }
    let target = Target::aws("abc".parse().unwrap(), "us-east-1".parse().unwrap());
    let lifetime = ExpiresIn::from_secs(60).unwrap();
    PresignRequest::new(target, operation, "k".parse().unwrap(), lifetime).with_headers(signed)
}

/// The SDK takes a key of white space for a missing one, so it is refused before.
#[tokio::test]
async fn sdk_presigner_refuses_keys_of_white_space() {
    let credentials = Credentials::long_term("AKID", "secret").unwrap();
    let target = Target::aws("abc".parse().unwrap(), "us-east-1".parse().unwrap());
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    for key in [" ", "\u{2003}", "\u{3000} "] {
        let lifetime = ExpiresIn::from_secs(60).unwrap();
        let request =
            PresignRequest::new(target.clone(), Operation::PutObject, key.parse().unwrap(), lifetime);
        let sdk = SdkPresigner::new(credentials.clone());
        assert!(sdk.check(&request).unwrap_err().to_string().contains("white space"), "{key:?}");
        assert!(matches!(sdk.presign(&request, at).await, Err(PresignError::Unsupported(_))));
        assert!(SigV4::new().sign(&request, &credentials, at).is_ok());
    }
}

/// `check` and `presign` agree on what a presigner cannot sign.
#[tokio::test]
async fn unsupported_headers_and_operations_are_refused() {
    let credentials = Credentials::long_term("AKID", "secret").unwrap();
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let sdk = SdkPresigner::new(credentials.clone());
    let aws_sigv4 = WithCredentials::new(AwsSigV4::new(), credentials.clone());
    for name in
        ["transfer-encoding", "user-agent", "x-amz-checksum-mode", "x-amz-user-agent", "x-amzn-trace-id"]
    {
        let request = request(Operation::PutObject, &[(name, "x")]);
        let presigners: [&dyn Presigner; 2] = [&sdk, &aws_sigv4];
        for presigner in presigners {
            assert!(presigner.check(&request).unwrap_err().to_string().contains(name));
            assert!(matches!(presigner.presign(&request, at).await, Err(PresignError::Unsupported(_))));
        }
        assert!(SigV4::new().sign(&request, &credentials, at).is_ok());
    }
    for operation in [
        Operation::CopyObject,
        Operation::PutObjectTagging,
        Operation::CreateMultipartUpload,
        Operation::CompleteMultipartUpload { upload_id: "u".parse().unwrap() },
        Operation::AbortMultipartUpload { upload_id: "u".parse().unwrap() },
        Operation::ListParts { upload_id: "u".parse().unwrap() },
    ] {
        let request = request(operation, &[]);
        assert!(sdk.check(&request).is_err());
        assert!(matches!(sdk.presign(&request, at).await, Err(PresignError::Unsupported(_))));
        assert!(aws_sigv4.check(&request).is_ok());
    }
    let ours = WithCredentials::new(SigV4::new(), credentials);
    let presigners: [&dyn Presigner; 3] = [&sdk, &aws_sigv4, &ours];
    // S3 has no such operation.
    for request in [request(Operation::StartResumableUpload, &[]), for_google()] {
        for presigner in presigners {
            assert!(presigner.check(&request).is_err(), "{presigner:?}");
            let presigned = presigner.presign(&request, at).await;
            assert!(matches!(presigned, Err(PresignError::Unsupported(_))), "{presigner:?}");
        }
    }
    let form = PostPolicy::new(
        for_google().target().clone(),
        "k".parse().unwrap(),
        LengthRange::ANY,
        ExpiresIn::MAX,
    );
    assert!(ours.check_post(&form).is_err() && ours.presign_post_now(&form, at).is_err());
}

/// Returns a request that only Google's own signatures go with.
fn for_google() -> PresignRequest {
    let bucket: upsign_core::Bucket = "article-images".parse().unwrap();
    let target = Target::builder(bucket, "auto".parse().unwrap())
        .endpoint("https://storage.googleapis.com".parse().unwrap())
        .addressing(upsign_core::Addressing::VirtualHosted)
        .signature_family(upsign_core::SignatureFamily::Google)
        .build()
        .unwrap();
    PresignRequest::new(target, Operation::PutObject, "k".parse().unwrap(), ExpiresIn::MAX)
}
