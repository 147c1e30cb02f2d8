//! Headers of a load balancer, signed by a key of the test, and keys that are fetched.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use serde_json::{Value, json};
use upsign_cognito::authorizer::{Alb, AlbVerifier, EventIdentity, IdentitySource};
use upsign_cognito::{FetchError, FetchKeys, FetchedKeys, Rejection, VerifyError};

use crate::corpus::BACKENDS;
use crate::pool::{ISSUER, NOW, at};

pub(crate) const ARN: &str =
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/a/50dc6c495c0c9188";
pub(crate) const KID: &str = "3f2504e0-aaaa-4bbb-8ccc-0305e82c3301";

/// A load balancer with its own key, which signs any header and payload.
pub(crate) struct FakeAlb(EcdsaKeyPair);

impl FakeAlb {
    pub(crate) fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        let prefix = BASE64_STANDARD.decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE").unwrap();
        let der = [&prefix[..26], self.0.public_key().as_ref()].concat();
        let base64 = BASE64_STANDARD.encode(der);
        let (first, second) = base64.split_at(64);
        format!("-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----\n")
    }

    pub(crate) fn event(&self, header: &Value, payload: &Value) -> Value {
        let encode = |json: &Value| BASE64_URL_SAFE.encode(json.to_string());
        let message = format!("{}.{}", encode(header), encode(payload));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        let data = format!("{message}.{}", BASE64_URL_SAFE.encode(signature));
        json!({"requestContext": {"elb": {}}, "httpMethod": "GET", "headers": {"X-Amzn-Oidc-Data": data}})
    }
}

pub(crate) fn header() -> Value {
    json!({"alg": "ES256", "kid": KID, "signer": ARN, "iss": ISSUER, "client": "client", "exp": NOW + 120})
}

pub(crate) fn payload() -> Value {
    json!({"sub": "alice", "username": "al", "exp": NOW + 120, "iss": ISSUER})
}

pub(crate) fn alb() -> Alb {
    Alb::new(ARN, ISSUER, "client").unwrap()
}

/// Checks the result for a valid header or payload with this member changed; `null` removes it.
#[track_caller]
fn check(part: &str, member: &str, value: Value, expected: &str) {
    let fake_alb = FakeAlb::new();
    let (mut header, mut payload) = (header(), payload());
    let changed = if part == "header" { &mut header } else { &mut payload };
    changed[member] = value;
    if changed[member].is_null() {
        changed.as_object_mut().unwrap().remove(member);
    }
    let event = fake_alb.event(&header, &payload);
    for backend in BACKENDS {
        let source = IdentitySource::Alb(alb().with_backend(backend).with_only_key(&fake_alb.pem()).unwrap());
        let result = source.identify(&event, at(0)).map_or_else(|error| error.code(), |_| "ok");
        assert_eq!(result, expected, "{part} {member} {backend:?}");
    }
}

#[test]
fn header_and_payload_members() {
    check("header", "typ", json!("JWT"), "ok");
    check("header", "kid", json!("3f2504e0-0000-4bbb-8ccc-0305e82c3301"), "ok");
    check("header", "kid", json!("../../x"), "key-id");
    check("header", "kid", Value::Null, "key-id");
    check("header", "alg", json!("ES384"), "algorithm");
    check("header", "crit", json!([]), "header-parameter");
    check("header", "signer", json!(ARN.replace("/a/", "/b/")), "signer");
    check("header", "signer", Value::Null, "missing-claim");
    check("header", "iss", json!(format!("{ISSUER}x")), "issuer");
    check("header", "client", json!("other"), "client");
    check("header", "client", json!(["client"]), "invalid-claim");
    check("header", "exp", json!(NOW), "expired");
    check("header", "exp", Value::Null, "missing-claim");
    check("header", "exp", json!("9999999999"), "invalid-claim");
    check("payload", "exp", json!(NOW), "expired");
    check("payload", "exp", Value::Null, "ok");
    check("payload", "iss", json!("https://accounts.google.com"), "issuer");
    check("payload", "sub", Value::Null, "missing-claim");
    check("payload", "sub", json!(" "), "invalid-claim");
    check("payload", "cognito:groups", json!("admin"), "invalid-claim");
}

