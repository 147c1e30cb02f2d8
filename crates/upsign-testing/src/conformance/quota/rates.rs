//! Rates of requests.

use std::num::NonZeroU32;

use futures_util::future::join_all;
use upsign::Rate;

use super::fixture::Suite;

fn rate(per_minute: u32, burst: u32) -> Rate {
    Rate::new(NonZeroU32::new(per_minute).unwrap(), NonZeroU32::new(burst).unwrap())
}

/// Compares each answer with [`Rate::after`]. The seconds go back once: the clocks of two servers differ.
pub(super) async fn requests_are_counted_as_in_memory(suite: &Suite<'_>) {
    let seconds = [0, 0, 0, 1, 3, 3, 4, 20, 20, 20, 2, 2, 15, 16, 30, 90, 90, 90, 90, 91, 7_200, 7_200];
    for (name, per_minute, burst) in [("slow", 2, 3), ("odd", 7, 1), ("fast", 600, 2), ("most", u32::MAX, 1)]
    {
        let (account, rate) = (suite.account(name), rate(per_minute, burst));
        let mut tat = 0;
        for (index, second) in seconds.into_iter().enumerate() {
            let at = suite.noon.saturating_add(second);
            let (next, expected) = rate.after(tat, at);
            let counted = suite.store.count_request(account.id, "uploads", rate, at).await;
            let refused = counted.unwrap().err();
            assert_eq!(refused, expected, "request {index} at {second} s with {per_minute} a minute");
            tat = next;
        }
        // Another kind and another account count separately.
        let at = suite.noon;
        assert!(suite.store.count_request(account.id, "calls", rate, at).await.unwrap().is_ok());
    }
}

pub(super) async fn concurrent_requests_are_exact(suite: &Suite<'_>) {
    let (account, rate) = (suite.account("concurrent requests"), rate(1, 10));
    let requests = (0..50).map(|_| suite.store.count_request(account.id, "uploads", rate, suite.noon));
    let results = join_all(requests).await;
    assert_eq!(results.iter().filter(|result| matches!(result, Ok(Ok(())))).count(), 10);
}
