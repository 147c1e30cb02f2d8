//! Steps at the same time.

use futures_util::future::join_all;
use upsign::quota::Reserved;

use super::fixture::{Suite, day};

pub(super) async fn concurrent_reservations_are_exact(suite: &Suite<'_>) {
    let account = suite.account("concurrent");
    let limit = day(suite.noon, Some(20), Some(1_000));
    let uploads: Vec<_> =
        (0..100).map(|number| account.upload(number, 10).with_counter(limit.clone())).collect();
    let results = join_all(uploads.iter().map(|upload| account.reserve(upload))).await;
    assert_eq!(results.iter().filter(|result| **result == Ok(Reserved::New)).count(), 20);
    assert_eq!(results.iter().filter(|result| result.is_err()).count(), 80);

    // All that were reserved are settled and released at once, in both orders.
    let known = results.iter().enumerate().filter(|(_, result)| result.is_ok()).map(|(number, _)| number);
    let known: Vec<usize> = known.collect();
    let (settled, released) = known.split_at(10);
    let settle = join_all(settled.iter().map(|number| account.settle(*number, 4)));
    let release = join_all(released.iter().map(|number| account.release(*number)));
    futures_util::future::join(settle, release).await;
    // 10 objects with 40 bytes are left.
    let all = account.upload(200, 960).with_counter(limit.clone());
    assert_eq!(account.reserve(&all).await, Ok(Reserved::New));
    assert!(account.reserve(&account.upload(201, 1).with_counter(limit.clone())).await.is_err());
    let objects = day(suite.noon, Some(11), None);
    assert!(account.reserve(&account.upload(202, 0).with_counter(objects)).await.is_err());
}

pub(super) async fn concurrent_repetitions_count_once(suite: &Suite<'_>) {
    let account = suite.account("concurrent repetitions");
    let limit = day(suite.noon, Some(2), None);
    let upload = account.upload(0, 10).with_counter(limit.clone());
    let results = join_all((0..20).map(|_| account.reserve(&upload))).await;
    assert_eq!(results.iter().filter(|result| **result == Ok(Reserved::New)).count(), 1);
    assert_eq!(results.iter().filter(|result| **result == Ok(Reserved::Already)).count(), 19);
    join_all((0..10).map(|_| account.release(0))).await;
    for number in 1..=2 {
        let upload = account.upload(number, 10).with_counter(limit.clone());
        assert_eq!(account.reserve(&upload).await, Ok(Reserved::New));
    }
    assert!(account.reserve(&account.upload(3, 10).with_counter(limit)).await.is_err());
}
