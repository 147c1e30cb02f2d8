//! How reservations end.

use futures_util::future::join_all;
use upsign::Timestamp;
use upsign::quota::{AtExpiry, ObjectMark, QuotaKind, QuotaScope, Reservation, Reserved, Settled, Window};

use super::fixture::{Account, Suite, counter, day};

/// Asserts how many bytes of a limit of 100 are left: that many fit, and one more does not. Leaves the counter as it is.
async fn assert_left(account: &Account<'_>, number: usize, left: u64) {
    let limit = day(account.noon, None, Some(100));
    let more = account.upload(number, left + 1).with_counter(limit.clone());
    assert!(account.reserve(&more).await.is_err(), "more than {left} bytes are left");
    let all = account.upload(number, left).with_counter(limit);
    assert_eq!(account.reserve(&all).await, Ok(Reserved::New), "fewer than {left} bytes are left");
    account.release(number).await;
}

pub(super) async fn a_repeated_reservation_counts_once(suite: &Suite<'_>) {
    let account = suite.account("repeated");
    let limit = day(suite.noon, Some(2), Some(100));
    let upload = account.upload(0, 60).with_counter(limit.clone());
    assert_eq!(account.reserve(&upload).await, Ok(Reserved::New));
    assert_eq!(account.reserve(&upload).await, Ok(Reserved::Already));
    let other = account.upload(1, 40).with_counter(limit.clone());
    assert_eq!(account.reserve(&other).await, Ok(Reserved::New));
    assert_eq!(account.reserve(&upload).await, Ok(Reserved::Already), "although the limit is used up");
    account.settle(&upload, 60).await;
    assert_eq!(account.reserve(&upload).await, Ok(Reserved::Already), "although it is settled");
    assert!(account.reserve(&account.upload(2, 0).with_counter(limit)).await.is_err());
}

pub(super) async fn settled_uploads_count_their_size(suite: &Suite<'_>) {
    let account = suite.account("settled");
    let upload = account.upload(0, 80).with_counter(day(suite.noon, None, Some(100)));
    assert_eq!(account.reserve(&upload).await, Ok(Reserved::New));
    assert_left(&account, 1, 20).await;
    account.settle(&upload, 30).await;
    assert_left(&account, 1, 70).await;
    // It is settled once, and a settled upload is not released.
    account.settle(&upload, 10).await;
    account.release(0).await;
    assert_left(&account, 1, 70).await;

    // An object can be larger than it was declared, and then exceed the limit.
    let account = suite.account("settled above");
    let upload = account.upload(0, 10).with_counter(day(suite.noon, None, Some(100)));
    assert_eq!(account.reserve(&upload).await, Ok(Reserved::New));
    account.settle(&upload, 95).await;
    assert_left(&account, 1, 5).await;
    let objects = account.upload(2, 0).with_counter(day(suite.noon, Some(1), None));
    assert!(account.reserve(&objects).await.is_err(), "a settled upload counts as an object");
}

pub(super) async fn released_uploads_do_not_count(suite: &Suite<'_>) {
    let account = suite.account("released");
    let limit = day(suite.noon, Some(1), Some(100));
    let upload = account.upload(0, 80).with_counter(limit);
    assert_eq!(account.reserve(&upload).await, Ok(Reserved::New));
    account.release(0).await;
    account.release(0).await;
    assert_left(&account, 1, 100).await;
    assert_eq!(account.reserve(&upload).await, Ok(Reserved::New), "it can be reserved again");
    assert!(account.reserve(&account.upload(2, 0).with_counter(upload.counters[0].clone())).await.is_err());
}

