//! Rate limits in a store.

use std::num::NonZeroU32;
use std::sync::Arc;

use upsign::quota::{FailMode, MemoryQuota, StoreRateLimit};
use upsign::session::SessionError;
use upsign::{
    Identity, IssueError, LimitStep, PerCallerRateLimit, Rate, RateLimit, UploadRequest, UploadService,
};

use super::service::{Skipped, store_that_is_down};
use crate::fixture::{at, caller, simple};

fn numbers(per_minute: u32, burst: u32) -> (NonZeroU32, NonZeroU32) {
    (NonZeroU32::new(per_minute).unwrap(), NonZeroU32::new(burst).unwrap())
}

fn rate(per_minute: u32, burst: u32) -> Rate {
    let (per_minute, burst) = numbers(per_minute, burst);
    Rate::new(per_minute, burst)
}

#[tokio::test]
async fn a_store_permits_what_a_process_permits() {
    let (per_minute, burst) = numbers(7, 3);
    let process = PerCallerRateLimit::new(per_minute, burst);
    let store = StoreRateLimit::new(MemoryQuota::new(), "uploads", rate(7, 3), FailMode::Closed);
    for seconds in [0, 0, 0, 0, 5, 9, 9, 30, 30, 30, 30, 31, 600] {
        let at = at().saturating_add(seconds);
        let expected = process.count(&caller(), at).await.err().and_then(|error| error.too_many());
        let counted = store.count(&caller(), at).await.err().and_then(|error| error.too_many());
        assert_eq!(counted, expected, "after {seconds} s");
    }
}

#[tokio::test]
async fn two_services_with_one_store_count_together() {
    let store = Arc::new(MemoryQuota::new());
    let service = || {
        let uploads = StoreRateLimit::new(Arc::clone(&store), "uploads", rate(60, 2), FailMode::Closed);
        let calls = StoreRateLimit::new(Arc::clone(&store), "calls", rate(60, 1), FailMode::Closed);
        UploadService::from(simple("images")).with_rate_limit(uploads).with_call_rate_limit(calls)
    };
    let (one, other) = (service(), service());
    one.count(&caller(), at()).await.unwrap();
    other.count(&caller(), at()).await.unwrap();
    assert!(matches!(one.count(&caller(), at()).await, Err(IssueError::TooManyRequests(_))));
    // Requests that continue uploads are another kind.
    other.count_call(&caller(), at()).await.unwrap();
    assert!(matches!(one.count_call(&caller(), at()).await, Err(SessionError::TooManyRequests(_))));
    let bob = Identity::from_verified("https://issuer.example", "bob").unwrap();
    one.count(&bob, at()).await.unwrap();
}

#[tokio::test]
async fn a_closed_rate_limit_refuses_requests_while_its_store_is_down() {
    let limit = || StoreRateLimit::new(store_that_is_down(), "uploads", rate(60, 1), FailMode::Closed);
    let service =
        UploadService::from(simple("images")).with_rate_limit(limit()).with_call_rate_limit(limit());
    let error = service.count(&caller(), at()).await.unwrap_err();
    assert_eq!(
        (error.code(), error.status(), error.retry_after()),
        ("rate-limit-unavailable", 503, Some(10))
    );
    let error = service.count_call(&caller(), at()).await.unwrap_err();
    assert_eq!(
        (error.code(), error.status(), error.retry_after()),
        ("rate-limit-unavailable", 503, Some(10))
    );
}

#[tokio::test]
async fn an_open_rate_limit_continues_and_reports_while_its_store_is_down() {
    let skipped = Skipped::default();
    let limit = || StoreRateLimit::new(store_that_is_down(), "uploads", rate(60, 1), FailMode::Open);
    let service =
        UploadService::from(simple("images")).with_rate_limit(limit()).with_call_rate_limit(limit());
    let service = service.with_observer(skipped.clone());
    let image = UploadRequest::described().with_content_type("image/jpeg").with_content_length(1);
    service.issue(&caller(), None, &image, at()).await.unwrap();
    service.count_call(&caller(), at()).await.unwrap();
    assert_eq!(skipped.steps(), [LimitStep::Rate, LimitStep::CallRate]);
}
