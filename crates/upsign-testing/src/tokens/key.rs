//! The key pairs of an issuer.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use upsign_cognito::Algorithm;

/// An RSA key pair of 2,048 bits with its key id.
pub(super) struct SigningKey {
    pub(super) kid: String,
    pair: RsaKeyPair,
}

impl SigningKey {
    pub(super) fn generate(kid: String) -> Self {
        Self { kid, pair: RsaKeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    /// Returns the public key as an entry of a key set. It names no algorithm, so it is usable for all.
    pub(super) fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        let n = encode(public.modulus().big_endian_without_leading_zero());
        let e = encode(public.exponent().big_endian_without_leading_zero());
        json!({"kty": "RSA", "kid": self.kid, "use": "sig", "n": n, "e": e})
    }

    /// Returns the compact JWS of header and payload.
    pub(super) fn sign(&self, algorithm: Algorithm, header: &Value, payload: &Value) -> String {
        let encoding: &dyn RsaEncoding = match algorithm {
            Algorithm::Rs256 => &RSA_PKCS1_SHA256,
            Algorithm::Rs384 => &RSA_PKCS1_SHA384,
            Algorithm::Rs512 => &RSA_PKCS1_SHA512,
            other => panic!("upsign-testing cannot sign with {other} yet"),
        };
        let message = format!("{}.{}", encode(header.to_string()), encode(payload.to_string()));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(encoding, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", encode(signature))
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}