pub(super) async fn unknown_uploads_are_settled_within_the_limit(suite: &Suite<'_>) {
    let account = suite.account("unknown");
    let limit = day(suite.noon, Some(2), Some(100));
    let upload = |number| account.upload(number, 60).with_counter(limit.clone());
    account.release(0).await;
    assert_left(&account, 9, 100).await;
    // As of an upload that was released: it is counted, once, and cannot be released any more.
    account.settle(&upload(0), 60).await;
    account.settle(&upload(0), 60).await;
    account.release(0).await;
    assert_left(&account, 9, 40).await;
    assert_eq!(account.reserve(&upload(0)).await, Ok(Reserved::Already));
    let denied = account.settle_with(&upload(1), 41, "first").await.unwrap_err();
    assert_eq!((denied.kind, denied.limit), (QuotaKind::Bytes, 100));
    assert_left(&account, 9, 40).await;
    account.settle(&upload(1), 40).await;
    let denied = account.settle_with(&upload(2), 0, "first").await.unwrap_err();
    assert_eq!((denied.kind, denied.limit), (QuotaKind::Objects, 2));

    // An expired one is unknown too.
    let account = suite.account("unknown, expired");
    let after = suite.noon.saturating_add(3_600);
    let upload = |number| account.upload(number, 60).with_counter(limit.clone());
    assert_eq!(account.reserve(&upload(0)).await, Ok(Reserved::New));
    let mut other = upload(1);
    other.expires_at = after.saturating_add(3_600);
    assert_eq!(account.reserve_at(&other, after).await, Ok(Reserved::New));
    let mut late = upload(0);
    late.expires_at = other.expires_at;
    let settled = account.store.settle(&late, ObjectMark::of("late"), after).await.unwrap();
    assert_eq!(settled.unwrap_err().kind, QuotaKind::Bytes);
    late.bytes = 40;
    let settled = account.store.settle(&late, ObjectMark::of("late"), after).await.unwrap();
    assert_eq!(settled, Ok(Settled::ThisObject));
}

pub(super) async fn a_further_object_is_not_settled_by_the_first(suite: &Suite<'_>) {
    let account = suite.account("further");
    let upload = account.upload(0, 30).with_counter(day(suite.noon, Some(2), Some(100)));
    assert_eq!(account.reserve(&upload).await, Ok(Reserved::New));
    assert_eq!(account.settle_with(&upload, 30, "v1").await, Ok(Settled::ThisObject));
    assert_eq!(account.settle_with(&upload, 30, "v2").await, Ok(Settled::OtherObject));
    assert_left(&account, 9, 70).await;
    // It has an id of its own.
    let further = |version| {
        let mut further = upload.clone();
        further.id = upload.id.of_object(ObjectMark::of(version));
        further
    };
    for _ in 0..2 {
        assert_eq!(account.settle_with(&further("v2"), 30, "v2").await, Ok(Settled::ThisObject));
    }
    assert!(account.settle_with(&further("v3"), 0, "v3").await.is_err(), "two objects are counted");
    assert_eq!(account.settle_with(&upload, 30, "v1").await, Ok(Settled::ThisObject));
}

/// An object that is confirmed late, because the process ended after it was settled, is counted once until the next window has ended.
pub(super) async fn a_settled_object_counts_once_after_its_reservation(suite: &Suite<'_>) {
    let account = suite.account("settled, expired");
    let limit = day(suite.noon, Some(2), Some(100));
    // One that was reserved before, and one that was not.
    let uploads = [0, 1].map(|number| account.upload(number, 30).with_counter(limit.clone()));
    assert_eq!(account.reserve(&uploads[0]).await, Ok(Reserved::New));
    for upload in &uploads {
        account.settle(upload, 30).await;
    }
    let settle = async |upload: &Reservation, version: &str, at: Timestamp| {
        let mut late = upload.clone();
        late.counters = vec![day(at, Some(2), Some(100))];
        late.expires_at = at.saturating_add(900);
        account.store.settle(&late, ObjectMark::of(version), at).await.unwrap()
    };
    let reserve = async |number: usize, bytes: u64, at: Timestamp| {
        let mut upload = account.upload(number, bytes).with_counter(day(at, Some(2), Some(100)));
        upload.expires_at = at.saturating_add(3_600);
        account.reserve_at(&upload, at).await
    };
    let (after, next_day) = (suite.noon.saturating_add(3_600), suite.noon.saturating_add(86_400));
    for upload in &uploads {
        for at in [after, next_day] {
            assert_eq!(settle(upload, "first", at).await, Ok(Settled::ThisObject), "it does not count twice");
            assert_eq!(settle(upload, "second", at).await, Ok(Settled::OtherObject), "it is remembered");
        }
    }
    assert!(reserve(2, 0, after).await.is_err(), "two objects are counted on their day");
    assert_eq!(reserve(2, 100, next_day).await, Ok(Reserved::New), "and none on the next one");
    account.store.release(account.id, account.id(2), next_day).await.unwrap();
    // A new upload to the same key is counted as one.
    assert_eq!(reserve(0, 60, next_day).await, Ok(Reserved::New));
    assert_eq!(reserve(0, 60, next_day).await, Ok(Reserved::Already));
    assert!(reserve(1, 41, next_day).await.is_err());
    assert_eq!(reserve(1, 40, next_day).await, Ok(Reserved::New));
}

