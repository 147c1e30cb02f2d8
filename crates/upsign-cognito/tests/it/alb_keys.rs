//! Fetched keys of a load balancer: which are fetched, which are kept, and when they are fetched again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};
use upsign_cognito::authorizer::AlbVerifier;
use upsign_cognito::{FetchError, FetchKeys, FetchedKeys, VerifyError, async_trait};

use super::alb::{ARN, FakeAlb, KID, alb, forged_event, header, payload};
use crate::pool::{NOW, at};

const HOUR: u64 = 3_600;

/// The key host of a region: it has the key of the load balancer and, for every other key id, that of another one.
#[derive(Debug)]
struct Region {
    pem: String,
    foreign_pem: String,
    fetches_of_key: AtomicUsize,
    foreign_fetches: AtomicUsize,
    is_down: AtomicBool,
    is_withdrawn: AtomicBool,
    has_runtime: bool,
}

impl Region {
    fn new(fake_alb: &FakeAlb, has_runtime: bool) -> Arc<Self> {
        Arc::new(Self {
            pem: fake_alb.pem(),
            foreign_pem: FakeAlb::new().pem(),
            fetches_of_key: 0.into(),
            foreign_fetches: 0.into(),
            is_down: false.into(),
            is_withdrawn: false.into(),
            has_runtime,
        })
    }

    /// The number of fetches of the load balancer's key, and of other keys.
    fn fetches(&self) -> (usize, usize) {
        (self.fetches_of_key.load(Ordering::SeqCst), self.foreign_fetches.load(Ordering::SeqCst))
    }
}

#[async_trait]
impl FetchKeys for Region {
    async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError> {
        let is_key = uri.ends_with(KID);
        let counter = if is_key { &self.fetches_of_key } else { &self.foreign_fetches };
        counter.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        if self.is_down.load(Ordering::SeqCst) {
            return Err(FetchError::Timeout);
        }
        let status = if is_key && self.is_withdrawn.load(Ordering::SeqCst) { 404 } else { 200 };
        Ok(FetchedKeys::new(status, if is_key { self.pem.as_str() } else { &self.foreign_pem }))
    }

    fn spawn(&self, refresh: upsign_cognito::Refresh) -> Result<(), upsign_cognito::Refresh> {
        if !self.has_runtime {
            return Err(refresh);
        }
        tokio::spawn(refresh);
        Ok(())
    }
}

/// An event that is valid for the next days.
fn event(fake_alb: &FakeAlb) -> Value {
    let mut header = header();
    header["exp"] = json!(NOW + 1_000_000);
    fake_alb.event(&header, &json!({"sub": "alice"}))
}

fn foreign_kid(number: u64) -> String {
    format!("3f2504e0-0000-4bbb-8ccc-{number:012x}")
}

/// Runs spawned tasks until they wait.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn header_of_another_load_balancer_causes_no_fetch() {
    let fake_alb = FakeAlb::new();
    let region = Region::new(&fake_alb, false);
    let verifier = AlbVerifier::new(alb(), Arc::clone(&region));
    for (member, value, code) in [
        ("signer", json!(ARN.replace("/a/", "/b/")), "signer"),
        ("client", json!("other"), "client"),
        ("iss", json!("https://accounts.google.com"), "issuer"),
        ("exp", json!(NOW), "expired"),
        ("exp", Value::Null, "missing-claim"),
    ] {
        let mut header = header();
        header[member] = value;
        if header[member].is_null() {
            header.as_object_mut().unwrap().remove(member);
        }
        let error = verifier.identify(&fake_alb.event(&header, &payload()), at(0)).await.unwrap_err();
        assert_eq!((error.code(), region.fetches()), (code, (0, 0)), "{member}");
    }
}

/// Valid keys of other load balancers of the region, requested by unsigned headers, do not displace the key in use.
#[tokio::test]
async fn foreign_keys_do_not_displace_the_key_in_use() {
    let fake_alb = FakeAlb::new();
    let region = Region::new(&fake_alb, false);
    let verifier = AlbVerifier::new(alb(), Arc::clone(&region));
    let good = event(&fake_alb);
    verifier.identify(&good, at(0)).await.unwrap();
    for number in 1..=40 {
        let forged = verifier.identify(&forged_event(&foreign_kid(number)), at(10 * number)).await;
        assert_eq!(forged.unwrap_err().code(), "signature");
    }
    region.is_down.store(true, Ordering::SeqCst);
    verifier.identify(&good, at(401)).await.unwrap();
    assert_eq!(region.fetches(), (1, 40));
    assert_eq!(verifier.status(at(401)).usable_keys, 16);
}

