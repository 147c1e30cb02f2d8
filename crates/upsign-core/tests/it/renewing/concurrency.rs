//! Many callers at once, cancelled callers, runtimes that end, and fetches that overtake each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use upsign_core::{Credentials, CredentialsError, CredentialsSource, Expiry, Renewing, credentials_fn};

use super::source::{Script, Scripted, at, number, numbered, proceed, serve};

#[tokio::test(start_paused = true)]
async fn a_thousand_first_callers_share_one_fetch() {
    for blocking in [false, true] {
        let source = Scripted::new(Script::Slow(Duration::from_secs(3), 3_600));
        let renewing = source.renewing();
        let renewing = if blocking { renewing.with_blocking_refresh() } else { renewing };
        let found = join_all((0..1_000).map(|_| serve(&renewing, 0))).await;
        assert_eq!((found, source.calls()), (vec![1; 1_000], 1));
    }
}

/// 1,000 tasks on 4 threads call while the credentials change 100 times. Each answer is one whole set with
/// which a request can be signed at the caller's time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_callers_never_see_a_mixed_pair() {
    const END: u64 = 101 * 310;
    let (now, calls) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (clock, count) = (Arc::clone(&now), Arc::clone(&calls));
    // Like a real one, the source has its own clock: a caller that was preempted for long brings an old time.
    let source = credentials_fn(move |_| {
        let call = count.fetch_add(1, Ordering::SeqCst) + 1;
        let end = at(clock.load(Ordering::SeqCst) + 600);
        async move {
            tokio::task::yield_now().await;
            Ok(numbered(call, Expiry::At(end)))
        }
    });
    // Credentials live 600 s and are due after half of that, so each round changes them.
    let renewing = Arc::new(Renewing::new(source).without_jitter());
    let tasks = (0..1_000).map(|_| {
        let (renewing, now) = (Arc::clone(&renewing), Arc::clone(&now));
        tokio::spawn(async move {
            loop {
                let seconds = now.load(Ordering::SeqCst);
                let credentials = renewing.credentials(at(seconds)).await.unwrap();
                number(&credentials);
                let Expiry::At(end) = credentials.expiry() else { panic!("{credentials:?}") };
                assert!(end > at(seconds + 30), "{credentials:?} at {seconds}");
                if seconds == END {
                    return;
                }
                tokio::task::yield_now().await;
            }
        })
    });
    let tasks: Vec<_> = tasks.collect();
    for round in 1..=100 {
        now.store(round * 310, Ordering::SeqCst);
        let renewed = Some(Expiry::At(at(round * 310 + 600)));
        while renewing.status(at(0)).expiry != renewed {
            assert!(!tasks.iter().any(tokio::task::JoinHandle::is_finished), "a caller panicked");
            tokio::task::yield_now().await;
        }
    }
    now.store(END, Ordering::SeqCst);
    for task in tasks {
        task.await.unwrap();
    }
    assert!(calls.load(Ordering::SeqCst) >= 101, "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn fetch_outlives_the_caller_that_started_it() {
    let source = Scripted::new(Script::Slow(Duration::from_secs(3), 3_600));
    let renewing = source.renewing();
    assert!(tokio::time::timeout(Duration::from_secs(1), renewing.credentials(at(0))).await.is_err());
    proceed(3.0).await;
    assert_eq!((serve(&renewing, 4).await, source.calls()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn cancelled_blocking_fetch_does_not_stop_the_others() {
    let source = Scripted::new(Script::Slow(Duration::from_secs(3), 3_600));
    let renewing = source.renewing().with_blocking_refresh();
    // One of two callers is cancelled: the other continues the same fetch.
    let cancelled = tokio::time::timeout(Duration::from_secs(1), renewing.credentials(at(0)));
    let (cancelled, other) = tokio::join!(cancelled, serve(&renewing, 0));
    assert!(cancelled.is_err() && other == 1 && source.calls() == 1);

    // All are cancelled, at the start and with credentials that are due: the next caller starts another fetch.
    let cold = source.renewing().with_blocking_refresh();
    assert!(tokio::time::timeout(Duration::from_secs(1), cold.credentials(at(0))).await.is_err());
    assert_eq!(serve(&cold, 1).await, 3);
    assert!(tokio::time::timeout(Duration::from_secs(1), cold.credentials(at(2_700))).await.is_err());
    assert_eq!(
        (serve(&cold, 2_704).await, source.calls()),
        (3, 4),
        "a cancelled refresh is repeated after 5 s"
    );
    assert_eq!(serve(&cold, 2_705).await, 5);
}

#[test]
fn runtime_that_ends_does_not_block_the_next_one() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let source = Scripted::new(Script::Hangs);
    let renewing = Arc::new(source.renewing());
    let first = runtime();
    let waiting = Arc::clone(&renewing);
    first.block_on(async {
        tokio::spawn(async move { waiting.credentials(at(0)).await });
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
    });
    assert_eq!(source.calls(), 1);
    assert!(renewing.status(at(0)).is_refreshing);
    drop(first);
    assert!(!renewing.status(at(0)).is_refreshing);
    source.set(Script::Lives(3_600));
    assert_eq!(runtime().block_on(serve(&renewing, 0)), 2);
}

#[test]
fn waiting_caller_outside_the_runtime_is_woken() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let source = Scripted::new(Script::Slow(Duration::from_millis(50), 3_600));
    let renewing = Arc::new(source.renewing());
    let inside = Arc::clone(&renewing);
    let task = runtime.spawn(async move { serve(&inside, 0).await });
    while source.calls() == 0 {
        std::thread::yield_now();
    }
    // Polled on a thread without a runtime. It must not panic, and joins the same fetch.
    let mut waiting = renewing.credentials(at(0));
    while (&mut waiting).now_or_never().is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!((runtime.block_on(task).unwrap(), source.calls()), (1, 1));
}

/// The runtime was not polled, or the process was suspended, during a fetch. The next caller starts another one, and the old
/// result does not replace the new one.
#[tokio::test(start_paused = true)]
async fn newest_fetch_wins() {
    let source = Scripted::new(Script::Slow(Duration::from_secs(4), 1_000));
    let renewing = Arc::new(source.renewing());
    let old = {
        let renewing = Arc::clone(&renewing);
        tokio::spawn(async move { renewing.credentials(at(0)).await })
    };
    proceed(1.0).await;
    source.set(Script::Lives(3_600));
    assert_eq!(serve(&renewing, 11).await, 2);
    assert_eq!(number(&old.await.unwrap().unwrap()), 2);
    assert_eq!((serve(&renewing, 12).await, renewing.status(at(11)).remaining), (2, Some(3_600)));
}

#[tokio::test]
async fn types_of_a_service_are_send_and_sync() {
    fn shared<T: Send + Sync + 'static>(value: T) -> T {
        value
    }
    let source: Arc<dyn CredentialsSource> = Arc::new(Scripted::new(Script::Lives(3_600)));
    let renewing: Arc<dyn CredentialsSource> = Arc::new(shared(Renewing::new(source)));
    let found: Result<Credentials, CredentialsError> = shared(renewing).credentials(at(0)).await;
    found.unwrap();
}
