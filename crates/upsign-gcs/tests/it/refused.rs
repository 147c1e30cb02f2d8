//! Requests and forms that Google Cloud Storage would not accept with these signatures.

use upsign_core::{
    Addressing, Condition, Credentials, ExpiresIn, Expiry, LengthRange, Operation, PostPolicy, PostStyle,
    PresignError, PresignRequest, Presigner, Sign, SignPost, SignedHeaders, Target, Timestamp, Unsupported,
};
use upsign_gcs::{Goog4Hmac, Goog4Rsa, ServiceAccountKey};

use crate::vectors::KEY_FILE;

const AT: Timestamp = Timestamp::UNIX_EPOCH;

fn target() -> Target {
    let endpoint = "https://storage.googleapis.com".parse().unwrap();
    Target::at(&endpoint, Addressing::Path, "example-bucket".parse().unwrap(), "auto".parse().unwrap())
        .unwrap()
}

fn request(operation: Operation) -> PresignRequest {
    PresignRequest::new(target(), operation, "k".parse().unwrap(), ExpiresIn::MAX)
}

fn with_header(operation: Operation, name: &str, value: &str) -> PresignRequest {
    let mut headers = SignedHeaders::new();
    headers.insert(name, value).unwrap();
    request(operation).with_headers(headers)
}

fn policy() -> PostPolicy {
    PostPolicy::new(target(), "k".parse().unwrap(), LengthRange::ANY, ExpiresIn::MAX)
}

fn credentials() -> Credentials {
    Credentials::long_term("GOOGTS7C7FUP3AIRVJTE2BCD", "secret").unwrap()
}

fn rsa() -> Goog4Rsa {
    Goog4Rsa::new(ServiceAccountKey::from_json(KEY_FILE).unwrap())
}

/// Both signers refuse the request, when it is checked and when it is signed.
#[track_caller]
fn check_refused(request: &PresignRequest, feature: &str) {
    let expected = Err(Unsupported::new("upsign-gcs", feature));
    assert_eq!(Goog4Hmac::new().check(request), expected);
    assert_eq!(rsa().check(request), expected);
    let signed = [Goog4Hmac::new().sign(request, &credentials(), AT), rsa().presign_now(request, AT)];
    for signed in signed {
        let refused =
            matches!(&signed, Err(PresignError::Unsupported(error)) if Err(error.clone()) == expected);
        assert!(refused, "{signed:?}");
    }
}

#[track_caller]
fn check_refused_form(policy: &PostPolicy, feature: &str) {
    let expected = Err(Unsupported::new("upsign-gcs", feature));
    assert_eq!(Goog4Hmac::new().check_post(policy), expected);
    assert_eq!(rsa().check_post(policy), expected);
    assert!(Goog4Hmac::new().sign_post(policy, &credentials(), AT).is_err());
    assert!(rsa().presign_post_now(policy, AT).is_err());
}

#[test]
fn post_requests_other_than_resumable_starts_are_refused() {
    check_refused(&request(Operation::CreateMultipartUpload), "the operation CreateMultipartUpload");
    let upload_id = "u".parse().unwrap();
    check_refused(
        &request(Operation::CompleteMultipartUpload { upload_id }),
        "the operation CompleteMultipartUpload",
    );
    assert_eq!(Goog4Hmac::new().check(&request(Operation::StartResumableUpload)), Ok(()));
}

#[test]
fn headers_of_aws_are_refused() {
    let feature = "`x-amz-meta-a`; headers of Google Cloud Storage start with x-goog-";
    check_refused(&with_header(Operation::PutObject, "x-amz-meta-a", "1"), feature);
    let feature = "`X-Amz-Meta-A`; headers of Google Cloud Storage start with x-goog-";
    check_refused_form(&policy().with_field("X-Amz-Meta-A", "1").unwrap(), feature);
    check_refused_form(
        &policy().with_condition(Condition::starts_with("X-Amz-Meta-A", "")).unwrap(),
        feature,
    );
}

#[test]
fn misplaced_resumable_headers_and_hashes_are_refused() {
    let feature = "the header `x-goog-resumable`, which belongs to StartResumableUpload";
    check_refused(&with_header(Operation::PutObject, "x-goog-resumable", "start"), feature);
    check_refused(&with_header(Operation::StartResumableUpload, "x-goog-resumable", "stop"), feature);
    let given = with_header(Operation::StartResumableUpload, "x-goog-resumable", "start");
    let added = request(Operation::StartResumableUpload);
    assert_eq!(rsa().presign_now(&given, AT).unwrap(), rsa().presign_now(&added, AT).unwrap());
    let feature = "`x-goog-content-sha256` with a value other than 64 hex digits";
    for hash in ["00", &"0".repeat(65), &"g".repeat(64)] {
        check_refused(&with_header(Operation::PutObject, "x-goog-content-sha256", hash), feature);
    }
}

#[test]
fn access_points_and_field_names_of_other_sdks_are_refused() {
    let arn: upsign_core::AccessPoint =
        "arn:aws:s3:us-east-1:123456789012:accesspoint/uploads".parse().unwrap();
    let directory: upsign_core::Bucket = "uploads--use1-az4--x-s3".parse().unwrap();
    let region: upsign_core::Region = "us-east-1".parse().unwrap();
    let point = Target::builder(arn, region.clone()).build().unwrap();
    let feature = "for an access point or a special bucket of AWS";
    for target in [point, Target::aws(directory, region)] {
        let key: upsign_core::ObjectKey = "k".parse().unwrap();
        check_refused(&PresignRequest::new(target, Operation::PutObject, key, ExpiresIn::MAX), feature);
    }
    let feature = "a form with the field names of the AWS SDK for JavaScript";
    check_refused_form(&policy().with_style(PostStyle::Js), feature);
}

#[test]
fn session_tokens_are_refused() {
    let temporary = Credentials::temporary("GOOG1", "secret", "token", Expiry::At(Timestamp::MAX)).unwrap();
    let signed = Goog4Hmac::new().sign(&request(Operation::PutObject), &temporary, AT);
    assert!(matches!(signed, Err(PresignError::Unsupported(_))));
    let signed = Goog4Hmac::new().sign_post(&policy(), &temporary, AT);
    assert!(matches!(signed, Err(PresignError::Unsupported(_))));
}

#[test]
fn parameters_of_the_operation_are_signed() {
    let part = |number: u64| Operation::UploadPart {
        upload_id: "u".parse().unwrap(),
        part_number: upsign_core::PartNumber::new(number).unwrap(),
    };
    let signed = rsa().presign_now(&request(part(7)), AT).unwrap();
    assert!(
        signed.url.expose().contains("&partNumber=7&uploadId=u&X-Goog-Signature="),
        "{}",
        signed.url.expose()
    );
    let other = rsa().presign_now(&request(part(8)), AT).unwrap();
    let signature = |url: &str| url.rsplit('=').next().unwrap().to_owned();
    assert_ne!(signature(signed.url.expose()), signature(other.url.expose()));
}

#[tokio::test]
async fn rsa_presigner_gives_the_same_results_with_and_without_waiting() {
    let request = request(Operation::PutObject);
    assert_eq!(rsa().presign(&request, AT).await.unwrap(), rsa().presign_now(&request, AT).unwrap());
    assert_eq!(
        rsa().presign_post(&policy(), AT).await.unwrap(),
        rsa().presign_post_now(&policy(), AT).unwrap()
    );
}
