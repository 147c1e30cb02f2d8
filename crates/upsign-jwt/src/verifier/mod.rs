//! Verification of tokens with keys that are fetched from the issuer.

pub(crate) mod several;
pub(crate) mod token_cache;
pub(crate) mod verify_token;

use std::sync::{Arc, PoisonError};

use upsign_core::Timestamp;

use crate::config::verifier::VerifierConfig;
use crate::keys::cache::{JwksCache, NotFound};
use crate::keys::fetch::{FetchError, FetchKeys};
#[cfg(feature = "fetch")]
use crate::keys::http::HttpFetch;
use crate::keys::key_set::InvalidKeySet;
use crate::keys::static_keys::StaticKeys;
use crate::keys::status::KeySetStatus;
use crate::rejection::Rejection;
use crate::sync::{Mutex, MutexGuard};
use crate::token::bearer::check_length;
use crate::token::check::TokenCheck;
use crate::token::verified_claims::VerifiedClaims;
use crate::verifier::token_cache::{CacheLimits, Entry, TokenCache};

/// Verifies tokens with the keys that their issuer publishes, which it fetches and caches.
///
/// ```
/// use upsign_jwt::{CacheLimits, Timestamp, TokenUse, TrustedIssuer, Verifier, VerifierConfig};
/// use upsign_testing::tokens::TestIssuer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let trusted = TrustedIssuer::discover("https://id.example.com")?;
/// let config = VerifierConfig::oidc(trusted, ["upload-api"], TokenUse::Access)?
///     .with_required_groups(["editors"])?;
/// // In production `HttpFetch::new()` (feature `fetch`) is the fetcher. This one signs the tokens as well.
/// let issuer = TestIssuer::custom("https://id.example.com");
/// let verifier = Verifier::new(config, issuer.clone()).with_token_cache(CacheLimits::new(1_000, 300));
///
/// let now: Timestamp = "2026-01-31T12:00:00Z".parse()?;
/// let editor = issuer.access_token("alice", "web").claim("aud", "upload-api").claim("groups", ["editors"].as_slice()).sign(now);
/// assert_eq!(verifier.verify(&editor, now).await?.subject(), "alice");
///
/// let reader = issuer.access_token("bob", "web").claim("aud", "upload-api").claim("groups", ["readers"].as_slice()).sign(now);
/// assert_eq!(verifier.verify(&reader, now).await.unwrap_err().code(), "groups");
///
/// // These tokens are valid for one hour.
/// let error = verifier.verify(&editor, now.saturating_add(7_200)).await.unwrap_err();
/// assert_eq!(error.to_string(), "the token expired 1 h ago, at 2026-01-31T13:00:00Z");
/// assert_eq!(issuer.fetches(), 4, "discovery document and keys are fetched again when they are an hour old");
/// # Ok(())
/// # }
/// ```
///
/// Cheap to clone. Clones share the key set, its fetches and the cache of verified tokens, so an application can keep a copy
/// in each part of its state.
#[derive(Debug)]
pub struct Verifier<F> {
    check: TokenCheck,
    jwks: JwksCache<F>,
    cache: Option<Arc<Mutex<TokenCache>>>,
}

/// The reason a token was not verified.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The token is not valid: respond with 401.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The token could not be checked, because the keys of the issuer are not available: respond with 503. The next fetch
    /// can start 10 s after the last one.
    #[error("cannot fetch {uri}")]
    KeysUnavailable {
        /// The URL of the key set, or of the load balancer's key.
        uri: Arc<str>,
        /// The reason.
        source: Arc<FetchError>,
    },
}

impl VerifyError {
    /// Returns a stable code for programs: [`Rejection::code`], or `keys-unavailable`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Rejected(rejection) => rejection.code(),
            Self::KeysUnavailable { .. } => "keys-unavailable",
        }
    }

    /// Returns the HTTP status of the answer: 401 if the token was rejected, or 503 if it could not be checked.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Rejected(_) => 401,
            Self::KeysUnavailable { .. } => 503,
        }
    }
}

impl KeySetStatus {
    /// Returns the error of the last fetch with the URL, for a log line: `cannot fetch https://…/jwks.json`, with the reason as
    /// its source. `None` if the fetch succeeded.
    ///
    /// Print it with `upsign_core::error_chain`, because the reason is often at the end of several causes.
    #[must_use]
    pub fn error(&self) -> Option<VerifyError> {
        let source = Arc::clone(self.last_error.as_ref()?);
        Some(VerifyError::KeysUnavailable { uri: Arc::clone(&self.uri), source })
    }
}

impl Verifier<StaticKeys> {
    /// Creates a verifier that always uses the keys of this JWKS document, for a service without network access to its issuer
    /// and for tests. When the issuer changes its keys, the service must be deployed with the new document.
    ///
    /// # Errors
    /// Returns [`InvalidKeySet`] if the document is not a key set, or has no key that is usable for the algorithms of `config`.
    pub fn with_static_keys(
        config: VerifierConfig,
        document: impl Into<Vec<u8>>,
    ) -> Result<Self, InvalidKeySet> {
        let keys = StaticKeys::new_for(document, &config.algorithms, config.backend)?;
        Ok(Self::new(config, keys))
    }
}

