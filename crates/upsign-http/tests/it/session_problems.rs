//! Problem documents of the errors of calls that continue an upload.

use std::collections::BTreeSet;

use serde_json::json;
use upsign::confirm::{InspectError, Receipt, ReceiptTooLong};
use upsign::quota::QuotaStoreError;
use upsign::session::{
    InvalidChecksumCount, InvalidPartLengths, InvalidPartNumbers, PartRanges, PartsRequest, SessionError,
    SessionMethod, SessionUpload, TokenKeys, UploadSession, UploadTokenTooLong,
};
use upsign::{AnnounceError, AuthorizeError, Identity, IssueError, TooManyRequests};
use upsign_core::{
    Bucket, ExpiresIn, InvalidHeader, InvalidQuery, MultipartPlan, PartNumber, PresignError, Target,
    Timestamp,
};
use upsign_http::Problem;
use upsign_objects::{CallFailure, ObjectError, StoreError};
use upsign_policy::{ChecksumAlgorithm, PlannedSize, ResumeWindow};

use crate::fixture::at;
use crate::problems::{quota_denied, rate_limit_unavailable};

fn caller() -> Identity {
    Identity::from_verified("https://issuer.example", "alice").unwrap()
}

fn keys() -> TokenKeys {
    TokenKeys::new("default", [[7; 32]]).unwrap()
}

pub(crate) fn store_error(status: u16, code: &str) -> ObjectError {
    let answer = StoreError::new(status).with_code(code).with_request_id("REQUEST-ID");
    ObjectError::new("CompleteMultipartUpload", CallFailure::Store(answer))
}

pub(crate) fn token_too_long() -> UploadTokenTooLong {
    let upload = SessionUpload {
        route: None,
        bucket: "videos-bucket".parse().unwrap(),
        endpoint: "https://s3.example".into(),
        key: "videos/1.mp4".parse().unwrap(),
        method: SessionMethod::Multipart("u".repeat(9_300).parse().unwrap()),
        content_type: "video/mp4".parse().unwrap(),
        size: PlannedSize::Exact(MultipartPlan::restore(7, 7).unwrap()),
        min_size: 0,
        checksum: None,
        checksum_value: None,
        gate: upsign::session::SessionGate::None,
        account: None,
    };
    let session = UploadSession::begin(upload, &caller(), at(), ResumeWindow::DEFAULT);
    keys().sign(&session).unwrap_err()
}

fn part_numbers() -> InvalidPartNumbers {
    PartsRequest::new(Vec::new()).unwrap_err()
}

fn part_lengths() -> InvalidPartLengths {
    PartsRequest::new(vec![PartNumber::MIN]).unwrap().with_lengths(Vec::new()).unwrap_err()
}

fn checksum_count() -> InvalidChecksumCount {
    PartsRequest::new(vec![PartNumber::MIN]).unwrap().with_checksums(Vec::new()).unwrap_err()
}

#[test]
fn exceeded_quota_of_a_confirmation_is_described_as_that_of_a_grant() {
    let problem = Problem::from(&SessionError::from(quota_denied()));
    assert_eq!(problem, Problem::from(&IssueError::from(quota_denied())));
    assert_eq!((problem.status().as_u16(), problem.code()), (429, "quota-exceeded"));
}

/// Errors of every variant of `SessionError`.
fn session_errors() -> Vec<SessionError> {
    let algorithm = ChecksumAlgorithm::Crc32;
    vec![
        keys().verify("", &caller(), Timestamp::UNIX_EPOCH, |_| None).unwrap_err().into(),
        SessionError::RouteForbidden,
        SessionError::Forbidden,
        AuthorizeError::new("postgres://user:password@db").into(),
        TooManyRequests::new(7).into(),
        rate_limit_unavailable().into(),
        QuotaStoreError::new("redis://:password@db").into(),
        quota_denied().into(),
        part_numbers().into(),
        part_lengths().into(),
        checksum_count().into(),
        SessionError::ChecksumRequired { part: Some(PartNumber::MIN), algorithm },
        SessionError::ChecksumNotAllowed { part: None, algorithm: Some(algorithm) },
        SessionError::ChecksumInvalid { part: None, algorithm },
        SessionError::PartsMissing { missing: PartRanges::new([PartNumber::MIN]), part_count: 3 },
        SessionError::PartsUnlisted { unlisted: PartRanges::new([PartNumber::MIN]), part_count: 3 },
        SessionError::TooSmall { size: 1, min: 2 },
        SessionError::TooLarge { size: 2, max: 1 },
        SessionError::PartMismatch(Vec::new()),
        SessionError::ChecksumMismatch,
        SessionError::ObjectExists,
        SessionError::Conflict,
        SessionError::AlreadyCompleted {
            key: "videos/1.mp4".parse().unwrap(),
            size: 7,
            etag: "9b2c".parse().unwrap(),
        },
        SessionError::Gone,
        SessionError::Uncertain(store_error(500, "InternalError")),
        SessionError::Store(store_error(503, "SlowDown")),
        SessionError::Store(store_error(403, "AccessDenied")),
        PresignError::CredentialsTooShort { remaining: 1, requested: 2 }.into(),
        PresignError::UnknownExpiry.into(),
        ExpiresIn::from_secs(0).unwrap_err().into(),
        InspectError::new("clamd at 10.0.0.7").into(),
        SessionError::MissingInspector,
        AnnounceError::new("postgres://user:password@db").into(),
        SessionError::VersionsRequired,
        SessionError::PromotionHeaders(InvalidHeader::Name),
        receipt_too_long().into(),
        keys().verify_receipt("", |_| None).unwrap_err().into(),
        SessionError::ReadForbidden,
        SessionError::ObjectChanged,
        SessionError::ReadQuery(InvalidQuery::Empty),
    ]
}

