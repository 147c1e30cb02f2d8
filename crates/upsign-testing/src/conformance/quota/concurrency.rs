//! Steps at the same time.

use futures_util::future::join_all;
use upsign::quota::{Reserved, Settled};

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
    let settle = join_all(settled.iter().map(|number| account.settle(&uploads[*number], 4)));
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

pub(super) async fn concurrent_settlements_keep_within_the_limit(suite: &Suite<'_>) {
    let account = suite.account("concurrent settlements");
    let limit = day(suite.noon, Some(10), Some(100));
    // Ten are reserved. Each is released and settled at once, and so are twenty that were released before.
    let uploads: Vec<_> =
        (0..30).map(|number| account.upload(number, 10).with_counter(limit.clone())).collect();
    for upload in &uploads[..10] {
        assert_eq!(account.reserve(upload).await, Ok(Reserved::New));
    }
    let settle = join_all(uploads.iter().map(|upload| account.settle_with(upload, 10, "object")));
    let release = join_all((0..10).map(|number| account.release(number)));
    let (settled, _) = futures_util::future::join(settle, release).await;
    // What a release makes room for is taken by the upload itself or by another.
    assert_eq!(settled.iter().filter(|result| result.is_ok()).count(), 10);
    assert!(account.reserve(&account.upload(101, 0).with_counter(limit)).await.is_err(), "all 10 are used");

    // One object is counted once, however many requests confirm it.
    let account = suite.account("concurrent repetitions of a settlement");
    let limit = day(suite.noon, Some(2), None);
    let upload = account.upload(0, 10).with_counter(limit.clone());
    let settled = join_all((0..20).map(|_| account.settle_with(&upload, 10, "object"))).await;
    assert!(settled.iter().all(|result| *result == Ok(Settled::ThisObject)), "{settled:?}");
    assert_eq!(account.reserve(&account.upload(1, 0).with_counter(limit.clone())).await, Ok(Reserved::New));
    assert!(account.reserve(&account.upload(2, 0).with_counter(limit)).await.is_err());
}