#[test]
fn header_must_be_unique() {
    let fake_alb = FakeAlb::new();
    let source = IdentitySource::Alb(alb().with_key(KID, &fake_alb.pem()).unwrap());
    let event = fake_alb.event(&header(), &payload());
    let data = event["headers"]["X-Amzn-Oidc-Data"].clone();
    let result = |headers: Value, multi: Value| {
        let event = json!({"requestContext": {"elb": {}}, "headers": headers, "multiValueHeaders": multi});
        source.identify(&event, at(0)).map_or_else(|error| error.code(), |_| "ok")
    };
    assert_eq!(result(json!({"x-amzn-oidc-data": data}), Value::Null), "ok");
    assert_eq!(result(Value::Null, json!({"x-amzn-oidc-data": [data]})), "ok");
    assert_eq!(result(Value::Null, json!({"x-amzn-oidc-data": [data, data]})), "malformed-event");
    assert_eq!(
        result(json!({"x-amzn-oidc-data": data, "X-Amzn-Oidc-Data": data}), Value::Null),
        "malformed-event"
    );
    assert_eq!(result(json!({"x-amzn-oidc-identity": "alice"}), Value::Null), "no-claims");
    let signed_by_other = FakeAlb::new().event(&header(), &payload());
    assert_eq!(source.identify(&signed_by_other, at(0)).unwrap_err(), Rejection::Signature);
}

#[test]
fn invalid_keys_are_refused() {
    let pem = FakeAlb::new().pem();
    for bad in ["", "x", &pem.replace("PUBLIC", "PRIVATE"), &pem.replace("MFkw", "MFkx"), pem.split_at(100).0]
    {
        assert!(alb().with_key(KID, bad).is_err(), "{bad}");
    }
    let not_on_curve = {
        let mut der = BASE64_STANDARD.decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE").unwrap();
        der.resize(91, 1);
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", BASE64_STANDARD.encode(der))
    };
    assert!(alb().with_key(KID, &not_on_curve).is_err());
    assert!(alb().with_key("not-a-uuid", &pem).is_err());
}

#[derive(Debug)]
struct KeyHost {
    pem: String,
    status: AtomicUsize,
    fetches: AtomicUsize,
    requested: Mutex<HashSet<String>>,
}

#[async_trait]
impl FetchKeys for KeyHost {
    async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError> {
        assert!(uri.starts_with("https://public-keys.auth.elb.us-east-1.amazonaws.com/"));
        self.fetches.fetch_add(1, Ordering::SeqCst);
        self.requested.lock().unwrap().insert(uri.to_owned());
        tokio::task::yield_now().await;
        let known = uri.ends_with(KID);
        let status = if known { self.status.load(Ordering::SeqCst) } else { 403 };
        Ok(FetchedKeys::new(u16::try_from(status).unwrap(), self.pem.as_str()))
    }
}

impl KeyHost {
    fn new(fake_alb: &FakeAlb, status: usize) -> Arc<Self> {
        let (fetches, requested) = (0.into(), Mutex::default());
        Arc::new(Self { pem: fake_alb.pem(), status: status.into(), fetches, requested })
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    /// The result for a key id that does not exist: only the key host can tell that.
    fn code_of_invented(&self, kid: &str) -> &'static str {
        let was_requested = self.requested.lock().unwrap().iter().any(|uri| uri.ends_with(kid));
        if was_requested { "unknown-kid" } else { "keys-unavailable" }
    }
}

#[tokio::test]
async fn key_is_fetched_every_twelve_hours() {
    let fake_alb = FakeAlb::new();
    let host = KeyHost::new(&fake_alb, 200);
    let verifier = AlbVerifier::new(alb(), Arc::clone(&host));
    let mut header = header();
    header["exp"] = json!(NOW + 1_000_000);
    let event = fake_alb.event(&header, &json!({"sub": "alice"}));
    let all = futures_util::future::join_all((0..100).map(|_| verifier.identify(&event, at(0)))).await;
    for found in all {
        assert!(
            matches!(found.unwrap(), EventIdentity::User(user) if user.identity().subject().as_str() == "alice")
        );
    }
    verifier.identify(&event, at(43_199)).await.unwrap();
    assert_eq!(host.fetches(), 1);
    verifier.identify(&event, at(43_200)).await.unwrap();
    verifier.identify(&event, at(86_399)).await.unwrap();
    assert_eq!(host.fetches(), 2);
}

#[tokio::test]
async fn unknown_key_ids_cost_few_fetches() {
    let fake_alb = FakeAlb::new();
    let host = KeyHost::new(&fake_alb, 200);
    let verifier = AlbVerifier::new(alb(), Arc::clone(&host));
    let good = fake_alb.event(&header(), &payload());
    verifier.identify(&good, at(0)).await.unwrap();
    for second in 0..60 {
        let mut header = header();
        let kid = format!("3f2504e0-aaaa-4bbb-8ccc-0305e82c{second:04}");
        header["kid"] = json!(kid);
        let error = verifier.identify(&fake_alb.event(&header, &payload()), at(second)).await.unwrap_err();
        assert_eq!(error.code(), host.code_of_invented(&kid));
        verifier.identify(&good, at(second)).await.unwrap();
    }
    assert!(host.fetches() <= 7, "{}", host.fetches());
}

