//! What a service reserves, and when it refuses.

use std::sync::{Arc, Mutex};

use upsign::policy::UploadMethod;
use upsign::quota::{
    AccountKey, FailMode, MemoryQuota, ObjectMark, Quota, QuotaAccount, QuotaDenied, QuotaLimit, QuotaStore,
    QuotaStoreError, Reservation, ReservationId, Reserved, Settled, Window,
};
use upsign::{
    Identity, IssueError, LimitSkipped, LimitStep, NoEntropy, Rate, Route, Timestamp, TooManyRequests,
    UploadIssuer, UploadObserver, UploadRequest, UploadService, Uuid, async_trait, ids_fn,
};
use upsign_testing::mocks::MockPresigner;

use crate::fixture::{Signer, at, caller, policy, simple};

fn image(bytes: u64) -> UploadRequest {
    UploadRequest::described().with_content_type("image/jpeg").with_content_length(bytes)
}

fn two_routes() -> UploadService<Signer> {
    let videos = Route::named("videos".parse().unwrap(), simple("videos"));
    UploadService::new([Route::unnamed(simple("images")), videos]).unwrap()
}

fn per_day(objects: u64) -> Quota {
    let limit = QuotaLimit::for_all_routes(Window::DAY).with_objects(objects);
    Quota::new(MemoryQuota::new(), FailMode::Closed).with_limit(limit)
}

#[tokio::test]
async fn a_caller_gets_as_many_grants_as_the_quota_permits() {
    let service = UploadService::from(simple("images")).with_quota(per_day(20));
    for _ in 0..20 {
        service.issue(&caller(), None, &image(1_000), at()).await.unwrap();
    }
    let refused = service.issue(&caller(), None, &image(1_000), at()).await.unwrap_err();
    assert_eq!((refused.code(), refused.status()), ("quota-exceeded", 429));
    // The tests begin at midnight.
    assert_eq!(refused.retry_after(), Some(86_400));
    assert!(!refused.is_service_fault());
    assert_eq!(refused.to_string(), "the quota of 20 objects is used up until 2026-01-02T00:00:00Z");
    let bob = Identity::from_verified("https://issuer.example", "bob").unwrap();
    service.issue(&bob, None, &image(1_000), at()).await.unwrap();
    let tomorrow = at().saturating_add(86_400);
    service.issue(&caller(), None, &image(1_000), tomorrow).await.unwrap();
}

#[tokio::test]
async fn limits_of_a_route_and_of_all_routes_hold_together() {
    let videos = QuotaLimit::for_route(Some("videos".parse().unwrap()), Window::DAY).with_objects(1);
    let service = two_routes().with_quota(per_day(3).with_limit(videos));
    let issue = async |route| service.issue(&caller(), route, &image(1), at()).await.map(|_| ());
    issue(Some("videos")).await.unwrap();
    assert_eq!(issue(Some("videos")).await.unwrap_err().code(), "quota-exceeded");
    issue(None).await.unwrap();
    issue(None).await.unwrap();
    assert_eq!(issue(None).await.unwrap_err().code(), "quota-exceeded");
}

#[tokio::test]
async fn routes_without_a_limit_do_not_use_the_store() {
    let videos = QuotaLimit::for_route(Some("videos".parse().unwrap()), Window::DAY).with_objects(1);
    let quota = Quota::new(Down, FailMode::Closed).with_limit(videos);
    let service = two_routes().with_quota(quota);
    service.issue(&caller(), None, &image(1), at()).await.unwrap();
    assert!(service.issue(&caller(), Some("videos"), &image(1), at()).await.is_err());
}

#[tokio::test]
async fn refused_requests_are_not_counted() {
    let service = UploadService::from(simple("images")).with_quota(per_day(1));
    for _ in 0..3 {
        let page = UploadRequest::described().with_content_type("text/html").with_content_length(1);
        assert!(service.issue(&caller(), None, &page, at()).await.is_err());
        assert!(service.issue(&caller(), Some("unknown"), &image(1), at()).await.is_err());
    }
    service.issue(&caller(), None, &image(1), at()).await.unwrap();
}

#[tokio::test]
async fn uploads_that_are_not_signed_are_released() {
    let mut presigner = MockPresigner::supporting_everything();
    presigner.expect_presign().returning(|_, _| Err(upsign::CredentialsError::Missing("none".into()).into()));
    let issuer = UploadIssuer::new(policy("images", false, UploadMethod::Put), presigner).unwrap();
    let service = UploadService::from(issuer).with_quota(per_day(1));
    for _ in 0..3 {
        let error = service.issue(&caller(), None, &image(1), at()).await.unwrap_err();
        assert_eq!(error.code(), "signing-unavailable", "the first one was not released");
    }
}