#[cfg(feature = "fetch")]
impl Verifier<HttpFetch> {
    /// Creates a verifier that fetches keys over HTTPS. Short for [`new`](Self::new) with an [`HttpFetch`].
    ///
    /// ```
    /// use upsign_jwt::{TokenUse, TrustedIssuer, Verifier, VerifierConfig};
    /// let issuer = TrustedIssuer::discover("https://id.example.com")?;
    /// let verifier = Verifier::https(VerifierConfig::oidc(issuer, ["upload-api"], TokenUse::Access)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn https(config: VerifierConfig) -> Self {
        Self::new(config, HttpFetch::new())
    }
}

impl<F: FetchKeys> Verifier<F> {
    /// Creates a verifier that fetches keys with `fetcher`. The first token starts the first fetch; call
    /// [`JwksCache::warm`] at startup to fetch earlier.
    pub fn new(config: VerifierConfig, fetcher: F) -> Self {
        let jwks = JwksCache::new(&config, fetcher);
        Self { check: TokenCheck::new(config), jwks, cache: None }
    }

    /// Caches verified tokens. A cached token costs about 1 µs instead of 20 µs. By default nothing is cached.
    #[must_use]
    pub fn with_token_cache(mut self, limits: CacheLimits) -> Self {
        self.cache = Some(Arc::new(Mutex::new(TokenCache::new(limits))));
        self
    }

    /// Makes the caller that finds the key set stale wait for its refresh. See [`JwksCache::with_blocking_refresh`].
    #[must_use]
    pub fn with_blocking_refresh(mut self) -> Self {
        self.jwks = self.jwks.with_blocking_refresh();
        self
    }

    /// Calls `observer` after every fetch of the key set, to log failures and to count. See [`JwksCache::with_observer`].
    ///
    /// Callers do not notice a key endpoint that fails until the keys are 24 hours old. Then all of them are refused.
    ///
    /// ```
    /// # fn example(verifier: upsign_jwt::Verifier<upsign_jwt::StaticKeys>) {
    /// let verifier = verifier.with_keys_observer(|status| {
    ///     if let Some(error) = status.error() {
    ///         let (error, next) = (upsign_core::error_chain(&error), status.next_attempt);
    ///         eprintln!("jwks refresh failed error={error} next_attempt={next:?}");
    ///     }
    /// });
    /// # }
    /// ```
    #[must_use]
    pub fn with_keys_observer(mut self, observer: impl Fn(&KeySetStatus) + Send + Sync + 'static) -> Self {
        self.jwks = self.jwks.with_observer(observer);
        self
    }

    /// Returns the requirements that a token must meet.
    #[must_use]
    pub fn config(&self) -> &VerifierConfig {
        self.check.config()
    }

    /// Returns the cache of the key set, for preloading, warming and health checks.
    #[must_use]
    pub const fn jwks(&self) -> &JwksCache<F> {
        &self.jwks
    }

    /// Returns the claims of `token` if a key of its issuer has signed it and it meets the requirements at the time `at`.
    ///
    /// Waits for the network only if the key is not cached. Dropping the future is safe; other callers that wait for the
    /// same fetch are not affected.
    ///
    /// # Errors
    /// Returns [`VerifyError::Rejected`] if the token is not valid, and [`VerifyError::KeysUnavailable`] if the token's key is
    /// not cached and the key set could not be fetched.
    pub async fn verify(&self, token: &str, at: Timestamp) -> Result<VerifiedClaims, VerifyError> {
        check_length(token, self.config().max_token_bytes())?;
        // A cached result counts only while the key set still has the token's key and is the one that verified it. Looking
        // the key up also refreshes a stale set, so the token cache does not keep a withdrawn key in use.
        if let Some(entry) = self.cache().and_then(|mut cache| cache.find(token, at)) {
            let found = self.jwks.find(&entry.kid, at).await;
            if found.is_ok_and(|found| found.generation == entry.generation) {
                return Ok(entry.claims(self.config().leeway(), at)?);
            }
        }
        let parsed = self.check.parse(token)?;
        let found = self.jwks.find(&parsed.kid, at).await.map_err(|error| match error {
            NotFound::Unpublished => VerifyError::Rejected(self.check.unknown_key(&parsed)),
            NotFound::Unavailable(source) => {
                VerifyError::KeysUnavailable { uri: self.jwks.uri().into(), source }
            }
        })?;
        let claims = self.check.check_parsed(&found.keys, &parsed, at)?;
        if let Some(mut cache) = self.cache() {
            let generation = found.generation;
            let entry = Entry { kid: parsed.kid, claims: claims.clone(), verified_at: at, generation };
            cache.insert(token, entry);
        }
        Ok(claims)
    }

    fn cache(&self) -> Option<MutexGuard<'_, TokenCache>> {
        let cache = self.cache.as_ref()?;
        // Every change of the cache leaves it valid, so a panic of another thread does not matter.
        Some(cache.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

// Not derived: that would require `F: Clone`.
impl<F> Clone for Verifier<F> {
    fn clone(&self) -> Self {
        Self { check: self.check.clone(), jwks: self.jwks.clone(), cache: self.cache.clone() }
    }
}
