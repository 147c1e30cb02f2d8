//! The key set and the verified tokens under 100,000 schedules of threads and tasks, chosen by shuttle: `cargo xtask test --only
//! schedules`.
//!
//! Shuttle reports a deadlock, to which a lost wake-up leads, as a failure of its own.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test reports the failure")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use futures_util::FutureExt;
use shuttle::future::{block_on, yield_now};
use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner, thread};
use upsign_core::Timestamp;
use upsign_testing::tokens::TestIssuer;

use crate::config::issuer::TrustedIssuer;
use crate::config::token_use::TokenUse;
use crate::config::verifier::VerifierConfig;
use crate::keys::cache::JwksCache;
use crate::keys::fetch::{FetchError, FetchKeys, FetchedKeys, Refresh};
use crate::verifier::Verifier;
use crate::verifier::token_cache::CacheLimits;

/// Each test runs this many schedules of uniformly random choices, and as many of random priorities with a few changes
/// (PCT), which finds orders that need one thread to be very late.
const SCHEDULES: usize = 12_500;

fn run(schedules: usize, test: fn()) {
    let schedulers: [Box<dyn Scheduler + Send>; 2] =
        [Box::new(RandomScheduler::new(schedules)), Box::new(PctScheduler::new(4, schedules))];
    for scheduler in schedulers {
        let mut config = Config::new();
        config.failure_persistence = FailurePersistence::Print;
        // AWS-LC verifies signatures on the stack.
        config.stack_size = 1 << 20;
        assert_eq!(Runner::new(scheduler, config).run(test), schedules);
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds).unwrap()
}

const FRESH_SECONDS: u64 = 300;
const CLIENT: &str = "client";

/// Key sets and a token, made once because generating keys is slow.
struct Fixture {
    /// Key sets with the key `stays` and one whose id is the number of the set.
    numbered: Vec<String>,
    /// A key set with the key of `token`, and one without it.
    before: String,
    after: String,
    new_kid: String,
    token: String,
}

fn fixture() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| {
        let issuer = TestIssuer::user_pool("us-east-1_Test1");
        let before = issuer.jwks();
        let token = issuer.access_token("alice", CLIENT).expires_in(100_000).sign(at(0));
        issuer.replace_keys();
        let key: serde_json::Value = serde_json::from_str(&issuer.jwks()).unwrap();
        let numbered = (0..20).map(|number| {
            let keys = ["stays".to_owned(), format!("only-{number}")].map(|kid| {
                let mut key = key["keys"][0].clone();
                key["kid"] = kid.into();
                key
            });
            serde_json::json!({ "keys": keys }).to_string()
        });
        let numbered = numbered.collect();
        let new_kid = key["keys"][0]["kid"].as_str().unwrap().to_owned();
        Fixture { numbered, before, after: issuer.jwks(), new_kid, token }
    })
}

fn config() -> VerifierConfig {
    let issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test1";
    let issuer = TrustedIssuer::from_known_urls([issuer], "https://id.example.com/keys");
    VerifierConfig::new(issuer, [CLIENT], TokenUse::Access).unwrap()
}

/// A key endpoint that lets other threads run while it is called.
#[derive(Debug, Default)]
struct Endpoint {
    fetches: AtomicU64,
    running: AtomicU64,
    most_running: AtomicU64,
    failure_percent: AtomicU64,
    /// Serves [`Fixture::before`] and then [`Fixture::after`], instead of numbered sets.
    withdraws: AtomicBool,
    is_withdrawn: AtomicBool,
    has_runtime: bool,
}

/// Counts a fetch as running until it ends or is dropped.
struct Running<'a>(&'a Endpoint);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl FetchKeys for Endpoint {
    async fn fetch(&self, _uri: &str) -> Result<FetchedKeys, FetchError> {
        let number = self.fetches.fetch_add(1, Ordering::SeqCst);
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        let _running = Running(self);
        self.most_running.fetch_max(running, Ordering::SeqCst);
        for _ in 0..thread_rng().gen_range(0..3) {
            yield_now().await;
        }
        if thread_rng().gen_range(0..100) < self.failure_percent.load(Ordering::SeqCst) {
            return Err(FetchError::Timeout);
        }
        let body = if !self.withdraws.load(Ordering::SeqCst) {
            &fixture().numbered[usize::try_from(number).unwrap()]
        } else if self.is_withdrawn.load(Ordering::SeqCst) {
            &fixture().after
        } else {
            &fixture().before
        };
        let response = FetchedKeys::new(200, body.as_bytes());
        Ok(response.with_cache_control(format!("max-age={FRESH_SECONDS}")))
    }

    fn spawn(&self, refresh: Refresh) -> Result<(), Refresh> {
        if self.has_runtime {
            shuttle::future::spawn(refresh);
            Ok(())
        } else {
            Err(refresh)
        }
    }
}

/// A cache and what its callers have received.
struct Observed {
    endpoint: Arc<Endpoint>,
    cache: JwksCache<Arc<Endpoint>>,
    newest: AtomicU64,
    /// The number of the set of each generation.
    generations: std::sync::Mutex<HashMap<u64, u64>>,
}

impl Observed {
    fn new(failure_percent: u64) -> Arc<Self> {
        let has_runtime = thread_rng().r#gen();
        let endpoint =
            Endpoint { has_runtime, failure_percent: failure_percent.into(), ..Endpoint::default() };
        let endpoint = Arc::new(endpoint);
        let cache = JwksCache::new(&config(), Arc::clone(&endpoint));
        Arc::new(Self { endpoint, cache, newest: 0.into(), generations: std::sync::Mutex::default() })
    }

