//! Several files in one call: order, bounds of the list, all or none, and what a refusal undoes.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use upsign::objects::{CallFailure, ObjectError};
use upsign::policy::{
    ConfirmationOptions, FilesOptions, MultipartMode, MultipartOptions, UploadMethod, UploadPolicyBuilder,
};
use upsign::quota::{FailMode, MemoryQuota, Quota, QuotaLimit, Window};
use upsign::session::TokenKeys;
use upsign::types::Provider;
use upsign::{
    Authorize, AuthorizeError, AuthorizeRequest, Bodyless, Decision, FilesDenied, Identity, IssueError,
    IssueManyError, PerCallerRateLimit, Presigner, Target, Timestamp, UploadGrant, UploadIssuer,
    UploadPolicy, UploadRequest, UploadService, Uuid, async_trait, ids_fn,
};
use upsign_testing::RecordingObserver;
use upsign_testing::mocks::{MockObjectCalls, MockPresigner};

use crate::fixture::{Signer, signer};

const MIB: u64 = 1 << 20;

fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn alice() -> Identity {
    Identity::from_verified("https://issuer.example", "alice").unwrap()
}

fn keys() -> TokenKeys {
    TokenKeys::new("production", [[7; 32]]).unwrap()
}

/// A policy for up to 4 files of up to 200 MiB each; those above 100 MiB are sent in parts.
fn builder() -> UploadPolicyBuilder {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, "u/{sub}/{id}.{ext}".parse().unwrap(), Bodyless::Refuse)
        .content_types(["image/png", "video/mp4"])
        .max_size(200 * MIB)
        .files(FilesOptions::new().with_max_files(4).with_max_total_size(500 * MIB))
}

fn mixed() -> UploadPolicy {
    let options = MultipartOptions::new(MultipartMode::Auto, Provider::Aws.capabilities());
    builder().multipart(options).build().unwrap()
}

fn service(policy: UploadPolicy, store: MockObjectCalls) -> UploadService<Signer> {
    UploadIssuer::new(policy, signer()).unwrap().with_store(store, keys()).into()
}

fn plain() -> UploadService<Signer> {
    service(builder().build().unwrap(), MockObjectCalls::new())
}

fn file(bytes: u64) -> UploadRequest {
    UploadRequest::described().with_content_type("image/png").with_content_length(bytes)
}

fn files(sizes: &[u64]) -> Vec<UploadRequest> {
    sizes.iter().copied().map(file).collect()
}

async fn issue<P: Presigner>(
    service: &UploadService<P>,
    uploads: &[UploadRequest],
) -> Result<Vec<UploadGrant>, IssueManyError> {
    service.issue_many(&alice(), None, uploads, at()).await
}

fn code(error: &IssueManyError) -> (Option<usize>, &'static str, u16) {
    (error.file, error.source.code(), error.source.status())
}

#[tokio::test]
async fn grants_are_those_of_single_requests_in_order() {
    let with_ids = || {
        let next = AtomicU64::new(0);
        let ids = ids_fn(move |_| Ok(Uuid::from_u128(next.fetch_add(1, Ordering::Relaxed).into())));
        let policy = builder().confirmation(ConfirmationOptions::new().with_confirm(true)).build().unwrap();
        let issuer = UploadIssuer::new(policy, signer()).unwrap().with_ids(ids);
        UploadService::from(issuer.with_store(MockObjectCalls::new(), keys()))
    };
    let uploads = files(&[7, 1, 200 * MIB, 7]);
    let service = with_ids();
    let mut single = Vec::new();
    for upload in &uploads {
        single.push(service.issue(&alice(), None, upload, at()).await.unwrap());
    }
    let together = issue(&with_ids(), &uploads).await.unwrap();
    assert_eq!(together, single);
    let tokens: Vec<_> = together.iter().map(|grant| grant.token.as_ref().unwrap().expose()).collect();
    assert!((1..4).all(|index| tokens.iter().skip(index).all(|token| *token != tokens[index - 1])));
}

