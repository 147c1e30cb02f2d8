//! What callers receive while the source answers 500, is slow, hangs, returns wrong credentials, flaps or panics.

use std::time::Duration;

use tokio::time::Instant;
use upsign_core::{
    CredentialsError, CredentialsSource, Expiry, RenewalError, Renewing, Timestamp, error_chain,
};

use super::source::{Script, Scripted, at, proceed, serve, settle};

/// Fetches credentials for an hour, then breaks the source when 800 s remain and calls once a second until nothing can be
/// signed any more. No caller may wait.
async fn break_with_800_seconds_left(script: Script) -> (Scripted, Renewing<Scripted>) {
    let source = Scripted::new(Script::Lives(3_600));
    let renewing = source.renewing();
    serve(&renewing, 0).await;
    source.set(script);
    for seconds in 2_800..3_570 {
        let started = Instant::now();
        assert_eq!(serve(&renewing, seconds).await, 1, "{seconds}");
        assert!(renewing.status(at(seconds)).is_usable);
        assert_eq!(started.elapsed(), Duration::ZERO, "a caller waited at {seconds}");
        proceed(1.0).await;
    }
    (source, renewing)
}

#[track_caller]
fn check_unavailable(error: &CredentialsError, next: Timestamp, message: &str) {
    assert!(
        matches!(error, CredentialsError::Unavailable { next_attempt, .. } if *next_attempt == next),
        "{error:?}"
    );
    assert_eq!(error_chain(error).to_string(), message);
}

#[tokio::test(start_paused = true)]
async fn failing_source_with_800_seconds_left_serves_every_caller() {
    let (source, renewing) = break_with_800_seconds_left(Script::Fails).await;
    // At 1, 2, 4, 8, 16 and then 30 s, but at most every 5 s: not once per caller.
    assert!((25..=35).contains(&source.calls()), "{}", source.calls());

    // The end: callers are refused at once, with the cause and the time of the next attempt, and cause no calls.
    let next = renewing.status(at(3_570)).next_attempt.unwrap();
    assert!(next > at(3_570) && next <= at(3_600), "{next}");
    let calls = source.calls();
    let message = format!(
        "credentials are not available until the next attempt at {next}: the credentials source failed: credentials could \
         not be loaded: the service answered 500"
    );
    for _ in 0..100 {
        check_unavailable(&renewing.credentials(at(3_570)).await.unwrap_err(), next, &message);
    }
    assert_eq!(source.calls(), calls);
    let status = renewing.status(at(3_570));
    assert_eq!((status.remaining, status.is_usable, status.total_failures), (Some(30), false, calls - 1));

    source.set(Script::Lives(3_600));
    renewing.credentials(next).await.unwrap();
    assert_eq!(renewing.status(next).consecutive_failures, 0);
}

#[tokio::test(start_paused = true)]
async fn hanging_source_with_800_seconds_left_serves_every_caller() {
    let (source, renewing) = break_with_800_seconds_left(Script::Hangs).await;
    assert!((18..=30).contains(&source.calls()), "{}", source.calls());
    let status = renewing.status(at(3_569));
    assert!(
        matches!(status.last_error.as_deref(), Some(RenewalError::TimedOut(limit)) if limit.as_secs() == 5)
    );
}

#[tokio::test(start_paused = true)]
async fn panicking_source_with_800_seconds_left_serves_every_caller() {
    let (source, renewing) = break_with_800_seconds_left(Script::Panics).await;
    assert!((25..=35).contains(&source.calls()), "{}", source.calls());
    assert!(matches!(renewing.status(at(3_569)).last_error.as_deref(), Some(RenewalError::Panicked)));
}

