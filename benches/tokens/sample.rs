//! An access token like those of Amazon Cognito, signed with a key that is generated at start and valid for an hour.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_SHA256, RsaParameters};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::json;
use upsign_cognito::{TokenUse, UserPool, VerifierConfig};
use upsign_core::Timestamp;

pub(crate) const KEY_ID: &str = "qT2cO3zCdbGb8hC6xlVbHq7aXoZ5kYzUuKp8nqz6F0s=";

pub(crate) struct Sample {
    pub(crate) token: String,
    pub(crate) jwks: String,
    pub(crate) at: Timestamp,
    pub(crate) pool: &'static str,
    pub(crate) client_id: &'static str,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl Sample {
    pub(crate) fn new() -> Self {
        let (pool, client_id) = ("ap-southeast-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let public = key.public_key();
        let modulus = public.modulus().big_endian_without_leading_zero().to_vec();
        let exponent = public.exponent().big_endian_without_leading_zero().to_vec();
        let base64url = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let jwks = json!({"keys": [
            {"alg": "RS256", "e": base64url(&exponent), "kid": KEY_ID, "kty": "RSA", "n": base64url(&modulus), "use": "sig"},
        ]});
        let header = json!({"kid": KEY_ID, "alg": "RS256"});
        let claims = json!({
            "sub": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            "cognito:groups": ["uploaders", "writers"],
            "iss": format!("https://cognito-idp.ap-southeast-1.amazonaws.com/{pool}"),
            "version": 2,
            "client_id": client_id,
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
        let message = format!(
            "{}.{}",
            base64url(header.to_string().as_bytes()),
            base64url(claims.to_string().as_bytes())
        );
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        let token = format!("{message}.{}", base64url(&signature));
        let at = Timestamp::from_unix(now).unwrap();
        Self { token, jwks: jwks.to_string(), at, pool, client_id, modulus, exponent }
    }

    /// Returns the issuer of the token.
    pub(crate) fn issuer(&self) -> String {
        format!("https://cognito-idp.ap-southeast-1.amazonaws.com/{}", self.pool)
    }

    pub(crate) fn config(&self) -> VerifierConfig {
        let issuer = self.pool.parse::<UserPool>().unwrap().trusted_issuer();
        VerifierConfig::new(issuer, [self.client_id], TokenUse::Access).unwrap()
    }

    pub(crate) fn public_key(&self, parameters: &'static RsaParameters) -> ParsedPublicKey {
        let components = PublicKeyComponents { n: &self.modulus, e: &self.exponent };
        components.to_parsed_public_key(parameters).unwrap()
    }

    pub(crate) fn jsonwebtoken_key(&self) -> DecodingKey {
        DecodingKey::from_rsa_raw_components(&self.modulus, &self.exponent)
    }
}