/// A key id that was not requested yet may be that of the load balancer's new key: 503, not 401.
#[tokio::test]
async fn key_id_that_was_not_requested_is_not_rejected() {
    let fake_alb = FakeAlb::new();
    let region = Region::new(&fake_alb, false);
    let verifier = AlbVerifier::new(alb(), Arc::clone(&region));
    verifier.identify(&forged_event(&foreign_kid(1)), at(0)).await.unwrap_err();
    let error = verifier.identify(&event(&fake_alb), at(0)).await.unwrap_err();
    assert!(matches!(error, VerifyError::KeysUnavailable { .. }), "{error}");
    assert_eq!(region.fetches(), (0, 1));
    let chain = upsign_core::error_chain(&error).to_string();
    assert!(chain.ends_with("the limit on requests for keys is reached"), "{chain}");
    // In repeated use, it is requested within a second.
    verifier.identify(&event(&fake_alb), at(1)).await.unwrap();
}

#[tokio::test]
async fn missing_key_id_stays_rejected_without_a_fetch() {
    let fake_alb = FakeAlb::new();
    let region = Region::new(&fake_alb, false);
    region.is_withdrawn.store(true, Ordering::SeqCst);
    let verifier = AlbVerifier::new(alb(), Arc::clone(&region));
    for second in [0, 1, 9] {
        let error = verifier.identify(&event(&fake_alb), at(second)).await.unwrap_err();
        assert_eq!(error.code(), "unknown-kid");
    }
    assert_eq!(region.fetches(), (1, 0));
}

#[tokio::test]
async fn key_host_that_is_down_is_visible_twelve_hours_before_callers_are_refused() {
    for has_runtime in [true, false] {
        let fake_alb = FakeAlb::new();
        let region = Region::new(&fake_alb, has_runtime);
        let verifier = AlbVerifier::new(alb(), Arc::clone(&region));
        let good = event(&fake_alb);
        verifier.identify(&good, at(0)).await.unwrap();
        region.is_down.store(true, Ordering::SeqCst);
        verifier.identify(&good, at(12 * HOUR - 1)).await.unwrap();
        assert_eq!(region.fetches(), (1, 0));
        for second in [0, 1, 9, 10] {
            verifier.identify(&good, at(12 * HOUR + second)).await.unwrap();
            settle().await;
        }
        let status = verifier.status(at(12 * HOUR + 10));
        assert_eq!((status.fetches, status.consecutive_failures, status.usable_keys), (3, 2, 1));
        verifier.identify(&good, at(24 * HOUR - 1)).await.unwrap();
        settle().await;
        let error = verifier.identify(&good, at(24 * HOUR)).await.unwrap_err();
        assert_eq!(error.code(), "keys-unavailable");
        region.is_down.store(false, Ordering::SeqCst);
        verifier.identify(&good, at(24 * HOUR + 10)).await.unwrap();
        assert_eq!(verifier.status(at(24 * HOUR + 10)).consecutive_failures, 0);
    }
}

/// With a runtime, the caller that starts the refresh does not wait for it either.
#[tokio::test]
async fn stale_key_is_refreshed_in_the_background() {
    use futures_util::FutureExt;
    let fake_alb = FakeAlb::new();
    let region = Region::new(&fake_alb, true);
    let verifier = AlbVerifier::new(alb(), Arc::clone(&region));
    let good = event(&fake_alb);
    verifier.identify(&good, at(0)).await.unwrap();
    assert!(verifier.identify(&good, at(12 * HOUR)).now_or_never().expect("no wait").is_ok());
    settle().await;
    assert_eq!((region.fetches(), verifier.status(at(12 * HOUR)).age), ((2, 0), Some(0)));
    // The refreshed key is fresh for another 12 hours.
    verifier.identify(&good, at(24 * HOUR - 1)).await.unwrap();
    assert_eq!(region.fetches(), (2, 0));
}

#[tokio::test]
async fn withdrawn_key_is_rejected_after_its_refresh() {
    for has_runtime in [true, false] {
        let fake_alb = FakeAlb::new();
        let region = Region::new(&fake_alb, has_runtime);
        let verifier = AlbVerifier::new(alb(), Arc::clone(&region));
        let good = event(&fake_alb);
        verifier.identify(&good, at(0)).await.unwrap();
        region.is_withdrawn.store(true, Ordering::SeqCst);
        let first = verifier.identify(&good, at(12 * HOUR)).await;
        assert_eq!(first.is_ok(), has_runtime, "served while the refresh runs in the background");
        settle().await;
        let error = verifier.identify(&good, at(12 * HOUR + 1)).await.unwrap_err();
        assert_eq!(error.code(), "unknown-kid");
    }
}
