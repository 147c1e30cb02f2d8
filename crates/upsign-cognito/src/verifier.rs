//! Token in, claims out, with keys that may have to be fetched.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use upsign_core::Timestamp;

use crate::cache::{Entry, TokenCache};
use crate::jwks::NotFound;
use crate::{
    CacheLimits, FetchError, FetchKeys, Jwks, Rejection, StaticKeys, TokenVerifier, VerifiedClaims,
    VerifierConfig,
};

/// Verifies tokens with the keys that their issuer publishes now.
///
/// ```
/// # async fn example(fetcher: impl upsign_cognito::FetchKeys, token: &str, at: upsign_core::Timestamp)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// use upsign_cognito::{TokenUse, TrustedIssuer, Verifier, VerifierConfig};
/// let pool = "us-east-1_AbCdEf".parse()?;
/// let config = VerifierConfig::new(TrustedIssuer::user_pool(&pool), ["my-client"], TokenUse::Access)?;
/// let verifier = Verifier::new(config, fetcher);
/// let claims = verifier.verify(token, at).await?;
/// println!("{} uploads", claims.subject());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Verifier<F> {
    tokens: TokenVerifier,
    jwks: Jwks<F>,
    cache: Option<Mutex<TokenCache>>,
}

/// Why a token was not verified.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It is not to be believed: 401.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// It could not be checked, because the issuer's keys could not be had: 503, come back in 10 s.
    #[error("the issuer's keys are not available")]
    KeysUnavailable(#[source] Arc<FetchError>),
}

impl VerifyError {
    /// A stable name for programs: that of the [`Rejection`], or `keys-unavailable`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Rejected(why) => why.code(),
            Self::KeysUnavailable(_) => "keys-unavailable",
        }
    }
}

impl Verifier<StaticKeys> {
    /// A verifier whose keys are those of this JWKS document, for good.
    pub fn with_static_keys(config: VerifierConfig, document: impl Into<Vec<u8>>) -> Self {
        Self::new(config, StaticKeys::new(document))
    }
}

impl<F: FetchKeys> Verifier<F> {
    /// A verifier that fetches keys with `fetcher` when the first token arrives.
    pub fn new(config: VerifierConfig, fetcher: F) -> Self {
        let jwks = Jwks::new(&config, fetcher);
        Self { tokens: TokenVerifier::new(config), jwks, cache: None }
    }

    /// Remembers verified tokens, so that one used again costs about a microsecond instead of twenty.
    #[must_use]
    pub fn with_token_cache(mut self, limits: CacheLimits) -> Self {
        self.cache = Some(Mutex::new(TokenCache::new(limits)));
        self
    }

    /// As [`Jwks::with_renewal_in_line`].
    #[must_use]
    pub fn with_renewal_in_line(mut self) -> Self {
        self.jwks = self.jwks.with_renewal_in_line();
        self
    }

    /// What it demands.
    #[must_use]
    pub const fn config(&self) -> &VerifierConfig {
        self.tokens.config()
    }

    /// Its keys: to preload, to warm, to watch.
    #[must_use]
    pub const fn jwks(&self) -> &Jwks<F> {
        &self.jwks
    }

    /// The claims of `token`, which a key of its issuer has signed and which is valid `at`. Waits only when the key is not
    /// at hand.
    ///
    /// # Errors
    /// [`VerifyError::Rejected`], [`VerifyError::KeysUnavailable`].
    pub async fn verify(&self, token: &str, at: Timestamp) -> Result<VerifiedClaims, VerifyError> {
        if let Some(entry) = self.cache().and_then(|mut cache| cache.find(token, at)) {
            let found = self.jwks.find(&entry.kid, at).await;
            if found.is_ok_and(|found| found.generation == entry.generation) {
                return Ok(entry.claims(self.config().leeway(), at)?);
            }
        }
        let parsed = self.tokens.parse(token)?;
        let found = self.jwks.find(&parsed.kid, at).await.map_err(|why| match why {
            NotFound::Absent => VerifyError::Rejected(parsed.unknown_kid()),
            NotFound::Unavailable(why) => VerifyError::KeysUnavailable(why),
        })?;
        let claims = self.tokens.verify_parsed(&found.keys, &parsed, at)?;
        if let Some(mut cache) = self.cache() {
            let generation = found.generation;
            let entry = Entry { kid: parsed.kid, claims: claims.clone(), verified_at: at, generation };
            cache.insert(token, entry);
        }
        Ok(claims)
    }

    fn cache(&self) -> Option<MutexGuard<'_, TokenCache>> {
        let cache = self.cache.as_ref()?;
        // Every change is a plain assignment: a panic elsewhere leaves the cache whole.
        Some(cache.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
