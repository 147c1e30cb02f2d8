//! Discovery of the key set: what a document must say, within the limits of fetches, and how often it is fetched.

use std::sync::Arc;
use std::sync::Mutex;

use serde_json::{Value, json};
use upsign_jwt::{
    FetchError, FetchKeys, FetchedKeys, InvalidDiscovery, JwksCache, StaticKeys, TokenUse, TrustedIssuer,
    Verifier, VerifierConfig, VerifyError, async_trait,
};

use crate::signer::{NOW, Signer, at};

const ISSUER: &str = "https://id.example.com/realms/main";
const DOCUMENT: &str = "https://id.example.com/realms/main/.well-known/openid-configuration";
const KEYS: &str = "https://keys.example.com/jwks";

/// An issuer's web server, which records the URLs that are fetched.
#[derive(Debug)]
struct Site {
    discovery: Mutex<FetchedKeys>,
    keys: Mutex<FetchedKeys>,
    fetched: Mutex<Vec<String>>,
}

#[async_trait]
impl FetchKeys for Site {
    async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError> {
        // Lets other callers run, so that they find this fetch.
        tokio::task::yield_now().await;
        self.fetched.lock().unwrap().push(uri.to_owned());
        let is_document = uri.ends_with("/.well-known/openid-configuration");
        Ok(if is_document { &self.discovery } else { &self.keys }.lock().unwrap().clone())
    }
}

impl Site {
    fn new(discovery: &Value) -> Arc<Self> {
        Arc::new(Self {
            discovery: Mutex::new(FetchedKeys::new(200, discovery.to_string())),
            keys: Mutex::new(FetchedKeys::new(200, Signer::of(upsign_jwt::Algorithm::Rs256).jwks())),
            fetched: Mutex::default(),
        })
    }

    fn fetched(&self) -> Vec<String> {
        self.fetched.lock().unwrap().clone()
    }
}

fn config(issuer: TrustedIssuer) -> VerifierConfig {
    VerifierConfig::oidc(issuer, ["api"], TokenUse::Access).unwrap()
}

fn verifier(site: &Arc<Site>) -> Verifier<Arc<Site>> {
    Verifier::new(config(TrustedIssuer::discover(ISSUER).unwrap()), Arc::clone(site))
}

fn token() -> String {
    let claims = json!({"iss": ISSUER, "aud": "api", "sub": "alice", "exp": NOW + 90_000});
    Signer::of(upsign_jwt::Algorithm::Rs256).sign(&claims)
}

/// Returns the error of the fetch that this discovery document leads to, and whether the key set was fetched.
async fn error(discovery: &Value) -> (String, bool) {
    let site = Site::new(discovery);
    let verifier = verifier(&site);
    let error = verifier.verify(&token(), at(0)).await.unwrap_err();
    let VerifyError::KeysUnavailable { uri, source } = &error else { panic!("{error}") };
    assert_eq!((uri.as_ref(), error.status()), (DOCUMENT, 503));
    let text = upsign_core::error_chain(source).to_string();
    (text, site.fetched().len() > 1)
}

#[tokio::test]
async fn keys_are_fetched_from_the_address_that_the_document_names() {
    let site = Site::new(&json!({"issuer": ISSUER, "jwks_uri": KEYS, "x": [1]}));
    let claims = verifier(&site).verify(&token(), at(0)).await.unwrap();
    assert_eq!((claims.subject(), claims.issuer()), ("alice", ISSUER));
    assert_eq!(site.fetched(), [DOCUMENT, KEYS]);
}

#[tokio::test]
async fn callers_share_one_discovery_and_one_fetch() {
    let site = Site::new(&json!({"issuer": ISSUER, "jwks_uri": KEYS}));
    let verifier = verifier(&site);
    let token = token();
    let callers = (0..100).map(|_| verifier.verify(&token, at(0)));
    for result in futures_util::future::join_all(callers).await {
        assert_eq!(result.unwrap().subject(), "alice");
    }
    assert_eq!(site.fetched(), [DOCUMENT, KEYS]);
    // Fresh for an hour, then both are fetched again.
    verifier.verify(&token, at(3_599)).await.unwrap();
    assert_eq!(site.fetched().len(), 2);
    verifier.verify(&token, at(3_600)).await.unwrap();
    assert_eq!(site.fetched().len(), 4);
}

#[tokio::test]
async fn issuer_of_the_document_must_be_exactly_the_configured_one() {
    for other in [
        json!(format!("{ISSUER}/")),
        json!("https://ID.example.com/realms/main"),
        json!("https://id.example.com/realms/{tenant}"),
        json!("https://evil.example.com"),
        json!([ISSUER]),
        Value::Null,
    ] {
        let (text, has_keys) = error(&json!({"issuer": other, "jwks_uri": KEYS})).await;
        let found = other.as_str().unwrap_or_default();
        let expected = format!(
            "the discovery document is not usable: the document is of the issuer `{found}`, expected exactly {ISSUER}"
        );
        assert_eq!(text, expected);
        assert!(!has_keys, "keys of {other} were fetched");
    }
}

#[tokio::test]
async fn key_set_must_be_on_https() {
    for (uri, reason) in [
        (json!("http://keys.example.com/jwks"), "is not https"),
        (json!("http://127.0.0.1/jwks"), "is not https"),
        (json!("file:///etc/passwd"), "is not a usable URL"),
        (json!("https://user@keys.example.com/jwks"), "is not a usable URL"),
        (json!("/jwks"), "is not a usable URL"),
        (json!(["https://keys.example.com"]), "has no `jwks_uri`"),
        (Value::Null, "has no `jwks_uri`"),
    ] {
        let (text, has_keys) = error(&json!({"issuer": ISSUER, "jwks_uri": uri})).await;
        assert!(text.contains(reason) && !has_keys, "{uri}: {text}");
    }
}