#[tokio::test]
async fn uploads_to_the_same_key_count_once() {
    let same = ids_fn(|_| Ok::<_, NoEntropy>(Uuid::from_u128(7)));
    let service = UploadService::from(simple("images").with_ids(same)).with_quota(per_day(1));
    service.issue(&caller(), None, &image(1), at()).await.unwrap();
    service.issue(&caller(), None, &image(1), at()).await.unwrap();
}

#[tokio::test]
async fn callers_can_share_an_account_by_a_claim() {
    let quota = per_day(1).with_account(AccountKey::Claim("team".into()));
    let service = UploadService::from(simple("images")).with_quota(quota);
    let issue = async |caller: Identity| service.issue(&caller, None, &image(1), at()).await.is_ok();
    let member = |issuer: &str, name: &str| Identity::from_verified(issuer, name).unwrap();
    let (one, other) = ("https://issuer.example", "https://other.example");
    assert!(issue(member(one, "alice").with_claim("team", "blue")).await);
    assert!(!issue(member(one, "bob").with_claim("team", "blue")).await);
    assert!(issue(member(one, "bob").with_claim("team", "red")).await);
    assert!(issue(member(other, "alice").with_claim("team", "blue")).await);
    // Without the claim each caller has an account of its own, and a subject is not a claim with the same text.
    assert!(issue(member(one, "carol")).await);
    assert!(!issue(member(one, "carol")).await);
    assert!(issue(member(one, "blue")).await);
}

/// A store that fails.
#[derive(Debug)]
struct Down;

fn down<T>() -> Result<T, QuotaStoreError> {
    Err(QuotaStoreError::new("connection refused"))
}

#[async_trait]
impl QuotaStore for Down {
    async fn reserve(
        &self,
        _: &Reservation,
        _: Timestamp,
    ) -> Result<Result<Reserved, QuotaDenied>, QuotaStoreError> {
        down()
    }

    async fn settle(
        &self,
        _: &Reservation,
        _: ObjectMark,
        _: Timestamp,
    ) -> Result<Result<Settled, QuotaDenied>, QuotaStoreError> {
        down()
    }

    async fn release(&self, _: QuotaAccount, _: ReservationId, _: Timestamp) -> Result<(), QuotaStoreError> {
        down()
    }

    async fn count_request(
        &self,
        _: QuotaAccount,
        _: &'static str,
        _: Rate,
        _: Timestamp,
    ) -> Result<Result<(), TooManyRequests>, QuotaStoreError> {
        down()
    }
}

/// Records the steps that were left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Skipped(Arc<Mutex<Vec<LimitStep>>>);

impl Skipped {
    pub(super) fn steps(&self) -> Vec<LimitStep> {
        self.0.lock().unwrap().clone()
    }
}

impl UploadObserver for Skipped {
    fn limit_skipped(&self, event: &LimitSkipped<'_>) {
        assert!(upsign::types::error_chain(event.error).to_string().contains("connection refused"));
        self.0.lock().unwrap().push(event.step);
    }
}

#[tokio::test]
async fn a_closed_quota_refuses_uploads_while_its_store_is_down() {
    let skipped = Skipped::default();
    let quota = Quota::new(Down, FailMode::Closed).with_limit(per_day(1).limits()[0].clone());
    let service = UploadService::from(simple("images")).with_quota(quota).with_observer(skipped.clone());
    let error = service.issue(&caller(), None, &image(1), at()).await.unwrap_err();
    assert!(matches!(error, IssueError::QuotaUnavailable(_)), "{error:?}");
    assert_eq!((error.code(), error.status(), error.retry_after()), ("quota-unavailable", 503, Some(10)));
    assert!(error.is_service_fault());
    assert!(skipped.steps().is_empty());
}

#[tokio::test]
async fn an_open_quota_continues_and_reports_while_its_store_is_down() {
    let skipped = Skipped::default();
    let quota = Quota::new(Down, FailMode::Open).with_limit(per_day(1).limits()[0].clone());
    let service = UploadService::from(simple("images")).with_quota(quota).with_observer(skipped.clone());
    for _ in 0..2 {
        service.issue(&caller(), None, &image(1), at()).await.unwrap();
    }
    assert_eq!(skipped.steps(), [LimitStep::Reserve; 2]);
}

pub(super) const fn store_that_is_down() -> impl QuotaStore + 'static {
    Down
}
