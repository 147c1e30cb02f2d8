//! The keys of several issuers: fetched, cached, warmed and reported for each of them alone.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use upsign_jwt::{
    Algorithm, FetchError, FetchKeys, FetchedKeys, InvalidVerifiers, TokenUse, TrustedIssuer, Verifier,
    VerifierConfig, Verifiers, VerifyError, async_trait,
};

use crate::signer::{NOW, Signer, at};

/// The key endpoint of one issuer.
#[derive(Debug, Default)]
struct Site {
    /// `None` if it is not reachable.
    keys: Mutex<Option<Value>>,
    fetches: AtomicUsize,
}

impl Site {
    fn new(algorithm: Algorithm, kid: &str) -> Arc<Self> {
        let site = Arc::new(Self::default());
        site.publish(algorithm, kid);
        site
    }

    fn publish(&self, algorithm: Algorithm, kid: &str) {
        let mut jwk = Signer::of(algorithm).jwk();
        jwk["kid"] = kid.into();
        *self.keys.lock().unwrap() = Some(json!({ "keys": [jwk] }));
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl FetchKeys for Site {
    async fn fetch(&self, _uri: &str) -> Result<FetchedKeys, FetchError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        let keys = self.keys.lock().unwrap().clone();
        let keys = keys.ok_or_else(|| FetchError::transport("connection refused"))?;
        Ok(FetchedKeys::new(200, keys.to_string()))
    }
}

const A: &str = "https://a.example";
const B: &str = "https://b.example";

fn config(issuer: &str) -> VerifierConfig {
    let trusted = TrustedIssuer::custom(issuer, &format!("{issuer}/keys")).unwrap();
    let algorithms = [Algorithm::Rs256, Algorithm::Es256];
    VerifierConfig::oidc(trusted, ["api"], TokenUse::Any).unwrap().with_algorithms(algorithms).unwrap()
}

fn token(issuer: &str, algorithm: Algorithm, kid: &str) -> String {
    let claims = json!({"iss": issuer, "aud": "api", "sub": "alice", "exp": NOW + 100_000});
    Signer::of(algorithm).sign_with(&json!({ "kid": kid }), &claims)
}

async fn code(verifiers: &Verifiers, token: &str, second: u64) -> &'static str {
    verifiers.verify(token, at(second)).await.map_or_else(|error| error.code(), |_| "ok")
}

#[tokio::test]
async fn only_the_keys_of_the_named_issuer_are_fetched() {
    let (a, b) = (Site::new(Algorithm::Rs256, "a"), Site::new(Algorithm::Es256, "b"));
    let verifiers =
        Verifiers::new([Verifier::new(config(A), Arc::clone(&a)), Verifier::new(config(B), Arc::clone(&b))]);
    let verifiers = verifiers.unwrap();
    assert_eq!(
        code(&verifiers, &token("https://c.example", Algorithm::Rs256, "a"), 0).await,
        "unknown-issuer"
    );
    assert_eq!((a.fetches(), b.fetches()), (0, 0));
    assert_eq!(code(&verifiers, &token(A, Algorithm::Rs256, "a"), 0).await, "ok");
    assert_eq!((a.fetches(), b.fetches()), (1, 0));
    // Forged tokens in the name of A cause fetches from A only, at most one in ten seconds.
    for second in 0..25 {
        let forged = token(A, Algorithm::Es256, &format!("kid-{second}"));
        assert_eq!(code(&verifiers, &forged, second).await, "unknown-kid");
    }
    assert_eq!((a.fetches(), b.fetches()), (3, 0));
    assert_eq!(code(&verifiers, &token(B, Algorithm::Es256, "b"), 25).await, "ok");
}

/// The id of a key that A does not publish is remembered for A alone.
#[tokio::test]
async fn key_id_that_is_unknown_to_one_issuer_is_not_unknown_to_another() {
    let (a, b) = (Site::new(Algorithm::Rs256, "a"), Site::new(Algorithm::Es256, "b"));
    let verifiers = Verifiers::new([Verifier::new(config(A), a), Verifier::new(config(B), b)]).unwrap();
    assert_eq!(code(&verifiers, &token(A, Algorithm::Es256, "b"), 0).await, "unknown-kid");
    assert_eq!(code(&verifiers, &token(B, Algorithm::Es256, "b"), 0).await, "ok");
    assert_eq!(code(&verifiers, &token(B, Algorithm::Rs256, "a"), 0).await, "unknown-kid");
    assert_eq!(code(&verifiers, &token(A, Algorithm::Rs256, "a"), 0).await, "ok");
}