/// Someone sends two new key ids per second, the first of them always just before the users of a load balancer that signs
/// with a new key. The users of the new key are served nevertheless.
#[tokio::test]
async fn invented_key_ids_do_not_starve_a_new_key() {
    let fake_alb = FakeAlb::new();
    let host = KeyHost::new(&fake_alb, 200);
    let verifier = AlbVerifier::new(alb(), Arc::clone(&host));
    let good = fake_alb.event(&header(), &payload());
    let mut served_after = None;
    for second in 0..60 {
        for invented in [2 * second, 2 * second + 1] {
            let mut header = header();
            let kid = format!("3f2504e0-aaaa-4bbb-8ccc-0305e82c{invented:04}");
            header["kid"] = json!(kid);
            let error = verifier.identify(&fake_alb.event(&header, &payload()), at(second)).await;
            assert_eq!(error.unwrap_err().code(), host.code_of_invented(&kid));
        }
        if verifier.identify(&good, at(second)).await.is_ok() {
            served_after.get_or_insert(second);
        }
    }
    assert!(served_after.is_some_and(|second| second <= 2), "{served_after:?}");
    assert!(host.fetches() <= 10, "{}", host.fetches());
}

/// A flood repeats each of its invented key ids, too. Outgoing requests stay bounded, and the new key gets its turn.
#[tokio::test]
async fn flood_of_repeated_key_ids_costs_a_bounded_number_of_fetches() {
    let fake_alb = FakeAlb::new();
    let host = KeyHost::new(&fake_alb, 200);
    let verifier = AlbVerifier::new(alb(), Arc::clone(&host));
    let good = fake_alb.event(&header(), &payload());
    let mut served_after = None;
    for second in 0..60 {
        for invented in 0..100 {
            let mut header = header();
            header["kid"] = json!(format!("3f2504e0-aaaa-4bbb-8ccc-0305e82c{invented:04}"));
            verifier.identify(&fake_alb.event(&header, &payload()), at(second)).await.unwrap_err();
        }
        if verifier.identify(&good, at(second)).await.is_ok() {
            served_after.get_or_insert(second);
        }
    }
    assert!(served_after.is_some_and(|second| second <= 30), "{served_after:?}");
    assert!(host.fetches() <= 10 * 60, "{}", host.fetches());
}

#[tokio::test]
async fn unavailable_key_host_is_not_a_rejection() {
    let fake_alb = FakeAlb::new();
    let host = KeyHost::new(&fake_alb, 500);
    let verifier = AlbVerifier::new(alb(), Arc::clone(&host));
    let event = fake_alb.event(&header(), &payload());
    for second in [0, 1, 9] {
        let error = verifier.identify(&event, at(second)).await.unwrap_err();
        assert!(matches!(error, VerifyError::KeysUnavailable { .. }), "{error}");
    }
    assert_eq!(host.fetches(), 1);
    host.status.store(200, Ordering::SeqCst);
    assert!(verifier.identify(&event, at(10)).await.is_ok());
}

#[tokio::test]
async fn invalid_key_id_is_never_fetched() {
    let fake_alb = FakeAlb::new();
    let host = KeyHost::new(&fake_alb, 200);
    let verifier = AlbVerifier::new(alb(), Arc::clone(&host));
    for kid in ["../../x", "x?y", "", "3f2504e0-aaaa-4bbb-8ccc-0305e82c330/"] {
        let mut header = header();
        header["kid"] = json!(kid);
        let error = verifier.identify(&fake_alb.event(&header, &payload()), at(0)).await.unwrap_err();
        assert_eq!(error.code(), "key-id");
    }
    assert_eq!(host.fetches(), 0);
}

/// Returns an event whose header is that of the load balancer but for this key id, and is signed by nobody. That is enough to
/// be looked up.
pub(crate) fn forged_event(kid: &str) -> Value {
    let mut header = header();
    (header["kid"], header["exp"]) = (json!(kid), json!(NOW + 1_000_000));
    let header = BASE64_URL_SAFE.encode(header.to_string());
    json!({"requestContext": {"elb": {}}, "headers": {"x-amzn-oidc-data": format!("{header}.e30=.AAAA")}})
}