pub(super) async fn expired_uploads_do_not_count(suite: &Suite<'_>) {
    let account = suite.account("expired");
    let limit = day(suite.noon, Some(130), Some(130));
    // More than a store is likely to subtract at once.
    let uploads: Vec<_> =
        (0..130).map(|number| account.upload(number, 1).with_counter(limit.clone())).collect();
    let results = join_all(uploads.iter().map(|upload| account.reserve(upload))).await;
    assert!(results.iter().all(|result| *result == Ok(Reserved::New)));
    account.settle(&uploads[0], 1).await;
    let before = suite.noon.saturating_add(3_599);
    let late = account.upload(130, 129).with_counter(limit.clone());
    assert!(account.reserve_at(&late, before).await.is_err(), "nothing has expired");
    let after = suite.noon.saturating_add(3_600);
    let mut late = account.upload(130, 129).with_counter(limit.clone());
    late.expires_at = after.saturating_add(3_600);
    assert_eq!(account.reserve_at(&late, after).await, Ok(Reserved::New), "129 have expired, one is settled");
    let mut more = account.upload(131, 1).with_counter(limit.clone());
    more.expires_at = late.expires_at;
    assert!(account.reserve_at(&more, after).await.is_err(), "they are subtracted once");

    // The id of an expired reservation can be used again.
    let account = suite.account("expired again");
    let limit = day(suite.noon, None, Some(100));
    let mut upload = account.upload(0, 60).with_counter(limit.clone());
    assert_eq!(account.reserve(&upload).await, Ok(Reserved::New));
    upload.expires_at = late.expires_at;
    assert_eq!(account.reserve_at(&upload, after).await, Ok(Reserved::New));
    let mut other = account.upload(1, 41).with_counter(limit);
    other.expires_at = late.expires_at;
    assert!(account.reserve_at(&other, after).await.is_err());
    other.bytes = 40;
    assert_eq!(account.reserve_at(&other, after).await, Ok(Reserved::New));
}

pub(super) async fn expired_uploads_of_routes_without_confirmation_count(suite: &Suite<'_>) {
    let account = suite.account("kept");
    let limit = day(suite.noon, None, Some(100));
    let upload = account.upload(0, 60).with_counter(limit.clone()).with_expiry(AtExpiry::Keep);
    assert_eq!(account.reserve(&upload).await, Ok(Reserved::New));
    let after = suite.noon.saturating_add(3_600);
    let mut other = account.upload(1, 41).with_counter(limit.clone());
    other.expires_at = after.saturating_add(60);
    assert!(account.reserve_at(&other, after).await.is_err());
    // Also if its id is used again.
    let mut again = account.upload(0, 41).with_counter(limit.clone());
    again.expires_at = other.expires_at;
    assert!(account.reserve_at(&again, after).await.is_err());
    again.bytes = 40;
    assert_eq!(account.reserve_at(&again, after).await, Ok(Reserved::New));
    // Until it expires, it can be released: its request was not signed.
    let account = suite.account("kept, released");
    let upload = account.upload(0, 60).with_counter(limit).with_expiry(AtExpiry::Keep);
    assert_eq!(account.reserve(&upload).await, Ok(Reserved::New));
    account.release(0).await;
    assert_left(&account, 1, 100).await;
}

pub(super) async fn an_upload_of_an_earlier_window_changes_that_window(suite: &Suite<'_>) {
    let account = suite.account("earlier");
    let at_noon = counter(QuotaScope::AllRoutes, Window::HOUR, suite.noon, Some(2), Some(100));
    let mut settled = account.upload(0, 80).with_counter(at_noon.clone());
    settled.expires_at = suite.noon.saturating_add(7_200);
    let released = account.upload(1, 20).with_counter(at_noon);
    assert_eq!(account.reserve(&settled).await, Ok(Reserved::New));
    assert_eq!(account.reserve(&released).await, Ok(Reserved::New));

    let later = suite.noon.saturating_add(3_600);
    let at_one = counter(QuotaScope::AllRoutes, Window::HOUR, later, Some(2), Some(100));
    let mut upload = account.upload(2, 90).with_counter(at_one.clone());
    upload.expires_at = later.saturating_add(3_600);
    assert_eq!(account.reserve_at(&upload, later).await, Ok(Reserved::New));
    account.settle(&settled, 10).await;
    account.release(1).await;
    let mut more = account.upload(3, 11).with_counter(at_one);
    more.expires_at = upload.expires_at;
    assert!(account.reserve_at(&more, later).await.is_err(), "the window of one o'clock is unchanged");
    more.bytes = 10;
    assert_eq!(account.reserve_at(&more, later).await, Ok(Reserved::New));
}
