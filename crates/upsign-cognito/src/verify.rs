//! Token and keys in, claims out: pure.

use upsign_core::Timestamp;

use crate::token::Unverified;
use crate::{InvalidKeySet, KeySet, Rejection, VerifiedClaims, VerifierConfig};

/// Verifies tokens against a key set that is at hand. Waits for nothing and reads no clock.
#[derive(Clone, Debug)]
pub struct TokenVerifier {
    config: VerifierConfig,
}

impl TokenVerifier {
    /// A verifier with these demands.
    #[must_use]
    pub const fn new(config: VerifierConfig) -> Self {
        Self { config }
    }

    /// What it demands.
    #[must_use]
    pub const fn config(&self) -> &VerifierConfig {
        &self.config
    }

    /// The keys of a JWKS document that fit this verifier's algorithms and backend.
    ///
    /// # Errors
    /// As [`KeySet::parse`].
    pub fn key_set(&self, document: &[u8]) -> Result<KeySet, InvalidKeySet> {
        KeySet::parse_for(document, &self.config.algorithms, self.config.backend)
    }

    /// The claims of `token`, which one of `keys` has signed and which is valid `at`.
    ///
    /// The order of work is fixed: length, shape, header, algorithm, key, signature; only then the payload.
    ///
    /// # Errors
    /// [`Rejection`], the first reason found.
    pub fn verify(&self, keys: &KeySet, token: &str, at: Timestamp) -> Result<VerifiedClaims, Rejection> {
        self.verify_parsed(keys, &self.parse(token)?, at)
    }

    pub(crate) fn parse<'a>(&self, token: &'a str) -> Result<Unverified<'a>, Rejection> {
        Unverified::parse(token, &self.config.algorithms)
    }

    pub(crate) fn verify_parsed(
        &self,
        keys: &KeySet,
        token: &Unverified<'_>,
        at: Timestamp,
    ) -> Result<VerifiedClaims, Rejection> {
        VerifiedClaims::read(token.verify(keys)?, &self.config, at)
    }
}
