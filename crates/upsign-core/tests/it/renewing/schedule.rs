//! When the source is called: thresholds, credentials without an end, rotation, clock steps.

use std::sync::{Arc, Mutex};

use upsign_core::{CredentialsSource, Expiry, Renewing, Timestamp};

use super::source::{Script, Scripted, at, number, serve, settle};

#[tokio::test(start_paused = true)]
async fn credentials_are_refreshed_in_the_background_before_they_expire() {
    let source = Scripted::new(Script::Lives(3_600));
    let renewing = source.renewing();
    assert_eq!(renewing.status(at(0)).fetches, 0);
    assert_eq!(serve(&renewing, 0).await, 1);
    // 930 s remain: a grant of 15 minutes and its margin still fit.
    assert_eq!((serve(&renewing, 2_670).await, source.calls()), (1, 1));
    // The caller that starts the refresh does not wait for it.
    assert_eq!(serve(&renewing, 2_671).await, 1);
    settle().await;
    assert_eq!((serve(&renewing, 2_671).await, source.calls()), (2, 2));
    let status = renewing.status(at(2_671));
    assert_eq!((status.remaining, status.expiry), (Some(3_600), Some(Expiry::At(at(6_271)))));
    assert_eq!((status.fetched_at, status.next_attempt), (Some(at(2_671)), Some(at(5_342))));
    assert!(status.is_usable && !status.is_refreshing && status.last_error.is_none());
}

#[tokio::test(start_paused = true)]
async fn one_hour_grants_with_one_hour_credentials_fetch_twice_an_hour() {
    let source = Scripted::new(Script::Lives(3_600));
    let renewing = source.renewing().with_refresh_threshold(3_600 + 30);
    for seconds in (0..24 * 3_600).step_by(5) {
        serve(&renewing, seconds).await;
        settle().await;
        assert!(renewing.status(at(seconds)).remaining >= Some(1_795), "{seconds}");
    }
    assert_eq!(source.calls(), 48);
}

#[tokio::test(start_paused = true)]
async fn jitter_never_fetches_more_than_once_per_27_minutes() {
    let source = Scripted::new(Script::Lives(3_600));
    let renewing = Renewing::new(source.clone()).with_refresh_threshold(3_600 + 30);
    for seconds in (0..24 * 3_600).step_by(5) {
        serve(&renewing, seconds).await;
        settle().await;
    }
    assert!((48..=54).contains(&source.calls()), "{}", source.calls());
}

/// With 80 s left nothing of a minute can be signed: the caller waits for new credentials, and readiness reports it.
#[tokio::test(start_paused = true)]
async fn credentials_too_short_for_the_shortest_grant_are_not_served() {
    let source = Scripted::new(Script::Lives(3_600));
    let renewing = source.renewing().with_min_lifetime(60);
    assert_eq!(serve(&renewing, 0).await, 1);
    source.set(Script::Fails);
    assert_eq!(serve(&renewing, 3_510).await, 1);
    settle().await;
    assert!(renewing.status(at(3_510)).is_usable && !renewing.status(at(3_511)).is_usable);
    assert!(renewing.credentials(at(3_511)).await.is_err());
    source.set(Script::Lives(3_600));
    assert_eq!(serve(&renewing, 3_520).await, 4, "the source failed twice");
    // Credentials that arrive too short are no better.
    let short = Scripted::new(Script::Lives(89)).renewing().with_min_lifetime(60);
    assert!(short.credentials(at(0)).await.is_err());
    assert!(Scripted::new(Script::Lives(89)).renewing().credentials(at(0)).await.is_ok());
}

/// Instance metadata returns the same credentials until 5 minutes before their end.
#[tokio::test(start_paused = true)]
async fn late_rotation_is_noticed_within_a_minute() {
    let source = Scripted::new(Script::Unchanged(at(6 * 3_600)));
    let renewing = source.renewing();
    let end = 6 * 3_600;
    for seconds in 0..end + 1_000 {
        if seconds == end - 300 {
            assert!((11..=13).contains(&source.calls()), "{}", source.calls());
            source.set(Script::Unchanged(at(end + 6 * 3_600)));
        }
        serve(&renewing, seconds).await;
        settle().await;
        if seconds == end - 300 + 60 {
            assert_eq!(renewing.status(at(seconds)).expiry, Some(Expiry::At(at(end + 6 * 3_600))));
        }
    }
    assert!(source.calls() <= 14, "{}", source.calls());
}