#[tokio::test]
async fn documents_that_are_not_strict_json_objects_are_refused() {
    let site = Site::new(&Value::Null);
    let bodies =
        ["", "[]", "<html>", &format!(r#"{{"issuer":"{ISSUER}","issuer":"{ISSUER}","jwks_uri":"{KEYS}"}}"#)];
    for (index, body) in bodies.into_iter().enumerate() {
        *site.discovery.lock().unwrap() = FetchedKeys::new(200, body);
        let jwks = JwksCache::new(&config(TrustedIssuer::discover(ISSUER).unwrap()), Arc::clone(&site));
        let error = jwks.warm(at(index as u64)).await.unwrap_err();
        assert!(matches!(*error, FetchError::Discovery(InvalidDiscovery::Json(_))), "{body}: {error}");
        assert_eq!(error.code(), "discovery-not-json");
    }
    let long = format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"{KEYS}","x":"{}"}}"#, "x".repeat(256 * 1024));
    *site.discovery.lock().unwrap() = FetchedKeys::new(200, long);
    let jwks = JwksCache::new(&config(TrustedIssuer::discover(ISSUER).unwrap()), Arc::clone(&site));
    assert!(matches!(*jwks.warm(at(0)).await.unwrap_err(), FetchError::Discovery(InvalidDiscovery::Json(_))));
}

#[tokio::test]
async fn failures_of_both_fetches_are_reported_with_their_address() {
    let site = Site::new(&json!({"issuer": ISSUER, "jwks_uri": KEYS}));
    *site.keys.lock().unwrap() = FetchedKeys::new(404, "");
    let verifier = verifier(&site);
    let chain = |error: VerifyError| upsign_core::error_chain(&error).to_string();
    let error = verifier.verify(&token(), at(0)).await.unwrap_err();
    assert_eq!(
        chain(error),
        format!(
            "cannot fetch {DOCUMENT}: cannot fetch {KEYS}, which the discovery document names: the server returned \
             status 404, expected 200"
        )
    );
    *site.discovery.lock().unwrap() = FetchedKeys::new(500, "");
    let error = verifier.verify(&token(), at(10)).await.unwrap_err();
    assert_eq!(
        chain(error),
        format!("cannot fetch {DOCUMENT}: the server returned status 500, expected 200")
    );
    // The issuer recovers, and nobody has to restart anything.
    *site.discovery.lock().unwrap() =
        FetchedKeys::new(200, json!({"issuer": ISSUER, "jwks_uri": KEYS}).to_string());
    *site.keys.lock().unwrap() = FetchedKeys::new(200, Signer::of(upsign_jwt::Algorithm::Rs256).jwks());
    assert!(verifier.verify(&token(), at(20)).await.is_ok());
}

/// A fetcher that does not answer the second request. Both together have the time limit of one fetch.
#[tokio::test(start_paused = true)]
async fn discovery_and_keys_have_the_time_limit_of_one_fetch() {
    #[derive(Debug)]
    struct Slow;

    #[async_trait]
    impl FetchKeys for Slow {
        async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError> {
            let is_document = uri == DOCUMENT;
            tokio::time::sleep(std::time::Duration::from_secs(if is_document { 4 } else { 3_600 })).await;
            Ok(FetchedKeys::new(200, json!({"issuer": ISSUER, "jwks_uri": KEYS}).to_string()))
        }
    }

    let verifier = Verifier::new(config(TrustedIssuer::discover(ISSUER).unwrap()), Slow);
    let started = tokio::time::Instant::now();
    let error = verifier.verify(&token(), at(0)).await.unwrap_err();
    assert!(
        matches!(&error, VerifyError::KeysUnavailable { source, .. } if matches!(**source, FetchError::Timeout))
    );
    assert_eq!(started.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn keys_of_this_machine_need_the_explicit_option() {
    let issuer = "http://127.0.0.1:8080/realms/main";
    let claims = json!({"iss": issuer, "aud": "api", "sub": "alice", "exp": NOW + 100});
    let token = Signer::of(upsign_jwt::Algorithm::Rs256).sign(&claims);
    let verify = async |jwks_uri: &str| {
        let site = Site::new(&json!({"issuer": issuer, "jwks_uri": jwks_uri}));
        let trusted = TrustedIssuer::danger_http_discovery(issuer).unwrap();
        Verifier::new(config(trusted), site).verify(&token, at(0)).await.is_ok()
    };
    assert!(verify("http://127.0.0.1:8080/keys").await);
    assert!(verify("https://keys.example.com").await);
    assert!(verify("http://keycloak:8080/realms/main/certs").await, "a host in a container network");
    assert!(!verify("ftp://keys.example.com").await);
}

#[tokio::test]
async fn static_keys_need_no_discovery() {
    let keys = Signer::of(upsign_jwt::Algorithm::Rs256).jwks();
    let trusted = || TrustedIssuer::discover(ISSUER).unwrap();
    let verifier = Verifier::with_static_keys(config(trusted()), keys.clone()).unwrap();
    assert_eq!(verifier.verify(&token(), at(0)).await.unwrap().subject(), "alice");
    let shared: Arc<dyn FetchKeys> = Arc::new(StaticKeys::new(keys).unwrap());
    assert!(Verifier::new(config(trusted()), shared).verify(&token(), at(0)).await.is_ok());
}
