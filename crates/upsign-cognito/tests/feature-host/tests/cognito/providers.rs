//! The process-global crypto provider of `jsonwebtoken`, which such a host cannot use.

use jsonwebtoken::crypto::{aws_lc, rust_crypto};
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::Value;
use upsign_cognito::TokenCheck;

use crate::corpus::BACKENDS;
use crate::pool::{at, config, jwks, token};

#[test]
fn tokens_are_verified_without_a_global_provider() {
    assert!(!std::ptr::eq(&aws_lc::DEFAULT_PROVIDER, &rust_crypto::DEFAULT_PROVIDER), "both are compiled in");
    for backend in BACKENDS {
        let check = TokenCheck::new(config().with_backend(backend));
        let keys = check.key_set(jwks(&["old"]).as_bytes()).unwrap();
        assert_eq!(check.check(&keys, &token("old"), at(0)).unwrap().subject(), "alice");
    }
}

/// `jsonwebtoken` panics because it cannot choose between two providers. When this test fails, `upsign-cognito` can use
/// `jsonwebtoken::decode`.
#[test]
#[expect(clippy::disallowed_methods, reason = "the test shows why the method is disallowed")]
fn jsonwebtoken_decode_panics() {
    let decode = || {
        let key = DecodingKey::from_secret(b"secret");
        jsonwebtoken::decode::<Value>("eyJhbGciOiJIUzI1NiJ9.e30.AAAA", &key, &Validation::default()).is_ok()
    };
    assert!(std::panic::catch_unwind(decode).is_err());
}
