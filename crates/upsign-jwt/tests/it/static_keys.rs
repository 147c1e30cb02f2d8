//! Verifiers with a key set that never changes: a document without a usable key is refused when the verifier is built.

use serde_json::json;
use upsign_jwt::{Algorithm, InvalidKeySet, StaticKeys, TokenCheck, Verifier};

use crate::pool::{ISSUER, NOW, at, claims, config, jwks, sign, sign_text, token};

#[track_caller]
fn check(document: &str, code: &str) {
    let with_config = Verifier::with_static_keys(config(), document).unwrap_err();
    let alone = StaticKeys::new(document).unwrap_err();
    assert_eq!((with_config.code(), alone.code()), (code, code), "{document}");
}

#[test]
fn documents_without_a_usable_key_are_refused_at_construction() {
    check("garbage", "key-set-not-json");
    check("", "key-set-not-json");
    check("{}", "key-set-without-keys");
    check(r#"{"keys":[]}"#, "key-set-empty");
    check(r#"{"keys":[{"kty":"EC","kid":"a"}]}"#, "key-set-no-usable-key");
    check(&jwks(&["old"]).replace("\"kid\"", "\"id\""), "key-set-no-usable-key");
}

#[test]
fn keys_for_another_algorithm_than_the_configured_one_are_refused() {
    let document = jwks(&["old"]).replace("RS256", "RS512");
    assert!(StaticKeys::new(document.as_str()).is_ok());
    let error = Verifier::with_static_keys(config(), document.as_str()).unwrap_err();
    assert_eq!(error, InvalidKeySet::NoUsableKey { algorithms: [Algorithm::Rs256].into() });
    let config = config().with_algorithms([Algorithm::Rs512]).unwrap();
    assert!(Verifier::with_static_keys(config, document).is_ok());
}

/// An algorithm that is not allowed would send the operator to the wrong keys.
#[test]
fn missing_key_is_described_by_the_allowed_algorithms() {
    use Algorithm::{EdDsa, Es256, Es384, Ps256, Rs256};
    let document = jwks(&["old"]).replace("RS256", "RS512");
    for (algorithms, expected) in [
        ([Rs256].as_slice(), "RS256 (RSA of at least 2,048 bits)"),
        (&[Es256], "ES256 (P-256)"),
        (&[EdDsa, Es384], "EdDSA, ES384 (Ed25519, P-384)"),
        (&[Ps256, Es256, Rs256], "PS256, ES256, RS256 (RSA of at least 2,048 bits, P-256)"),
    ] {
        let config = config().with_algorithms(algorithms.to_vec()).unwrap();
        let message = Verifier::with_static_keys(config, document.as_str()).unwrap_err().to_string();
        let beginning = "the key set has no usable key, expected one with a `kid` for ";
        assert_eq!(message, format!("{beginning}{expected}"));
    }
}

#[tokio::test]
async fn tokens_are_verified_without_a_fetch() {
    let verifier = Verifier::with_static_keys(config(), jwks(&["old"])).unwrap();
    assert_eq!(verifier.verify(&token("old"), at(0)).await.unwrap().subject(), "alice");
    assert_eq!(verifier.verify(&token("new"), at(0)).await.unwrap_err().code(), "unknown-kid");
}

/// The key of a foreign token is unknown too. What helps the operator is that its issuer is another one.
#[tokio::test]
async fn token_of_another_issuer_is_named_as_such_although_its_key_is_unknown() {
    let verifier = Verifier::with_static_keys(config(), jwks(&["old"])).unwrap();
    let mut payload = claims(NOW + 100);
    payload["iss"] = "https://id.example.com/other".into();
    let foreign = sign("new", &payload);
    let error = verifier.verify(&foreign, at(0)).await.unwrap_err();
    assert_eq!(error.code(), "unknown-issuer");
    let message = error.to_string();
    assert!(message.contains("https://id.example.com/other") && message.contains(ISSUER), "{message}");
    let check = TokenCheck::new(config());
    let keys = check.key_set(jwks(&["old"]).as_bytes()).unwrap();
    assert_eq!(check.check(&keys, &foreign, at(0)).unwrap_err().code(), "unknown-issuer");
    // With a known key id, the signature decides first.
    let header = json!({"alg": "RS256", "kid": "old"}).to_string();
    let forged = sign_text(&header, &payload.to_string(), "new");
    assert_eq!(verifier.verify(&forged, at(0)).await.unwrap_err().code(), "signature");
}