#[tokio::test(start_paused = true)]
async fn credentials_without_a_known_end_are_rechecked_and_never_dropped() {
    for expiry in [Expiry::Never, Expiry::Unknown] {
        let source = Scripted::new(Script::Expiry(expiry));
        let renewing = source.renewing().with_recheck_interval(600);
        assert_eq!(serve(&renewing, 0).await, 1);
        assert_eq!((serve(&renewing, 599).await, source.calls()), (1, 1));
        source.set(Script::Fails);
        for seconds in [600, 601, 2_000, 400_000_000] {
            assert_eq!(serve(&renewing, seconds).await, 1, "{expiry:?}");
            settle().await;
        }
        assert_eq!((renewing.status(at(0)).remaining, renewing.status(at(0)).is_usable), (None, true));
        source.set(Script::Expiry(expiry));
        serve(&renewing, 400_000_100).await;
        settle().await;
        assert!(serve(&renewing, 400_000_100).await > 1, "a rotated key is not used");
    }
}

#[tokio::test(start_paused = true)]
async fn assumed_ends_count_as_ends() {
    let renewing = Scripted::new(Script::Expiry(Expiry::AtMost(at(900)))).renewing();
    serve(&renewing, 0).await;
    assert_eq!(renewing.status(at(0)).next_attempt, Some(at(451)));
    assert!(renewing.credentials(at(870)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn clock_steps_cause_a_fetch_and_never_stop_renewal() {
    let source = Scripted::new(Script::Lives(3_600));
    let renewing = source.renewing();
    let year = 366 * 86_400;
    serve(&renewing, year).await;
    // Set back by a year: the credentials would not be due for a year.
    serve(&renewing, 0).await;
    settle().await;
    assert_eq!((serve(&renewing, 0).await, source.calls()), (2, 2));
    assert_eq!(renewing.status(at(0)).remaining, Some(3_600));

    // Set back during a back-off, whose end is now a year away.
    serve(&renewing, year).await;
    source.set(Script::Fails);
    assert!(renewing.credentials(at(2 * year)).await.is_err());
    source.set(Script::Lives(3_600));
    let calls = source.calls();
    renewing.credentials(at(0)).await.unwrap();
    settle().await;
    assert_eq!((source.calls(), renewing.status(at(0)).remaining), (calls + 1, Some(3_600)));

    // To both ends of time.
    for time in [Timestamp::MAX, Timestamp::UNIX_EPOCH, at(0), Timestamp::MAX] {
        let _ = renewing.credentials(time).await;
        let _ = renewing.status(time);
        settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn blocking_refresh_waits_and_is_served_even_if_it_fails() {
    let source = Scripted::new(Script::Lives(3_600));
    let renewing = source.renewing().with_blocking_refresh();
    assert_eq!(serve(&renewing, 0).await, 1);
    assert_eq!((serve(&renewing, 2_670).await, serve(&renewing, 2_671).await), (1, 2));
    source.set(Script::Fails);
    assert_eq!(serve(&renewing, 2_671 + 2_671).await, 2);
    assert_eq!(renewing.status(at(5_342)).consecutive_failures, 1);

    source.set(Script::Hangs);
    let started = tokio::time::Instant::now();
    assert_eq!(serve(&renewing, 5_400).await, 2);
    assert_eq!(started.elapsed().as_secs(), 5, "the caller waits for the time limit");
    for _ in 0..100 {
        serve(&renewing, 5_406).await;
    }
    assert_eq!((started.elapsed().as_secs(), source.calls()), (5, 4), "others wait during the back-off");
}

#[test]
fn a_source_that_needs_no_runtime_works_without_one() {
    use futures_util::FutureExt;
    let source = Scripted::new(Script::Lives(3_600));
    let renewing = source.renewing();
    let get = |seconds| renewing.credentials(at(seconds)).now_or_never().unwrap().map(|found| number(&found));
    assert_eq!([get(0).unwrap(), get(2_670).unwrap(), get(2_671).unwrap()], [1, 1, 2]);
    source.set(Script::Fails);
    assert_eq!(get(5_342).unwrap(), 2);
    assert!(get(10_000).is_err());
}

#[tokio::test(start_paused = true)]
async fn observer_sees_every_fetch_once() {
    let source = Scripted::new(Script::Lives(3_600));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let renewing = source.renewing().with_observer(move |status| {
        let failed = status.last_error.is_some();
        record.lock().unwrap().push((failed, status.consecutive_failures, status.next_attempt));
    });
    serve(&renewing, 0).await;
    serve(&renewing, 10).await;
    source.set(Script::Fails);
    for seconds in [2_671, 2_671, 2_676] {
        serve(&renewing, seconds).await;
        settle().await;
    }
    let expected = [(false, 0, Some(at(2_671))), (true, 1, Some(at(2_672))), (true, 2, Some(at(2_678)))];
    assert_eq!(*seen.lock().unwrap(), expected);
    assert_eq!(renewing.status(at(2_676)).total_failures, 2);
}
