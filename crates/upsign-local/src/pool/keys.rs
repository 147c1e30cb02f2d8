//! The RSA keys that sign the tokens.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::error::LocalServerError;

/// The signing keys of a pool, oldest first.
///
/// The newest key signs. Older keys stay in the JWKS, because unexpired tokens may carry their signatures. `first` is
/// separate so that the list cannot be empty.
#[derive(Debug)]
pub(super) struct SigningKeys {
    first: Arc<SigningKey>,
    later: RwLock<Vec<Arc<SigningKey>>>,
}

/// An RSA key of 2048 bits and its key id.
pub(super) struct SigningKey {
    pair: KeyPair,
    kid: String,
}

impl SigningKeys {
    pub(super) fn generate() -> Result<Self, LocalServerError> {
        Ok(Self { first: Arc::new(SigningKey::generate()?), later: RwLock::default() })
    }

    /// Adds a new key, which signs from now on.
    pub(super) fn rotate(&self) -> Result<(), LocalServerError> {
        let key = Arc::new(SigningKey::generate()?);
        self.later.write().unwrap_or_else(PoisonError::into_inner).push(key);
        Ok(())
    }

    /// Returns the key that signs.
    pub(super) fn current(&self) -> Arc<SigningKey> {
        let later = self.later.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(later.last().unwrap_or(&self.first))
    }

    /// Returns the key id of the first key. It is unique for each start of a pool.
    pub(super) fn first_kid(&self) -> &str {
        &self.first.kid
    }

    /// Returns the public keys as a JWK set (RFC 7517 section 5), newest first.
    pub(super) fn jwks(&self) -> String {
        let later = self.later.read().unwrap_or_else(PoisonError::into_inner);
        let keys = later.iter().rev().chain([&self.first]);
        json!({ "keys": keys.map(|key| key.jwk()).collect::<Vec<_>>() }).to_string()
    }
}

impl SigningKey {
    fn generate() -> Result<Self, LocalServerError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| LocalServerError::GenerateKey)?;
        let (n, e) = components(&pair);
        // The key id is the thumbprint of RFC 7638 (members sorted, no spaces), but in padded base64: 44 characters,
        // which may include `+`, `/` and `=`, as in the key ids of Cognito.
        let thumbprint = format!("{{\"e\":\"{e}\",\"kty\":\"RSA\",\"n\":\"{n}\"}}");
        let kid = STANDARD.encode(digest(&SHA256, thumbprint.as_bytes()));
        Ok(Self { pair, kid })
    }

    fn jwk(&self) -> Value {
        let (n, e) = components(&self.pair);
        json!({ "alg": "RS256", "e": e, "kid": self.kid, "kty": "RSA", "n": n, "use": "sig" })
    }

    /// Returns `claims` as a signed JWS in compact form (RFC 7515 section 3.1), or `None` if the cryptography library
    /// fails.
    pub(super) fn sign(&self, claims: &Value) -> Option<String> {
        let header = json!({ "kid": self.kid, "alg": "RS256" });
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let mut token = format!("{}.{}", encode(&header), encode(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature).ok()?;
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(signature));
        Some(token)
    }
}

/// Returns the modulus and the exponent in base64url, as a JWK contains them (RFC 7518 section 6.3.1).
fn components(pair: &KeyPair) -> (String, String) {
    let public = pair.public_key();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    (
        encode(public.modulus().big_endian_without_leading_zero()),
        encode(public.exponent().big_endian_without_leading_zero()),
    )
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}
