//! The check of a token against a key set in memory.

use std::sync::Arc;

use upsign_core::Timestamp;

use crate::config::verifier::VerifierConfig;
use crate::excerpt::Excerpt;
use crate::keys::key_set::{InvalidKeySet, KeySet};
use crate::rejection::Rejection;
use crate::token::jws::UnverifiedJws;
use crate::token::verified_claims::VerifiedClaims;

/// Checks tokens against a key set in memory: a pure function of token, keys, configuration and time.
///
/// Use [`Verifier`](crate::Verifier) if the keys have to be fetched from the issuer.
///
/// ```
/// use upsign_jwt::{TokenCheck, TokenUse, TrustedIssuer, VerifierConfig};
/// use upsign_testing::tokens::TestIssuer;
///
/// let issuer = TestIssuer::custom("https://id.example.com");
/// let trusted = TrustedIssuer::discover("https://id.example.com")?;
/// let config = VerifierConfig::oidc(trusted, ["upload-api"], TokenUse::Access)?;
/// let check = TokenCheck::new(config);
/// let keys = check.key_set(issuer.jwks().as_bytes())?;
///
/// let at = "2026-01-31T12:00:00Z".parse()?;
/// let token = issuer.access_token("alice", "web").claim("aud", "upload-api").sign(at);
/// assert_eq!(check.check(&keys, &token, at)?.subject(), "alice");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct TokenCheck {
    config: Arc<VerifierConfig>,
}

impl TokenCheck {
    /// Creates a check with these requirements.
    #[must_use]
    pub fn new(config: VerifierConfig) -> Self {
        Self { config: Arc::new(config) }
    }

    /// Returns the requirements.
    #[must_use]
    pub fn config(&self) -> &VerifierConfig {
        &self.config
    }

    /// Parses a JWKS document and keeps the keys that are usable for the configured algorithms.
    ///
    /// # Errors
    /// Returns [`InvalidKeySet`] in the cases that [`KeySet::parse`] lists.
    pub fn key_set(&self, document: &[u8]) -> Result<KeySet, InvalidKeySet> {
        KeySet::parse_for(document, &self.config.algorithms, self.config.backend)
    }

    /// Returns the claims of `token` if one of `keys` has signed it and it meets the requirements at the time `at`.
    ///
    /// The order of the checks is fixed: length, structure, header, algorithm, key, signature, and only then the payload. So a
    /// payload is parsed only if the issuer has signed it, or if its key is unknown: then the issuer that it names is part of the
    /// reason.
    ///
    /// # Errors
    /// Returns the [`Rejection`] of the first check that fails.
    pub fn check(&self, keys: &KeySet, token: &str, at: Timestamp) -> Result<VerifiedClaims, Rejection> {
        self.check_parsed(keys, &self.parse(token)?, at)
    }

    pub(crate) fn parse<'a>(&self, token: &'a str) -> Result<UnverifiedJws<'a>, Rejection> {
        UnverifiedJws::parse(token, self.config.max_token_bytes, &self.config.algorithms)
    }

    pub(crate) fn check_parsed(
        &self,
        keys: &KeySet,
        token: &UnverifiedJws<'_>,
        at: Timestamp,
    ) -> Result<VerifiedClaims, Rejection> {
        let payload = token.verify(keys).map_err(|rejection| match rejection {
            Rejection::UnknownKid { .. } => self.unknown_key(token),
            other => other,
        })?;
        VerifiedClaims::read(payload, token.token_type, &self.config, at)
    }

    /// Returns why no key of the issuer is that of the token: usually, because the token is one of another issuer.
    ///
    /// The issuer that the token names is not verified. Only the reason depends on it: the token is rejected in any case.
    pub(crate) fn unknown_key(&self, token: &UnverifiedJws<'_>) -> Rejection {
        let issuer = &self.config.issuer;
        match token.claimed_issuer() {
            Ok(named) if !issuer.is_issuer(&named) => Rejection::UnknownIssuer {
                found: Excerpt::new(&named),
                trusted: [issuer.preferred_name().into()].into(),
            },
            _ => token.unknown_kid(),
        }
    }
}
