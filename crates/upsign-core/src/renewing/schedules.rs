//! Renewal of credentials under 100,000 schedules of its threads and tasks, chosen by shuttle: `cargo xtask test --only schedules`.
//!
//! Shuttle reports a deadlock, to which a lost wake-up leads, as a failure of its own.

#![expect(clippy::unwrap_used, reason = "a panic in a test reports the failure")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use async_trait::async_trait;
use futures_util::FutureExt;
use shuttle::future::{block_on, yield_now};
use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner, thread};

use super::fetch::lock;
use super::state::State;
use super::sync::Mutex;
use super::{RenewalStatus, Renewing};
use crate::credentials::{Credentials, Expiry};
use crate::error::CredentialsError;
use crate::time::Timestamp;
use crate::traits::credentials::CredentialsSource;

/// Each test runs this many schedules of uniformly random choices, and as many of random priorities with a few changes
/// (PCT), which finds orders that need one thread to be very late.
const SCHEDULES: usize = 12_500;

fn run(test: impl Fn() + Clone + Send + Sync + 'static) {
    let schedulers: [Box<dyn Scheduler + Send>; 2] =
        [Box::new(RandomScheduler::new(SCHEDULES)), Box::new(PctScheduler::new(4, SCHEDULES))];
    for scheduler in schedulers {
        let mut config = Config::new();
        config.failure_persistence = FailurePersistence::Print;
        config.stack_size = 1 << 18;
        assert_eq!(Runner::new(scheduler, config).run(test.clone()), SCHEDULES);
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds).unwrap()
}

/// Returns credentials of which every part contains the number of the attempt.
fn numbered(number: u64, at: Timestamp) -> Credentials {
    let [id, secret, token] = ["ASIA", "secret-", "token-"].map(|part| format!("{part}{number}"));
    Credentials::temporary(&id, &secret, &token, Expiry::At(at.saturating_add(3_600))).unwrap()
}

/// Returns the number of credentials after checking that all parts have the same one.
fn number(credentials: &Credentials) -> u64 {
    let number = credentials.access_key_id().strip_prefix("ASIA").unwrap().parse().unwrap();
    assert!(credentials.same_keys(&numbered(number, at(0))), "a mixed pair: {credentials:?}");
    number
}

/// A source that lets other threads run while it is called, and fails now and then.
#[derive(Clone, Debug, Default)]
struct Source(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    state: OnceLock<Weak<Mutex<State>>>,
    calls: AtomicU64,
    running: AtomicU64,
    most_running: AtomicU64,
    /// The newest credentials that a caller has received.
    newest: AtomicU64,
    failure_percent: AtomicU64,
}

/// Counts a call as running until it ends or is dropped.
struct Running<'a>(&'a Counts);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl CredentialsSource for Source {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        let running = self.0.running.fetch_add(1, Ordering::SeqCst) + 1;
        let _running = Running(&self.0);
        self.0.most_running.fetch_max(running, Ordering::SeqCst);
        let attempt = self.attempt(at);
        for _ in 0..thread_rng().gen_range(0..3) {
            yield_now().await;
        }
        if thread_rng().gen_range(0..100) < self.0.failure_percent.load(Ordering::SeqCst) {
            return Err(CredentialsError::Load("the service answered 500".into()));
        }
        let replaced = || CredentialsError::Load("the attempt was replaced before it began".into());
        Ok(numbered(attempt.ok_or_else(replaced)?, at))
    }
}

impl Source {
    /// Returns a cache of this source that refreshes in the background or within the callers, as chosen at random.
    fn renewing(&self) -> Arc<Renewing<Self>> {
        let renewing = Renewing::new(self.clone()).without_jitter();
        let blocking = thread_rng().r#gen();
        let renewing = if blocking { renewing.with_blocking_refresh() } else { renewing };
        self.0.state.set(Arc::downgrade(&renewing.state)).unwrap();
        Arc::new(renewing)
    }