#[tokio::test]
async fn list_must_be_offered_and_within_its_bounds() {
    let one = service(builder().files(FilesOptions::new()).build().unwrap(), MockObjectCalls::new());
    assert_eq!(code(&issue(&one, &files(&[1])).await.unwrap_err()), (None, "files-not-offered", 400));
    for (sizes, expected) in [
        (&[][..], Some((None, "files-count", 400))),
        (&[1], None),
        (&[1; 4], None),
        (&[1; 5], Some((None, "files-count", 400))),
        (&[200 * MIB, 200 * MIB, 100 * MIB], None),
        (&[200 * MIB, 200 * MIB, 100 * MIB, 1], Some((None, "files-too-large", 413))),
        (&[u64::MAX, u64::MAX], Some((None, "files-too-large", 413))),
    ] {
        let result = issue(&plain(), &files(sizes)).await;
        assert_eq!(result.as_ref().err().map(code), expected, "{sizes:?}");
        assert!(result.map_or(true, |grants| grants.len() == sizes.len()));
    }
    // A form binds a range if the size is not stated, so the largest size counts.
    let form = service(builder().method(UploadMethod::Post).build().unwrap(), MockObjectCalls::new());
    let unstated = || UploadRequest::described().with_content_type("image/png");
    assert!(issue(&form, &[unstated(), unstated()]).await.is_ok());
    let error = issue(&form, &[unstated(), unstated(), unstated()]).await.unwrap_err();
    let too_large = FilesDenied::TooLarge { total: 600 * MIB, max: 500 * MIB };
    assert!(matches!(error.source, IssueError::Files(denied) if denied == too_large), "{error:?}");
}

#[tokio::test]
async fn request_counts_once_against_the_rate_limit_and_every_grant_is_observed() {
    let (one, observer) = (NonZeroU32::MIN, RecordingObserver::new());
    let service = plain().with_rate_limit(PerCallerRateLimit::new(one, one)).with_observer(observer.clone());
    assert_eq!(issue(&service, &files(&[1, 2, 3])).await.unwrap().len(), 3);
    assert_eq!(observer.codes(), ["granted"; 3]);
    let error = issue(&service, &files(&[1])).await.unwrap_err();
    assert_eq!(code(&error), (None, "too-many-requests", 429));
    assert_eq!(observer.codes().last(), Some(&"too-many-requests"));
}

/// Counts its calls, and denies the one with this number.
#[derive(Debug)]
struct DenyNth {
    calls: Arc<AtomicUsize>,
    denied: usize,
}

#[async_trait]
impl Authorize for DenyNth {
    async fn authorize(&self, _: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(if call == self.denied { Decision::Deny } else { Decision::Allow })
    }
}

#[tokio::test]
async fn file_that_is_refused_is_named_and_nothing_is_granted() {
    let calls = Arc::new(AtomicUsize::new(0));
    let authorizer = DenyNth { calls: Arc::clone(&calls), denied: 2 };
    let observer = RecordingObserver::new();
    let issuer = UploadIssuer::new(mixed(), signer()).unwrap().with_authorizer(authorizer);
    // No call to the store is expected.
    let issuer = issuer.with_store(MockObjectCalls::new(), keys());
    let service = UploadService::from(issuer).with_observer(observer.clone());

    let mut uploads = files(&[1, 200 * MIB, 3]);
    uploads[2] = file(3).with_content_type("text/html");
    let error = issue(&service, &uploads).await.unwrap_err();
    assert_eq!(code(&error), (Some(2), "content-type-not-allowed", 415));
    assert_eq!(error.to_string(), "no file was granted, because of the one at index 2");
    assert_eq!(
        calls.load(Ordering::Relaxed),
        0,
        "the application was called for a file that the policy refuses"
    );

    let error = issue(&service, &files(&[1, 200 * MIB, 3, 4])).await.unwrap_err();
    assert_eq!((code(&error), calls.load(Ordering::Relaxed)), ((Some(2), "forbidden", 403), 3));
    assert_eq!(observer.codes(), ["content-type-not-allowed", "forbidden"]);
    let unknown = service.issue_many(&alice(), Some("x"), &files(&[1]), at()).await.unwrap_err();
    assert_eq!(code(&unknown), (None, "route-unknown", 400));
}

fn daily(objects: u64) -> Quota {
    let limit = QuotaLimit::for_all_routes(Window::DAY).with_objects(objects);
    Quota::new(MemoryQuota::new(), FailMode::Closed).with_limit(limit)
}

#[tokio::test]
async fn each_file_counts_in_a_quota_and_a_refusal_releases_them() {
    let service = plain().with_quota(daily(3));
    let error = issue(&service, &files(&[1; 4])).await.unwrap_err();
    assert_eq!(code(&error), (Some(3), "quota-exceeded", 429));
    assert_eq!(issue(&service, &files(&[1; 3])).await.unwrap().len(), 3);
    assert_eq!(code(&issue(&service, &files(&[1])).await.unwrap_err()), (Some(0), "quota-exceeded", 429));
}

