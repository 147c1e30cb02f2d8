//! One token as Cognito makes them, with a key of its own, good for an hour.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_SHA256, RsaParameters};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use upsign_cognito::{TokenUse, TrustedIssuer, VerifierConfig};
use upsign_core::Timestamp;

const KID: &str = "qT2cO3zCdbGb8hC6xlVbHq7aXoZ5kYzUuKp8nqz6F0s=";

pub(crate) struct Sample {
    pub(crate) token: String,
    pub(crate) jwks: String,
    pub(crate) at: Timestamp,
    pub(crate) pool: &'static str,
    pub(crate) client: &'static str,
    n: Vec<u8>,
    e: Vec<u8>,
}

impl Sample {
    pub(crate) fn new() -> Self {
        let (pool, client) = ("ap-southeast-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let public = key.public_key();
        let n = public.modulus().big_endian_without_leading_zero().to_vec();
        let e = public.exponent().big_endian_without_leading_zero().to_vec();
        let text = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let jwks = json!({"keys": [
            {"alg": "RS256", "e": text(&e), "kid": KID, "kty": "RSA", "n": text(&n), "use": "sig"},
        ]});
        let header = json!({"kid": KID, "alg": "RS256"});
        let claims = json!({
            "sub": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            "cognito:groups": ["uploaders", "writers"],
            "iss": format!("https://cognito-idp.ap-southeast-1.amazonaws.com/{pool}"),
            "version": 2,
            "client_id": client,
            "origin_jti": "a1b2c3d4-0000-4000-8000-000000000001",
            "event_id": "b1b2c3d4-0000-4000-8000-000000000002",
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin",
            "auth_time": now - 10,
            "exp": now + 3_600,
            "iat": now - 10,
            "jti": "d1b2c3d4-0000-4000-8000-000000000004",
            "username": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        });
        let message =
            format!("{}.{}", text(header.to_string().as_bytes()), text(claims.to_string().as_bytes()));
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        let token = format!("{message}.{}", text(&signature));
        let at = Timestamp::from_unix(now).unwrap();
        Self { token, jwks: jwks.to_string(), at, pool, client, n, e }
    }

    pub(crate) fn config(&self) -> VerifierConfig {
        let issuer = TrustedIssuer::user_pool(&self.pool.parse().unwrap());
        VerifierConfig::new(issuer, [self.client], TokenUse::Access).unwrap()
    }

    pub(crate) fn public_key(&self, parameters: &'static RsaParameters) -> ParsedPublicKey {
        PublicKeyComponents { n: &self.n, e: &self.e }.to_parsed_public_key(parameters).unwrap()
    }
}
