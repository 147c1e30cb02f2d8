//! Limits and windows.

use upsign::quota::{MAX_AMOUNT, QuotaKind, QuotaScope, Reserved, Window};

use super::fixture::{Suite, counter, day};

pub(super) async fn objects_are_limited(suite: &Suite<'_>) {
    let account = suite.account("objects");
    let limit = day(suite.noon, Some(3), None);
    for number in 0..3 {
        let upload = account.upload(number, 1_000).with_counter(limit.clone());
        assert_eq!(account.reserve(&upload).await, Ok(Reserved::New), "upload {number} of 3");
    }
    let denied = account.reserve(&account.upload(3, 0).with_counter(limit.clone())).await.unwrap_err();
    assert_eq!((denied.kind, denied.limit, denied.retry_after), (QuotaKind::Objects, 3, 43_200));
    assert_eq!(denied.resets_at, suite.noon.saturating_add(43_200));
    assert_eq!(denied.scope, QuotaScope::AllRoutes);
    // A limit that was raised applies at once, and so does one that was lowered.
    let raised = account.upload(3, 0).with_counter(day(suite.noon, Some(4), None));
    assert_eq!(account.reserve(&raised).await, Ok(Reserved::New));
    let lowered = account.upload(4, 0).with_counter(day(suite.noon, Some(1), None));
    assert_eq!(account.reserve(&lowered).await.unwrap_err().limit, 1);
}

pub(super) async fn bytes_are_limited(suite: &Suite<'_>) {
    let account = suite.account("bytes");
    let limit = day(suite.noon, None, Some(100));
    let reserve = async |number, bytes| {
        let upload = account.upload(number, bytes).with_counter(limit.clone());
        account.reserve(&upload).await.map_err(|denied| (denied.kind, denied.limit))
    };
    assert_eq!(reserve(0, 60).await, Ok(Reserved::New));
    assert_eq!(reserve(1, 41).await, Err((QuotaKind::Bytes, 100)));
    assert_eq!(reserve(1, 40).await, Ok(Reserved::New), "a denied reservation must not count");
    assert_eq!(reserve(2, 1).await, Err((QuotaKind::Bytes, 100)));
    assert_eq!(reserve(2, 0).await, Ok(Reserved::New), "an empty object has no bytes");
}

pub(super) async fn the_largest_amounts_are_exact(suite: &Suite<'_>) {
    let account = suite.account("largest");
    let limit = day(suite.noon, Some(MAX_AMOUNT), Some(MAX_AMOUNT));
    let upload = account.upload(0, MAX_AMOUNT - 1).with_counter(limit.clone());
    assert_eq!(account.reserve(&upload).await, Ok(Reserved::New));
    let two_more = account.upload(1, 2).with_counter(limit.clone());
    assert_eq!(account.reserve(&two_more).await.unwrap_err().limit, MAX_AMOUNT);
    let one_more = account.upload(2, 1).with_counter(limit);
    assert_eq!(account.reserve(&one_more).await, Ok(Reserved::New));
}

pub(super) async fn several_limits_are_raised_together(suite: &Suite<'_>) {
    let account = suite.account("several");
    let route = QuotaScope::Route(Some("videos".parse().unwrap()));
    let of_route = counter(route.clone(), Window::DAY, suite.noon, Some(1), None);
    let all = day(suite.noon, Some(3), None);
    let video = |number| account.upload(number, 1).with_counter(all.clone()).with_counter(of_route.clone());
    let image = |number| account.upload(number, 1).with_counter(all.clone());
    assert_eq!(account.reserve(&video(0)).await, Ok(Reserved::New));
    // If the denied one had raised the limit of all routes, only one of the next two would fit.
    assert_eq!(account.reserve(&video(1)).await.unwrap_err().scope, route);
    assert_eq!(account.reserve(&image(2)).await, Ok(Reserved::New));
    assert_eq!(account.reserve(&image(3)).await, Ok(Reserved::New));
    assert_eq!(account.reserve(&image(4)).await.unwrap_err().scope, QuotaScope::AllRoutes);
}

pub(super) async fn the_limit_that_resets_last_is_reported(suite: &Suite<'_>) {
    let account = suite.account("last");
    let hour = counter(QuotaScope::AllRoutes, Window::HOUR, suite.noon, Some(1), None);
    let upload = |number| {
        account.upload(number, 5).with_counter(hour.clone()).with_counter(day(suite.noon, None, Some(9)))
    };
    assert_eq!(account.reserve(&upload(0)).await, Ok(Reserved::New));
    let denied = account.reserve(&upload(1)).await.unwrap_err();
    assert_eq!((denied.kind, denied.retry_after), (QuotaKind::Bytes, 43_200));
}

pub(super) async fn windows_are_counted_separately(suite: &Suite<'_>) {
    let account = suite.account("windows");
    let mut at = suite.noon;
    for hour in 0..4 {
        let limit = counter(QuotaScope::AllRoutes, Window::HOUR, at, Some(1), None);
        let upload = |number| {
            let mut upload = account.upload(number, 1).with_counter(limit.clone());
            upload.expires_at = at.saturating_add(7_200);
            upload
        };
        assert_eq!(account.reserve_at(&upload(2 * hour), at).await, Ok(Reserved::New), "hour {hour}");
        let last_second = at.saturating_add(3_599);
        let denied = account.reserve_at(&upload(2 * hour + 1), last_second).await.unwrap_err();
        assert_eq!(denied.retry_after, 1);
        at = at.saturating_add(3_600);
    }

    // The clock of one server is a second ahead of that of another.
    let account = suite.account("clocks");
    let (behind, ahead) = (suite.noon.saturating_add(3_599), suite.noon.saturating_add(3_600));
    let upload = |number, at| {
        let limit = counter(QuotaScope::AllRoutes, Window::HOUR, at, Some(1), None);
        let mut upload = account.upload(number, 1).with_counter(limit);
        upload.expires_at = at.saturating_add(7_200);
        upload
    };
    assert_eq!(account.reserve_at(&upload(0, behind), behind).await, Ok(Reserved::New));
    assert_eq!(account.reserve_at(&upload(1, ahead), ahead).await, Ok(Reserved::New));
    assert!(
        account.reserve_at(&upload(2, behind), behind).await.is_err(),
        "the earlier window was forgotten"
    );
}

pub(super) async fn accounts_are_counted_separately(suite: &Suite<'_>) {
    let limit = day(suite.noon, Some(1), None);
    for name in ["one", "another"] {
        let account = suite.account(name);
        let upload = |number| account.upload(number, 1).with_counter(limit.clone());
        assert_eq!(account.reserve(&upload(0)).await, Ok(Reserved::New), "{name}");
        assert!(account.reserve(&upload(1)).await.is_err(), "{name}");
    }
}