fn created(number: usize) -> Result<upsign::UploadId, ObjectError> {
    if number == 2 {
        return Err(ObjectError::new(
            "CreateMultipartUpload",
            CallFailure::Timeout(std::time::Duration::ZERO),
        ));
    }
    Ok(format!("upload-{number}").parse().unwrap())
}

#[tokio::test]
async fn small_and_large_files_are_mixed() {
    let mut store = MockObjectCalls::new();
    store.expect_create_multipart_upload().times(2).returning(|_, _| created(0));
    let service = service(mixed(), store);
    let grants = issue(&service, &files(&[1, 120 * MIB, 2, 130 * MIB])).await.unwrap();
    let in_parts: Vec<bool> = grants.iter().map(|grant| grant.upload.multipart().is_some()).collect();
    assert_eq!(in_parts, [false, true, false, true]);
    assert!(grants.iter().all(|grant| grant.upload_token().is_some()));
    let sizes: Vec<_> = grants.iter().filter_map(|grant| grant.upload.multipart()?.plan.exact()).collect();
    assert_eq!(sizes, [120 * MIB, 130 * MIB]);
}

#[tokio::test]
async fn forms_and_large_files_are_mixed() {
    let mut store = MockObjectCalls::new();
    store.expect_create_multipart_upload().times(1).returning(|_, _| created(0));
    let options = MultipartOptions::new(MultipartMode::Auto, Provider::Aws.capabilities());
    let policy = builder().method(UploadMethod::Post).multipart(options).build().unwrap();
    let service = service(policy, store);
    let grants = issue(&service, &files(&[100 * MIB, 100 * MIB + 1, 7])).await.unwrap();
    let forms: Vec<bool> = grants.iter().map(|grant| grant.upload.post().is_some()).collect();
    assert_eq!(forms, [true, false, true]);
    assert_eq!(grants[1].upload.multipart().unwrap().plan.exact(), Some(100 * MIB + 1));
}

#[tokio::test]
async fn uploads_that_were_created_are_aborted_if_the_next_one_fails() {
    let mut store = MockObjectCalls::new();
    let mut calls = 0;
    store.expect_create_multipart_upload().times(3 + 1).returning(move |_, _| {
        calls += 1;
        created(calls - 1)
    });
    store.expect_abort_multipart_upload().times(2).returning(|call, _| {
        assert!(["upload-0", "upload-1"].contains(&call.upload_id().as_str()));
        Ok(())
    });
    let service = service(mixed(), store).with_quota(daily(4));
    let error = issue(&service, &files(&[1, 101 * MIB, 102 * MIB, 103 * MIB])).await.unwrap_err();
    assert_eq!((error.file, error.source.is_service_fault()), (Some(3), true));
    // Everything was released, so one more large and three small files are within the quota.
    let grants = issue(&service, &files(&[101 * MIB, 1, 2, 3])).await.unwrap();
    assert_eq!(grants.len(), 4);
}

#[tokio::test]
async fn nothing_is_created_at_the_store_if_a_file_cannot_be_signed() {
    let mut presigner = MockPresigner::supporting_everything();
    presigner.expect_presign().returning(|_, _| {
        Err(upsign::PresignError::Backend { backend: "test", source: "unavailable".into() })
    });
    let issuer = UploadIssuer::new(mixed(), presigner).unwrap().with_store(MockObjectCalls::new(), keys());
    let service = UploadService::from(issuer).with_quota(daily(2));
    for _ in 0..2 {
        let error = issue(&service, &files(&[120 * MIB, 1])).await.unwrap_err();
        assert_eq!(code(&error), (None, "signing-unavailable", 503));
    }
}

#[tokio::test]
async fn ids_that_the_service_chooses_are_those_of_all_files() {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let template = "articles/{article_id}/{id}.{ext}".parse().unwrap();
    let policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content_types(["image/png"])
        .max_size(MIB)
        .files(FilesOptions::new().with_max_files(2))
        .build()
        .unwrap();
    let service = UploadService::from(UploadIssuer::new(policy, signer()).unwrap());
    let (article, uploads) = (Uuid::from_u128(7), files(&[1, 2]));
    let chosen = [("articleId", article)];
    let grants = service.issue_many_under(&alice(), None, &uploads, chosen, at()).await.unwrap();
    assert!(grants.iter().all(|grant| grant.id("articleId") == Some(article)));
    assert_ne!(grants[0].key, grants[1].key);
}
