//! `upsign-cognito` in a host application whose dependencies have switched on both of `jsonwebtoken`'s backends, and
//! `serde_json`'s `arbitrary_precision`.

#![cfg(test)]

use jsonwebtoken::crypto::{aws_lc, rust_crypto};
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::Value;
use upsign_cognito::{Backend, TokenUse, TokenVerifier, TrustedIssuer, VerifierConfig};
use upsign_core::Timestamp;

const CORPUS: &str = include_str!("../../../../upsign-testing/vectors/jwt_attack.json");

fn verify(case: &Value, corpus: &Value, backend: Backend) -> bool {
    let pool = corpus["defaults"]["user_pool_id"].as_str().unwrap().parse().unwrap();
    let clients = corpus["defaults"]["client_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap());
    let config = VerifierConfig::new(TrustedIssuer::user_pool(&pool), clients, TokenUse::Any).unwrap();
    let verifier = TokenVerifier::new(config.with_backend(backend));
    let document = corpus["jwks_sets"][case["jwks"].as_str().unwrap()].to_string();
    let Ok(keys) = verifier.key_set(document.as_bytes()) else { return false };
    let now = corpus["defaults"]["now_epoch"].as_u64().unwrap();
    verifier.verify(&keys, case["token"].as_str().unwrap(), Timestamp::from_unix(now).unwrap()).is_ok()
}

#[test]
fn tokens_are_verified() {
    // Both are there; neither is the process's.
    assert!(!std::ptr::eq(&aws_lc::DEFAULT_PROVIDER, &rust_crypto::DEFAULT_PROVIDER));
    let corpus: Value = serde_json::from_str(CORPUS).unwrap();
    let mut accepted = 0;
    for case in corpus["cases"].as_array().unwrap() {
        if !case["config"].as_object().unwrap().is_empty() || case["expect"] == "either" {
            continue;
        }
        for backend in [Backend::AwsLc, Backend::Jsonwebtoken] {
            let verdict = verify(case, &corpus, backend);
            assert_eq!(verdict, case["expect"] == "accept", "{}", case["id"]);
            accepted += usize::from(verdict);
        }
    }
    assert!(accepted > 10);
}

/// The hazard is real: when this no longer panics, the reason for going round `decode` has gone.
#[test]
#[expect(clippy::disallowed_methods, reason = "what is disallowed elsewhere is shown to deserve it")]
fn jsonwebtoken_itself_panics() {
    let decode = || {
        let key = DecodingKey::from_secret(b"secret");
        jsonwebtoken::decode::<Value>("eyJhbGciOiJIUzI1NiJ9.e30.AAAA", &key, &Validation::default()).is_ok()
    };
    assert!(std::panic::catch_unwind(decode).is_err());
}
