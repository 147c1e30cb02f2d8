//! A fake user pool: its keys, its key set, and tokens with any claims.

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use upsign_core::Timestamp;
use upsign_jwt::{TokenUse, TrustedIssuer, VerifierConfig};

pub(crate) const NOW: u64 = 1_767_225_600;
pub(crate) const ISSUER: &str = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test1";

/// Two keys, generated once because that is slow.
fn keys() -> &'static [RsaKeyPair; 2] {
    static KEYS: OnceLock<[RsaKeyPair; 2]> = OnceLock::new();
    KEYS.get_or_init(|| [0, 1].map(|_| RsaKeyPair::generate(KeySize::Rsa2048).unwrap()))
}

pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix(NOW + seconds).unwrap()
}

pub(crate) fn config() -> VerifierConfig {
    let names = [ISSUER.to_owned(), ISSUER.replace("cognito-idp", "issuer-cognito-idp")];
    let issuer = TrustedIssuer::from_known_urls(names, &format!("{ISSUER}/.well-known/jwks.json"));
    VerifierConfig::new(issuer, ["client"], TokenUse::Access).unwrap()
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns a key set with these key ids. Ids that begin with `old` belong to the first key, all others to the second.
pub(crate) fn jwks(kids: &[&str]) -> String {
    let jwk = |kid: &&str| {
        let public = keys()[usize::from(!kid.starts_with("old"))].public_key();
        let n = base64(public.modulus().big_endian_without_leading_zero());
        let e = base64(public.exponent().big_endian_without_leading_zero());
        json!({"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256", "n": n, "e": e})
    };
    json!({"keys": kids.iter().map(jwk).collect::<Vec<_>>()}).to_string()
}

pub(crate) fn claims(expires_at: u64) -> Value {
    json!({"iss": ISSUER, "sub": "alice", "client_id": "client", "token_use": "access", "exp": expires_at, "iat": NOW - 1_000})
}

/// Returns a token with these claims, signed by the key with this id.
pub(crate) fn sign(kid: &str, claims: &Value) -> String {
    sign_text(&json!({"alg": "RS256", "kid": kid}).to_string(), &claims.to_string(), kid)
}

pub(crate) fn sign_text(header: &str, payload: &str, kid: &str) -> String {
    let key = &keys()[usize::from(!kid.starts_with("old"))];
    let message = format!("{}.{}", base64(header), base64(payload));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", base64(signature))
}

/// Returns an access token of Alice that is valid for ten days.
pub(crate) fn token(kid: &str) -> String {
    sign(kid, &claims(NOW + 864_000))
}
