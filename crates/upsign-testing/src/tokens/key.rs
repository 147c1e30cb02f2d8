//! The key pairs of an issuer.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding,
    RsaKeyPair,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use upsign_cognito::Algorithm;

/// A key pair with its key id. RSA keys have 2,048 bits.
pub(super) struct SigningKey {
    pub(super) kid: String,
    /// The algorithm that tokens are signed with, unless they name another one.
    pub(super) algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    pub(super) fn generate(kid: String, algorithm: Algorithm) -> Self {
        let pair = match algorithm {
            Algorithm::Es256 => Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()),
            Algorithm::Es384 => Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap()),
            Algorithm::EdDsa => Pair::Ed25519(Ed25519KeyPair::generate().unwrap()),
            _ => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
        };
        Self { kid, algorithm, pair }
    }

    /// Returns the public key as an entry of a key set. It names no algorithm, so an RSA key is usable for all of RSA.
    pub(super) fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => {
                let public = pair.public_key();
                let n = encode(public.modulus().big_endian_without_leading_zero());
                let e = encode(public.exponent().big_endian_without_leading_zero());
                json!({"kty": "RSA", "kid": self.kid, "use": "sig", "n": n, "e": e})
            }
            Pair::Ec(pair) => {
                // `0x04` and two coordinates.
                let point = pair.public_key().as_ref();
                let (x, y) = point[1..].split_at(point.len() / 2);
                let crv = if self.algorithm == Algorithm::Es256 { "P-256" } else { "P-384" };
                json!({"kty": "EC", "crv": crv, "kid": self.kid, "use": "sig", "x": encode(x), "y": encode(y)})
            }
            Pair::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "kid": self.kid, "use": "sig", "x": encode(pair.public_key())})
            }
        }
    }

    /// Returns the compact JWS of header and payload.
    pub(super) fn sign(&self, algorithm: Algorithm, header: &Value, payload: &Value) -> String {
        let message = format!("{}.{}", encode(header.to_string()), encode(payload.to_string()));
        let signature = match (&self.pair, rsa_encoding(algorithm)) {
            (Pair::Rsa(pair), Some(encoding)) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
                signature
            }
            (Pair::Ec(pair), _) if algorithm == self.algorithm => {
                pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec()
            }
            (Pair::Ed25519(pair), _) if algorithm == self.algorithm => {
                pair.sign(message.as_bytes()).as_ref().to_vec()
            }
            _ => panic!(
                "a key for {} cannot sign with {algorithm}: see TestIssuer::add_key_for",
                self.algorithm
            ),
        };
        format!("{message}.{}", encode(signature))
    }
}

fn rsa_encoding(algorithm: Algorithm) -> Option<&'static dyn RsaEncoding> {
    Some(match algorithm {
        Algorithm::Rs256 => &RSA_PKCS1_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &RSA_PSS_SHA256,
        _ => return None,
    })
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}