#[tokio::test(start_paused = true)]
async fn slow_source_delays_only_the_first_callers() {
    let source = Scripted::new(Script::Slow(Duration::from_millis(2_500), 3_600));
    let renewing = source.renewing();
    let started = Instant::now();
    serve(&renewing, 0).await;
    assert_eq!(started.elapsed().as_millis(), 2_500);
    for seconds in 2_671..2_680 {
        let started = Instant::now();
        assert_eq!(serve(&renewing, seconds).await, if seconds < 2_674 { 1 } else { 2 }, "{seconds}");
        assert_eq!(started.elapsed(), Duration::ZERO);
        assert_eq!(renewing.status(at(seconds)).is_refreshing, seconds < 2_674, "{seconds}");
        proceed(1.0).await;
    }
    assert_eq!(source.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn first_callers_of_a_hanging_source_are_released_by_the_time_limit() {
    let source = Scripted::new(Script::Hangs);
    let renewing = source.renewing().with_fetch_timeout(Duration::from_millis(1_500));
    let started = Instant::now();
    let message = "credentials are not available until the next attempt at 2027-01-15T08:00:02Z: the credentials source did \
                   not respond within 1500 ms";
    let (one, two) = tokio::join!(renewing.credentials(at(0)), renewing.credentials(at(0)));
    assert_eq!(started.elapsed().as_millis(), 1_500);
    for error in [one.unwrap_err(), two.unwrap_err(), renewing.credentials(at(1)).await.unwrap_err()] {
        check_unavailable(&error, at(2), message);
    }
    assert_eq!((started.elapsed().as_millis(), source.calls()), (1_500, 1));
    source.set(Script::Lives(3_600));
    serve(&renewing, 2).await;
}

/// Wrong answers count as failures and do not replace the credentials in use.
#[tokio::test(start_paused = true)]
async fn unusable_credentials_never_replace_usable_ones() {
    let expired = "the credentials source returned credentials that expire at ";
    let wrong = [
        (Expiry::At(at(0)), expired),
        (Expiry::At(at(2_830)), expired),
        (Expiry::AtMost(Timestamp::UNIX_EPOCH), expired),
        (Expiry::Unknown, "the credentials source returned credentials without their expiry, unlike before"),
    ];
    for (expiry, message) in wrong {
        let source = Scripted::new(Script::Lives(3_600));
        let renewing = source.renewing();
        serve(&renewing, 0).await;
        source.set(Script::Expiry(expiry));
        for seconds in [2_800, 2_800, 3_500] {
            assert_eq!(serve(&renewing, seconds).await, 1, "{expiry:?}");
            settle().await;
            let error = renewing.status(at(seconds)).last_error.unwrap().to_string();
            assert!(error.starts_with(message), "{error}");
        }
        // Nothing can be signed with the old ones any more. Those of unknown expiry are then passed on: the presigner decides.
        let last = renewing.credentials(at(3_590)).await;
        assert_eq!(last.is_ok(), expiry == Expiry::Unknown, "{last:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn first_credentials_that_have_expired_are_an_error() {
    let renewing = Scripted::new(Script::Expiry(Expiry::At(at(0)))).renewing();
    let message = "credentials are not available until the next attempt at 2027-01-15T08:16:41Z: the credentials source \
                   returned credentials that expire at 2027-01-15T08:00:00Z, too soon to sign with at 2027-01-15T08:16:40Z; \
                   if this time is wrong, correct the system clock";
    check_unavailable(&renewing.credentials(at(1_000)).await.unwrap_err(), at(1_001), message);
}

#[tokio::test(start_paused = true)]
async fn flapping_source_serves_every_caller() {
    let source = Scripted::new(Script::Lives(900));
    let renewing = source.renewing();
    serve(&renewing, 0).await;
    for seconds in 1..20_000 {
        // Works for 3 s of every 20.
        source.set(if seconds % 20 < 3 { Script::Lives(900) } else { Script::Fails });
        serve(&renewing, seconds).await;
        settle().await;
    }
    let status = renewing.status(at(20_000));
    assert!(status.total_failures > 20 && source.calls() < 500, "{status:?}, {} calls", source.calls());
}

#[tokio::test(start_paused = true)]
async fn source_that_fails_at_start_is_called_again_after_the_back_off() {
    let source = Scripted::new(Script::Fails);
    let renewing = source.renewing();
    let mut attempts = Vec::new();
    for seconds in 0..120 {
        let calls = source.calls();
        assert!(renewing.credentials(at(seconds)).await.is_err());
        if source.calls() > calls {
            attempts.push(seconds);
        }
    }
    assert_eq!(attempts, [0, 1, 3, 7, 15, 31, 61, 91]);
}

/// A source that fails just within the time limit: the back-off counts from its answer, so that nobody waits in it.
#[tokio::test(start_paused = true)]
async fn back_off_begins_when_a_slow_source_has_failed() {
    let source = Scripted::new(Script::FailsAfter(Duration::from_millis(4_900)));
    let renewing = source.renewing();
    let (started, mut attempts) = (Instant::now(), Vec::new());
    while started.elapsed() < Duration::from_secs(60) {
        let (calls, seconds) = (source.calls(), started.elapsed().as_secs());
        assert!(renewing.credentials(at(seconds)).await.is_err());
        let next = renewing.status(at(seconds)).next_attempt.unwrap();
        assert!(next > at(started.elapsed().as_secs()), "the next attempt {next} has passed");
        if source.calls() > calls {
            attempts.push(seconds);
        } else {
            proceed(0.1).await;
        }
    }
    // 5 s for the fetch, and 1, 2, 4, 8, 16 s.
    assert_eq!(attempts, [0, 6, 13, 22, 35, 56]);
}

#[tokio::test(start_paused = true)]
async fn debug_shows_no_secret() {
    let source = Scripted::new(Script::LongTerm);
    let renewing = source.renewing();
    serve(&renewing, 0).await;
    let text = format!("{renewing:?} {:?}", renewing.status(at(0)));
    assert!(text.contains("ASIA7") && !text.contains("secret-7") && !text.contains("token-7"), "{text}");
}
