//! The issuer.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use upsign::async_trait;
use upsign_cognito::{
    Algorithm, FetchError, FetchKeys, FetchedKeys, TokenUse, TrustedIssuer, UserPool, Verifier,
    VerifierConfig,
};

use super::key::SigningKey;
use super::token::TestToken;

/// An issuer with its own RSA key, which signs any token. Clones share the keys.
///
/// It is also the fetcher of its own keys: `Verifier::new(config, issuer.clone())` fetches what [`jwks`](Self::jwks) returns at
/// that moment, so that tests can replace keys and cut the connection.
#[derive(Clone, Debug)]
pub struct TestIssuer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    trusted: TrustedIssuer,
    name: String,
    keys: Mutex<Keys>,
    fetches: AtomicUsize,
    reachable: AtomicBool,
}

#[derive(Debug, Default)]
struct Keys {
    /// The published keys. The last one signs.
    published: Vec<Arc<SigningKey>>,
    /// The number of keys generated so far, for key ids.
    generated: usize,
}

impl TestIssuer {
    /// Creates an issuer with the name of a Cognito user pool, such as `us-east-1_TestPool`. Generating its key takes about
    /// 0.1 s.
    ///
    /// # Panics
    /// Panics if `pool` is not the id of a user pool.
    #[must_use]
    pub fn user_pool(pool: &str) -> Self {
        let pool: UserPool = pool.parse().unwrap_or_else(|error| panic!("{pool:?}: {error}"));
        let [name, _] = pool.issuers();
        Self::create(pool.trusted_issuer(), name)
    }

    /// Creates an issuer with another name, an `https` URL.
    ///
    /// # Panics
    /// Panics if `issuer` is not an `https` URL.
    #[must_use]
    pub fn custom(issuer: &str) -> Self {
        let jwks_uri = format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/'));
        let trusted =
            TrustedIssuer::custom(issuer, &jwks_uri).unwrap_or_else(|error| panic!("{issuer:?}: {error}"));
        Self::create(trusted, issuer.to_owned())
    }

    fn create(trusted: TrustedIssuer, name: String) -> Self {
        let reachable = AtomicBool::new(true);
        let inner = Inner { trusted, name, keys: Mutex::default(), fetches: AtomicUsize::new(0), reachable };
        let issuer = Self(Arc::new(inner));
        issuer.add_key();
        issuer
    }

    /// Returns the `iss` of the tokens.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the key set as a JWKS document, with the public keys only.
    #[must_use]
    pub fn jwks(&self) -> String {
        let keys: Vec<Value> = self.0.keys.lock().unwrap().published.iter().map(|key| key.jwk()).collect();
        json!({ "keys": keys }).to_string()
    }

    /// Returns a configuration that accepts tokens of this issuer for this app client.
    ///
    /// # Panics
    /// Panics if `client_id` is empty.
    #[must_use]
    pub fn config(&self, client_id: &str, token_use: TokenUse) -> VerifierConfig {
        VerifierConfig::new(self.0.trusted.clone(), [client_id], token_use).unwrap()
    }

    /// Returns a verifier that accepts tokens of this issuer for this app client, and fetches keys from it.
    ///
    /// # Panics
    /// Panics if `client_id` is empty.
    #[must_use]
    pub fn verifier(&self, client_id: &str, token_use: TokenUse) -> Verifier<Self> {
        Verifier::new(self.config(client_id, token_use), self.clone())
    }

    /// Returns an access token with the claims of Cognito. For another kind of issuer, add its claims: at least `aud`.
    pub fn access_token(&self, subject: &str, client_id: &str) -> TestToken {
        self.token(json!({
            "token_use": "access",
            "client_id": client_id,
            "username": subject,
            "scope": "aws.cognito.signin.user.admin",
            "sub": subject,
        }))
    }

    /// Returns an id token with the claims of Cognito.
    pub fn id_token(&self, subject: &str, client_id: &str) -> TestToken {
        self.token(json!({"token_use": "id", "aud": client_id, "cognito:username": subject, "sub": subject}))
    }

    fn token(&self, claims: Value) -> TestToken {
        let mut members = Map::from_iter([("iss".to_owned(), Value::from(self.name()))]);
        if let Value::Object(claims) = claims {
            members.extend(claims);
        }
        TestToken::new(Arc::clone(self.0.keys.lock().unwrap().published.last().unwrap()), members)
    }

    /// Publishes another RSA key, which signs with RS256 from now on. Tokens of the earlier keys stay valid.
    pub fn add_key(&self) {
        self.add_key_for(Algorithm::Rs256);
    }

    /// Publishes another key, which signs with this algorithm from now on. Tokens of the earlier keys stay valid.
    pub fn add_key_for(&self, algorithm: Algorithm) {
        let mut keys = self.0.keys.lock().unwrap();
        keys.generated += 1;
        let key = SigningKey::generate(format!("key-{}", keys.generated), algorithm);
        keys.published.push(Arc::new(key));
    }

    /// Withdraws all keys and publishes a new one. Verifiers reject tokens of the earlier keys as soon as they fetch the key
    /// set again.
    pub fn replace_keys(&self) {
        self.0.keys.lock().unwrap().published.clear();
        self.add_key();
    }

    /// Makes fetches of the key set fail, or succeed again.
    pub fn set_reachable(&self, reachable: bool) {
        self.0.reachable.store(reachable, Ordering::SeqCst);
    }

    /// Returns how often the key set or the discovery document was fetched, also without success.
    #[must_use]
    pub fn fetches(&self) -> usize {
        self.0.fetches.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl FetchKeys for TestIssuer {
    async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError> {
        self.0.fetches.fetch_add(1, Ordering::SeqCst);
        if !self.0.reachable.load(Ordering::SeqCst) {
            return Err(FetchError::transport("the test has made the issuer unreachable"));
        }
        if uri.ends_with("/.well-known/openid-configuration") {
            let document = json!({"issuer": self.name(), "jwks_uri": self.0.trusted.jwks_uri()});
            return Ok(FetchedKeys::new(200, document.to_string()));
        }
        Ok(FetchedKeys::new(200, self.jwks()))
    }
}