#[tokio::test]
async fn warming_reports_each_issuer_and_one_that_fails_does_not_stop_the_others() {
    let (a, b) = (Site::new(Algorithm::Rs256, "a"), Site::new(Algorithm::Es256, "b"));
    *a.keys.lock().unwrap() = None;
    let observed = Arc::new(Mutex::new(Vec::new()));
    let verifier = |issuer, site: &Arc<Site>| {
        let observed = Arc::clone(&observed);
        Verifier::new(config(issuer), Arc::clone(site)).with_keys_observer(move |status| {
            observed.lock().unwrap().push((status.issuer.to_string(), status.last_error.is_none()));
        })
    };
    let verifiers = Verifiers::new([verifier(A, &a), verifier(B, &b)]).unwrap();
    assert!(verifiers.key_status(at(0)).iter().all(|status| !status.is_usable && status.fetches == 0));

    let statuses = verifiers.warm(at(0)).await;
    let of = |index: usize| (&*statuses[index].issuer, &*statuses[index].uri, statuses[index].is_usable);
    assert_eq!(of(0), (A, "https://a.example/keys", false));
    assert_eq!(of(1), (B, "https://b.example/keys", true));
    assert_eq!(statuses[0].error().unwrap().to_string(), "cannot fetch https://a.example/keys");
    assert!(statuses[1].error().is_none());
    let mut seen = observed.lock().unwrap().clone();
    seen.sort();
    assert_eq!(seen, [(A.to_owned(), false), (B.to_owned(), true)]);

    // Callers of A are not rejected but asked to come back, and those of B are served.
    let unavailable = verifiers.verify(&token(A, Algorithm::Rs256, "a"), at(1)).await.unwrap_err();
    assert!(matches!(&unavailable, VerifyError::KeysUnavailable { uri, .. } if uri.starts_with(A)));
    assert_eq!(code(&verifiers, &token(B, Algorithm::Es256, "b"), 1).await, "ok");

    // The keys of B are fresh, so only A is fetched again.
    a.publish(Algorithm::Rs256, "a");
    assert!(verifiers.warm(at(10)).await.iter().all(|status| status.is_usable));
    assert_eq!((a.fetches(), b.fetches()), (2, 1));
}

#[tokio::test]
async fn keys_that_one_issuer_withdraws_stay_those_of_the_other() {
    let (a, b) = (Site::new(Algorithm::Rs256, "same"), Site::new(Algorithm::Rs256, "same"));
    let verifiers = Verifiers::new([
        Verifier::new(config(A), Arc::clone(&a)).with_token_cache(upsign_jwt::CacheLimits::new(10, 100_000)),
        Verifier::new(config(B), b).with_token_cache(upsign_jwt::CacheLimits::new(10, 100_000)),
    ])
    .unwrap();
    let tokens = [A, B].map(|issuer| token(issuer, Algorithm::Rs256, "same"));
    for token in &tokens {
        assert_eq!(code(&verifiers, token, 0).await, "ok");
    }
    a.publish(Algorithm::Es256, "other");
    // The fetchers have no runtime to refresh in, so this caller waits for the refresh.
    assert_eq!(code(&verifiers, &tokens[0], 3_600).await, "unknown-kid");
    assert_eq!(code(&verifiers, &tokens[1], 3_600).await, "ok");
}

#[test]
fn requirements_are_in_the_order_of_the_verifiers_and_names_are_unique() {
    let named = |issuer, name: &str| {
        let site = Site::new(Algorithm::Rs256, "a");
        Verifier::new(config(issuer).with_issuer_name(name.parse().unwrap()), site)
    };
    let verifiers = Verifiers::new([named(B, "b"), named(A, "a")]).unwrap();
    let names: Vec<_> = verifiers.configs().map(|config| config.issuer().preferred_name()).collect();
    assert_eq!(names, [B, A]);
    let error = Verifiers::new([named(A, "same"), named(B, "same")]).unwrap_err();
    assert_eq!(error, InvalidVerifiers::DuplicateName { name: "same".parse().unwrap() });
    assert_eq!(error.to_string(), "two issuers have the name same, expected another name for each issuer");
}