fn receipt_too_long() -> ReceiptTooLong {
    let endpoint = format!("https://store.example/{}", "a".repeat(5_000));
    let bucket: Bucket = "videos-bucket".parse().unwrap();
    let target = Target::builder(bucket, "eu-central-1".parse().unwrap());
    let target = target.endpoint(endpoint.parse().unwrap()).build().unwrap();
    let (key, etag) = ("videos/1.mp4".parse().unwrap(), "9b2c".parse().unwrap());
    let owner = keys().owner_of(&caller());
    let receipt = Receipt::new(&target, key, etag, 7, "video/mp4".parse().unwrap(), owner, at());
    keys().sign_receipt(&receipt).unwrap_err()
}

#[test]
fn status_and_retry_after_of_a_problem_equal_those_of_its_error() {
    for error in session_errors() {
        let problem = Problem::from(&error);
        assert_eq!(
            (problem.status().as_u16(), problem.retry_after(), problem.code()),
            (error.status(), error.retry_after(), error.code()),
            "{error:?}"
        );
        assert_eq!(problem.status().is_server_error(), error.is_service_fault(), "{error:?}");
        assert_eq!(Problem::from(error), problem);
    }
}

/// Fails if a variant is added to `SessionError` and not to the list of this test.
#[test]
fn list_of_session_errors_is_complete() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../upsign/src/session/error.rs");
    let source = std::fs::read_to_string(source).unwrap();
    let (_, variants) = source.split_once("pub enum SessionError {\n").unwrap();
    let (variants, _) = variants.split_once("\n}").unwrap();
    let name = |line: &str| line.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned();
    let declared = variants.lines().filter_map(|line| line.strip_prefix("    "));
    let declared: BTreeSet<String> =
        declared.filter(|line| line.starts_with(char::is_uppercase)).map(name).collect();
    let listed: BTreeSet<String> = session_errors().iter().map(|error| name(&format!("{error:?}"))).collect();
    assert!(declared.len() > 15, "{declared:?}");
    assert_eq!(listed, declared);
}

/// What the store or the application answered is for the operator.
#[test]
fn problems_do_not_contain_the_causes_of_service_faults() {
    for error in session_errors() {
        let problem = Problem::from(&error).response();
        for secret in
            ["REQUEST-ID", "SlowDown", "AccessDenied", "InternalError", "postgres", "redis", "clamd"]
        {
            assert!(!problem.body().contains(secret), "{secret} in {}", problem.body());
        }
        assert!(problem.body().len() < 500, "{}", problem.body());
    }
}

#[test]
fn extension_members_state_what_a_program_needs() {
    let numbers = [7, 3, 8].map(|number| PartNumber::new(number).unwrap());
    let missing = SessionError::PartsMissing { missing: PartRanges::new(numbers), part_count: 12 };
    let problem = Problem::from(&missing);
    assert_eq!(problem.members()["missing"], json!("3,7-8"));
    let body: serde_json::Value = serde_json::from_str(problem.response().body()).unwrap();
    assert_eq!((&body["missing"], &body["code"]), (&json!("3,7-8"), &json!("parts-missing")));

    let unlisted = SessionError::PartsUnlisted { unlisted: PartRanges::new(numbers), part_count: 12 };
    let problem = Problem::from(&unlisted);
    assert_eq!((problem.code(), problem.status().as_u16()), ("parts-missing", 409));
    assert_eq!(problem.detail(), "the request lists 9 of 12 parts: add 3,7-8, each with its ETag");
    assert_eq!(problem.members().get("unlisted"), Some(&json!("3,7-8")));
    assert_eq!(problem.members().get("missing"), None);
}

/// The members of every document keep their values.
#[test]
fn extension_members_replace_nothing() {
    let problem = Problem::internal();
    for name in ["type", "title", "status", "code", "detail"] {
        assert_eq!(problem.clone().with_member(name, "other"), problem, "{name}");
    }
    let extended = problem.with_member("article", 7);
    let body = extended.response().into_body();
    assert_eq!(body.matches("\"article\":7").count(), 1, "{body}");
}