/// Sends 10,000 events with invented key ids per second, and then those of the users of a new key. Returns the second in which
/// the first user was served.
async fn flood(seconds: u64, users_per_second: usize, kid: impl Fn(u64, u64) -> u64) -> (Option<u64>, usize) {
    let fake_alb = FakeAlb::new();
    let host = KeyHost::new(&fake_alb, 200);
    let verifier = AlbVerifier::new(alb(), Arc::clone(&host));
    let mut header = header();
    header["exp"] = json!(NOW + 1_000);
    let good = fake_alb.event(&header, &json!({"sub": "alice"}));
    for second in 0..seconds {
        for number in 0..10_000 {
            let kid = format!("3f2504e0-0000-4bbb-8ccc-{:012x}", kid(second, number));
            let error = verifier.identify(&forged_event(&kid), at(second)).await.unwrap_err();
            // Looking through the requested ones is slow, and the tests above do so.
            assert!(matches!(error.code(), "unknown-kid" | "keys-unavailable"), "{error}");
        }
        for _ in 0..users_per_second {
            if verifier.identify(&good, at(second)).await.is_ok() {
                return (Some(second), host.fetches());
            }
        }
    }
    (None, host.fetches())
}

/// More invented key ids than any list of them could hold, each used once.
#[tokio::test]
async fn ten_thousand_new_key_ids_per_second_do_not_starve_a_new_key() {
    let (served, fetches) = flood(12, 1, |second, number| second * 10_000 + number).await;
    assert!(served.is_some_and(|second| second <= 8), "{served:?}");
    assert!(fetches <= 12 * 12, "{fetches}");
}

/// Each of them is used every second, less often than the new key.
#[tokio::test]
async fn ten_thousand_repeated_key_ids_do_not_starve_a_new_key() {
    let (served, fetches) = flood(15, 10, |_, number| number).await;
    assert!(served.is_some_and(|second| second <= 12), "{served:?}");
    assert!(fetches <= 15 * 12, "{fetches}");
}

#[tokio::test]
async fn failing_key_host_is_visible_in_the_status() {
    let fake_alb = FakeAlb::new();
    let host = KeyHost::new(&fake_alb, 200);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let recorder = Arc::clone(&seen);
    let verifier = AlbVerifier::new(alb(), Arc::clone(&host))
        .with_observer(move |status| recorder.lock().unwrap().push(status.clone()));
    let mut header = header();
    header["exp"] = json!(NOW + 1_000_000);
    let event = fake_alb.event(&header, &json!({"sub": "alice"}));
    let unused = verifier.status(at(0));
    assert_eq!((unused.usable_keys, unused.age, unused.fetches), (0, None, 0));
    assert_eq!(&*unused.key_host, "https://public-keys.auth.elb.us-east-1.amazonaws.com");

    verifier.identify(&event, at(0)).await.unwrap();
    let healthy = verifier.status(at(5));
    assert_eq!((healthy.usable_keys, healthy.age, healthy.fetches), (1, Some(5), 1));
    assert!(healthy.last_error.is_none() && healthy.total_failures == 0);

    host.status.store(500, Ordering::SeqCst);
    let error = verifier.identify(&event, at(86_400)).await.unwrap_err();
    assert_eq!(
        upsign_core::error_chain(&error).to_string(),
        format!(
            "cannot fetch https://public-keys.auth.elb.us-east-1.amazonaws.com/{KID}: the server returned \
             status 500, expected 200"
        )
    );
    let failing = verifier.status(at(86_401));
    assert_eq!((failing.usable_keys, failing.age), (0, Some(86_401)));
    assert_eq!((failing.fetches, failing.consecutive_failures, failing.total_failures), (2, 1, 1));
    assert_eq!(failing.last_error.unwrap().code(), "key-set-status");

    host.status.store(200, Ordering::SeqCst);
    verifier.identify(&event, at(86_410)).await.unwrap();
    let recovered = verifier.status(at(86_410));
    assert_eq!((recovered.consecutive_failures, recovered.total_failures), (0, 1));
    let failures: Vec<u64> = seen.lock().unwrap().iter().map(|status| status.total_failures).collect();
    assert_eq!(failures, [0, 1, 1], "the observer is called once for each fetch");
}

/// The time limit is that of the verifier.
#[tokio::test(start_paused = true)]
async fn key_host_that_hangs_is_a_failed_fetch() {
    let fake_alb = FakeAlb::new();
    let fetcher = upsign_cognito::fetch_keys_fn(|_| std::future::pending());
    let verifier = AlbVerifier::new(alb(), fetcher);
    let error = verifier.identify(&fake_alb.event(&header(), &payload()), at(0)).await.unwrap_err();
    assert_eq!(error.code(), "keys-unavailable");
    assert_eq!(verifier.status(at(5)).last_error.unwrap().code(), "key-set-timeout");
}
