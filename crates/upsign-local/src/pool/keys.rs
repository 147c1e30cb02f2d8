//! The keys that sign the tokens.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding,
    RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use upsign_jwt::Algorithm;

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

/// A key pair with its algorithm and its key id. RSA keys have 2,048 bits.
pub(super) struct SigningKey {
    pair: Pair,
    algorithm: Algorithm,
    kid: String,
}

enum Pair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair, &'static str),
    Ed25519(Ed25519KeyPair),
}

impl SigningKeys {
    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, LocalServerError> {
        Ok(Self { first: Arc::new(SigningKey::generate(algorithm)?), later: RwLock::default() })
    }

    /// Adds a new key for the same algorithm, which signs from now on.
    pub(super) fn rotate(&self) -> Result<(), LocalServerError> {
        let key = Arc::new(SigningKey::generate(self.first.algorithm)?);
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

    /// Returns the algorithm of all keys.
    pub(super) fn algorithm(&self) -> Algorithm {
        self.first.algorithm
    }

    /// Returns the public keys as a JWK set (RFC 7517 section 5), newest first.
    pub(super) fn jwks(&self) -> String {
        let later = self.later.read().unwrap_or_else(PoisonError::into_inner);
        let keys = later.iter().rev().chain([&self.first]);
        json!({ "keys": keys.map(|key| key.jwk()).collect::<Vec<_>>() }).to_string()
    }
}

impl SigningKey {
    fn generate(algorithm: Algorithm) -> Result<Self, LocalServerError> {
        let pair = Pair::generate(algorithm).ok_or(LocalServerError::GenerateKey)?;
        // The key id is the thumbprint of RFC 7638 (members sorted, no spaces), but in padded base64: 44 characters,
        // which may include `+`, `/` and `=`, as in the key ids of Cognito.
        let members: Vec<String> =
            pair.public_members().iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        let thumbprint = format!("{{{}}}", members.join(","));
        let kid = STANDARD.encode(digest(&SHA256, thumbprint.as_bytes()));
        Ok(Self { pair, algorithm, kid })
    }

    fn jwk(&self) -> Value {
        let mut members = self.pair.public_members();
        members.extend([
            ("alg", self.algorithm.name().to_owned()),
            ("kid", self.kid.clone()),
            ("use", "sig".to_owned()),
        ]);
        json!(members)
    }

    /// Returns `claims` as a signed JWS in compact form (RFC 7515 section 3.1), with this `typ` if there is one. Returns `None`
    /// if the cryptography library fails.
    pub(super) fn sign(&self, claims: &Value, token_type: Option<&str>) -> Option<String> {
        let mut header = json!({ "kid": self.kid, "alg": self.algorithm.name() });
        if let (Some(token_type), Value::Object(header)) = (token_type, &mut header) {
            header.insert("typ".to_owned(), token_type.into());
        }
        let mut token = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = self.pair.sign(token.as_bytes())?;
        token.push('.');
        token.push_str(&encode(signature));
        Some(token)
    }

    /// Returns the `at_hash` of an id token for an access token: the left half of the hash that the algorithm of the signature
    /// uses (OpenID Connect Core 1.0, section 3.1.3.6; RFC 8032 section 5.1 for Ed25519).
    pub(super) fn token_hash(&self, access_token: &str) -> String {
        let function = match self.algorithm {
            Algorithm::Rs384 | Algorithm::Es384 => &SHA384,
            Algorithm::Rs512 | Algorithm::EdDsa => &SHA512,
            _ => &SHA256,
        };
        let hash = digest(function, access_token.as_bytes());
        let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
        encode(left)
    }
}

impl Pair {
    fn generate(algorithm: Algorithm) -> Option<Self> {
        let rsa = |encoding: &'static dyn RsaEncoding| {
            RsaKeyPair::generate(KeySize::Rsa2048).ok().map(|pair| Self::Rsa(pair, encoding))
        };
        match algorithm {
            Algorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
            Algorithm::Rs384 => rsa(&RSA_PKCS1_SHA384),
            Algorithm::Rs512 => rsa(&RSA_PKCS1_SHA512),
            Algorithm::Ps256 => rsa(&RSA_PSS_SHA256),
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok()?;
                Some(Self::Ec(pair, "P-256"))
            }
            Algorithm::Es384 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).ok()?;
                Some(Self::Ec(pair, "P-384"))
            }
            Algorithm::EdDsa => Ed25519KeyPair::generate().ok().map(Self::Ed25519),
            // An algorithm that this version does not know.
            _ => None,
        }
    }

    /// Returns the members of the public key that a thumbprint covers (RFC 7518 section 6, RFC 8037 section 2), sorted.
    fn public_members(&self) -> BTreeMap<&'static str, String> {
        let members = match self {
            Self::Rsa(pair, _) => {
                let public = pair.public_key();
                let n = encode(public.modulus().big_endian_without_leading_zero());
                let e = encode(public.exponent().big_endian_without_leading_zero());
                vec![("kty", "RSA".to_owned()), ("n", n), ("e", e)]
            }
            Self::Ec(pair, curve) => {
                // An uncompressed point: the octet 4 and two coordinates of equal length (SEC 1 section 2.3.3).
                let coordinates = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = coordinates.split_at(coordinates.len() / 2);
                vec![
                    ("kty", "EC".to_owned()),
                    ("crv", (*curve).to_owned()),
                    ("x", encode(x)),
                    ("y", encode(y)),
                ]
            }
            Self::Ed25519(pair) => {
                let x = encode(pair.public_key());
                vec![("kty", "OKP".to_owned()), ("crv", "Ed25519".to_owned()), ("x", x)]
            }
        };
        members.into_iter().collect()
    }

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            Self::Ec(pair, _) => {
                pair.sign(&random, message).ok().map(|signature| signature.as_ref().to_vec())
            }
            Self::Ed25519(pair) => pair.try_sign(message).ok().map(|signature| signature.as_ref().to_vec()),
        }
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
