//! The suite for stores of quotas.

mod concurrency;
mod ends;
mod fixture;
mod limits;
mod rates;

use upsign::quota::QuotaStore;

use fixture::Suite;

/// Checks a [`QuotaStore`] against what its documentation promises.
///
/// The store may be shared and in use: the suite creates accounts of its own, whose names contain `namespace`. A second run with
/// one store needs another namespace, because its accounts must be new.
///
/// ```
/// use upsign::quota::MemoryQuota;
/// use upsign_testing::conformance::check_quota_store;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// // In a test with `#[tokio::test]`:
/// check_quota_store(&MemoryQuota::new(), "memory").await;
/// # }
/// ```
///
/// # Panics
/// Panics at the first difference.
pub async fn check_quota_store(store: &dyn QuotaStore, namespace: &str) {
    let suite = Suite::new(store, namespace);
    limits::objects_are_limited(&suite).await;
    limits::bytes_are_limited(&suite).await;
    limits::the_largest_amounts_are_exact(&suite).await;
    limits::several_limits_are_raised_together(&suite).await;
    limits::the_limit_that_resets_last_is_reported(&suite).await;
    limits::windows_are_counted_separately(&suite).await;
    limits::accounts_are_counted_separately(&suite).await;
    ends::a_repeated_reservation_counts_once(&suite).await;
    ends::settled_uploads_count_their_size(&suite).await;
    ends::released_uploads_do_not_count(&suite).await;
    ends::unknown_uploads_are_settled_within_the_limit(&suite).await;
    ends::a_further_object_is_not_settled_by_the_first(&suite).await;
    ends::a_settled_object_counts_once_after_its_reservation(&suite).await;
    ends::expired_uploads_do_not_count(&suite).await;
    ends::expired_uploads_of_routes_without_confirmation_count(&suite).await;
    ends::an_upload_of_an_earlier_window_changes_that_window(&suite).await;
    concurrency::concurrent_reservations_are_exact(&suite).await;
    concurrency::concurrent_repetitions_count_once(&suite).await;
    concurrency::concurrent_settlements_keep_within_the_limit(&suite).await;
    rates::requests_are_counted_as_in_memory(&suite).await;
    rates::concurrent_requests_are_exact(&suite).await;
}