    /// Returns the number of the attempt that was made at this time. Attempts are numbered under the lock; the calls of the
    /// source can begin in another order. `None` if another attempt has replaced it.
    fn attempt(&self, at: Timestamp) -> Option<u64> {
        let state = self.0.state.get()?.upgrade()?;
        let state = lock(&state);
        state.flight.as_ref().filter(|flight| flight.started_at == at).map(|flight| flight.attempt)
    }

    /// Calls `renewing` and checks that the credentials are not older than those that any caller had received before.
    fn serve(&self, renewing: &Renewing<Self>, at: Timestamp) -> Option<u64> {
        let newest = self.0.newest.load(Ordering::SeqCst);
        let received = number(&block_on(renewing.credentials(at)).ok()?);
        assert!(received >= newest, "credentials {received} were served after {newest}");
        self.0.newest.fetch_max(received, Ordering::SeqCst);
        Some(received)
    }

    fn set_failures(&self, percent: u64) {
        self.0.failure_percent.store(percent, Ordering::SeqCst);
    }
}

/// Runs `work` in three threads with their number, and waits for them.
fn in_threads(renewing: &Arc<Renewing<Source>>, work: fn(&Renewing<Source>, u64)) {
    let threads = [0, 1, 2].map(|thread| {
        let renewing = Arc::clone(renewing);
        thread::spawn(move || work(&renewing, thread))
    });
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn cold_start_is_one_call_and_serves_every_caller() {
    run(|| {
        let source = Source::default();
        let renewing = source.renewing();
        in_threads(&renewing, |renewing, thread| {
            assert_eq!(renewing.source().serve(renewing, at(thread)), Some(1));
        });
        assert_eq!(source.0.calls.load(Ordering::SeqCst), 1);
    });
}

/// One thread is late by an hour or two, so fetches start, fail, replace each other and end in every order.
#[test]
fn newest_credentials_win_and_are_never_mixed() {
    run(|| {
        let source = Source::default();
        source.set_failures(20);
        let renewing = source.renewing();
        in_threads(&renewing, |renewing, thread| {
            for step in 0..3 {
                // 100 s are longer than a fetch may take, 2,700 s make credentials due, and 3,600 s end them.
                let seconds = step * 1_850 + thread * 100;
                renewing.source().serve(renewing, at(seconds));
                let status: RenewalStatus = renewing.status(at(seconds));
                assert!(status.fetches <= 9);
            }
        });
        // Whatever happened, the next caller after the back-off is served.
        source.set_failures(0);
        assert!(source.serve(&renewing, at(20_000)).is_some());
    });
}

/// All callers are within the time limit of a fetch and the pause between two refreshes.
#[test]
fn fetches_never_overlap() {
    run(|| {
        let source = Source::default();
        let renewing = source.renewing();
        assert_eq!(source.serve(&renewing, at(0)), Some(1));
        source.set_failures(50);
        in_threads(&renewing, |renewing, thread| {
            for step in 0..3 {
                let seconds = 2_700 + thread + step;
                assert!(
                    renewing.source().serve(renewing, at(seconds)).is_some(),
                    "valid credentials are served"
                );
            }
        });
        assert_eq!(source.0.most_running.load(Ordering::SeqCst), 1);
        assert!(source.0.calls.load(Ordering::SeqCst) <= 3);
    });
}

/// A caller can be dropped at any time, for example because its client disconnected.
#[test]
fn dropped_caller_does_not_hold_up_the_others() {
    run(|| {
        let source = Source::default();
        let renewing = source.renewing();
        in_threads(&renewing, |renewing, thread| {
            if thread == 0 {
                // Polls once and drops the call.
                drop(renewing.credentials(at(0)).now_or_never());
            } else {
                assert!(renewing.source().serve(renewing, at(thread)).is_some());
            }
        });
        assert!(source.0.calls.load(Ordering::SeqCst) <= 2);
    });
}