    /// Looks up the key that every set has. The set must not be older than one that any caller had received before, and must
    /// be the one of its generation.
    fn find(&self, at: Timestamp) -> Option<u64> {
        let newest = self.newest.load(Ordering::SeqCst);
        let found = block_on(self.cache.find("stays", at)).ok()?;
        let mut numbers = (0..20).filter(|number| found.keys.contains(&format!("only-{number}")));
        let number = numbers.next().unwrap();
        assert_eq!(numbers.next(), None, "a mixed set");
        assert!(number >= newest, "set {number} was served after {newest}");
        self.newest.fetch_max(number, Ordering::SeqCst);
        let known = *self.generations.lock().unwrap().entry(found.generation).or_insert(number);
        assert_eq!(known, number, "two sets have generation {}", found.generation);
        Some(number)
    }
}

/// Runs `work` in three threads with their number, and waits for them.
fn in_threads<T: Send + Sync + 'static>(shared: &Arc<T>, work: fn(&T, u64)) {
    let threads = [0, 1, 2].map(|thread| {
        let shared = Arc::clone(shared);
        thread::spawn(move || work(&shared, thread))
    });
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn cold_start_is_one_fetch_and_serves_every_caller() {
    fixture();
    run(SCHEDULES, || {
        let observed = Observed::new(0);
        in_threads(&observed, |observed, thread| assert_eq!(observed.find(at(thread)), Some(0)));
        assert_eq!(observed.endpoint.fetches.load(Ordering::SeqCst), 1);
    });
}

/// One thread is late by minutes, so fetches start, fail, replace each other and end in every order.
#[test]
fn newest_key_set_wins_and_is_never_mixed() {
    fixture();
    run(SCHEDULES, || {
        let observed = Observed::new(20);
        in_threads(&observed, |observed, thread| {
            for step in 0..3 {
                observed.find(at(step * FRESH_SECONDS + thread * 11));
            }
        });
        // Whatever happened, the next caller after the interval between fetches is served.
        observed.endpoint.failure_percent.store(0, Ordering::SeqCst);
        assert!(observed.find(at(5_000)).is_some());
    });
}

/// All callers are within the interval between fetches, and the set is stale.
#[test]
fn fetches_never_overlap_and_stale_keys_are_served() {
    fixture();
    run(SCHEDULES, || {
        let observed = Observed::new(0);
        assert_eq!(observed.find(at(0)), Some(0));
        observed.endpoint.failure_percent.store(50, Ordering::SeqCst);
        in_threads(&observed, |observed, thread| {
            for step in 0..3 {
                assert!(observed.find(at(FRESH_SECONDS + thread + step)).is_some());
            }
        });
        assert_eq!(observed.endpoint.most_running.load(Ordering::SeqCst), 1);
        assert_eq!(observed.cache.status(at(FRESH_SECONDS)).fetches, 2);
    });
}

/// A caller can be dropped at any time, for example because its client disconnected.
#[test]
fn dropped_caller_does_not_hold_up_the_others() {
    fixture();
    run(SCHEDULES, || {
        let observed = Observed::new(0);
        in_threads(&observed, |observed, thread| {
            if thread == 0 {
                // Polls once and drops the call.
                drop(observed.cache.find("stays", at(0)).now_or_never());
            } else {
                assert_eq!(observed.find(at(thread)), Some(0));
            }
        });
        assert_eq!(observed.endpoint.fetches.load(Ordering::SeqCst), 1);
    });
}

/// A verifier with a token cache, whose issuer withdraws the key of the token.
struct Withdrawal {
    verifier: Verifier<Arc<Endpoint>>,
    endpoint: Arc<Endpoint>,
    is_noticed: AtomicBool,
}

impl Withdrawal {
    /// Waits for the refresh, and records whether the new key set has arrived.
    fn notice(&self, at: Timestamp) {
        if block_on(self.verifier.jwks().find(&fixture().new_kid, at)).is_ok() {
            self.is_noticed.store(true, Ordering::SeqCst);
        }
    }

    fn is_accepted(&self, at: Timestamp) -> bool {
        // Read before the call: after a call that began later, the token must be rejected.
        let was_noticed = self.is_noticed.load(Ordering::SeqCst);
        let is_accepted = block_on(self.verifier.verify(&fixture().token, at)).is_ok();
        assert!(!(was_noticed && is_accepted), "a token of a withdrawn key was accepted");
        is_accepted
    }
}

/// The new key set arrives while other threads verify the token, put it into the cache and take it out of there. Once any caller
/// can have noticed the new set, no caller is served from the cache.
#[test]
fn token_of_a_withdrawn_key_is_not_served_from_the_cache() {
    fixture();
    run(4 * SCHEDULES, || {
        let endpoint = Endpoint { has_runtime: thread_rng().r#gen(), ..Endpoint::default() };
        endpoint.withdraws.store(true, Ordering::SeqCst);
        let endpoint = Arc::new(endpoint);
        let verifier = Verifier::new(config(), Arc::clone(&endpoint));
        let verifier = verifier.with_token_cache(CacheLimits::new(4, 100_000));
        let shared = Arc::new(Withdrawal { verifier, endpoint, is_noticed: false.into() });
        assert!(shared.is_accepted(at(0)));
        in_threads(&shared, |shared, thread| {
            if thread == 0 {
                shared.endpoint.is_withdrawn.store(true, Ordering::SeqCst);
                shared.notice(at(FRESH_SECONDS));
            }
            for step in 0..3 {
                shared.is_accepted(at(FRESH_SECONDS + step));
            }
        });
        // A fetch that another thread started before the withdrawal may have brought the old set: the next one does not.
        shared.notice(at(3 * FRESH_SECONDS));
        assert!(!shared.is_accepted(at(3 * FRESH_SECONDS)));
    });
}
