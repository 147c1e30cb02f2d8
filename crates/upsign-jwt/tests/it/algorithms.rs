//! Every algorithm with both backends, and keys that must not be used for it.

use serde_json::{Value, json};
use upsign_jwt::{Algorithm, KeySet, TokenCheck, TokenUse, TrustedIssuer, VerifierConfig, verify_signature};

use crate::corpus::BACKENDS;
use crate::signer::{ALGORITHMS, NOW, Signer, at, base64};

fn claims() -> Value {
    json!({"iss": "https://id.example.com", "aud": "api", "sub": "alice", "exp": NOW + 100})
}

fn config(algorithms: impl IntoIterator<Item = Algorithm>) -> VerifierConfig {
    let issuer = TrustedIssuer::discover("https://id.example.com").unwrap();
    VerifierConfig::oidc(issuer, ["api"], TokenUse::Access).unwrap().with_algorithms(algorithms).unwrap()
}

/// Returns the code of the check of this token with a key set that contains this key alone.
fn code(config: VerifierConfig, jwk: &Value, token: &str) -> &'static str {
    let check = TokenCheck::new(config);
    let keys = check.key_set(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap();
    check.check(&keys, token, at(0)).map_or_else(|error| error.code(), |_| "ok")
}

#[test]
fn tokens_of_every_algorithm_are_verified() {
    for backend in BACKENDS {
        for algorithm in ALGORITHMS {
            let signer = Signer::of(algorithm);
            let token = signer.sign(&claims());
            let config = || config([algorithm]).with_backend(backend);
            assert_eq!(code(config(), &signer.jwk(), &token), "ok", "{algorithm}");
            let mut unnamed = signer.jwk();
            unnamed.as_object_mut().unwrap().retain(|name, _| name != "alg" && name != "use");
            assert_eq!(code(config(), &unnamed, &token), "ok", "{algorithm} without alg");
        }
    }
}

#[test]
fn altered_signatures_of_every_algorithm_are_rejected() {
    for backend in BACKENDS {
        for algorithm in ALGORITHMS {
            let signer = Signer::of(algorithm);
            let token = signer.sign(&claims());
            let (message, signature) = token.rsplit_once('.').unwrap();
            for index in 0..signature.len() - 1 {
                let other = if signature.as_bytes()[index] == b'A' { "B" } else { "A" };
                let mut altered = signature.to_owned();
                altered.replace_range(index..=index, other);
                let altered = format!("{message}.{altered}");
                let config = config([algorithm]).with_backend(backend);
                assert_eq!(code(config, &signer.jwk(), &altered), "signature", "{algorithm} at {index}");
            }
            for signature in ["", &base64([0; 64]), &base64([0; 96]), &base64([0; 256])] {
                let config = config([algorithm]).with_backend(backend);
                let found = code(config, &signer.jwk(), &format!("{message}.{signature}"));
                assert_eq!(found, "signature", "{algorithm}");
            }
        }
    }
}

#[test]
fn algorithm_that_is_not_configured_is_rejected() {
    for algorithm in ALGORITHMS {
        let signer = Signer::of(algorithm);
        let others = || ALGORITHMS.into_iter().filter(move |other| *other != algorithm);
        assert_eq!(code(config(others()), &signer.jwk(), &signer.sign(&claims())), "algorithm");
    }
}

/// A header that names another algorithm than that of its key, for each pair of algorithms, all of which are allowed.
#[test]
fn key_is_never_used_with_another_algorithm() {
    for backend in BACKENDS {
        for of_key in ALGORITHMS {
            for of_token in ALGORITHMS.into_iter().filter(|other| *other != of_key) {
                let (key, signer) = (Signer::of(of_key), Signer::of(of_token));
                let config = || config(ALGORITHMS).with_backend(backend);
                // The key of the token's key id says that it is for another algorithm.
                let token = signer.sign_with(&json!({"kid": of_key.name()}), &claims());
                assert_eq!(code(config(), &key.jwk(), &token), "key-mismatch", "{of_token} with {of_key}");
                // The right key, with the name of another algorithm in the key set.
                let mut jwk = signer.jwk();
                jwk["alg"] = of_key.name().into();
                let found = code(config(), &jwk, &signer.sign(&claims()));
                assert!(["key-mismatch", "unknown-kid"].contains(&found), "{of_token} as {of_key}: {found}");
                // The right key, with the name of another algorithm in the token.
                let renamed = signer.sign_with(&json!({"alg": of_key.name()}), &claims());
                assert_eq!(code(config(), &signer.jwk(), &renamed), "key-mismatch", "{of_token}");
            }
        }
    }
}

/// The type and the curve decide, even if the key names no algorithm.
#[test]
fn key_of_another_type_is_not_usable() {
    for of_key in ALGORITHMS {
        let mut jwk = Signer::of(of_key).jwk();
        jwk.as_object_mut().unwrap().remove("alg");
        for algorithm in ALGORITHMS {
            let document = json!({"keys": [jwk]}).to_string();
            let keys = KeySet::parse_for(document.as_bytes(), &[algorithm], BACKENDS[0]).unwrap();
            let is_rsa = |algorithm: Algorithm| {
                algorithm.name().ends_with("S256") && algorithm != Algorithm::Es256
                    || algorithm.name().starts_with("RS")
            };
            let same = of_key == algorithm || (is_rsa(of_key) && is_rsa(algorithm));
            assert_eq!(!keys.is_empty(), same, "{of_key} for {algorithm}");
        }
    }
}

#[test]
fn members_of_curve_keys() {
    let usable = |algorithm: Algorithm, changes: Value| {
        let mut jwk = Signer::of(algorithm).jwk();
        jwk.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let document = json!({"keys": [jwk]}).to_string();
        !KeySet::parse_for(document.as_bytes(), &ALGORITHMS, BACKENDS[0]).unwrap().is_empty()
    };
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
        assert!(usable(algorithm, json!({})));
        for change in [
            json!({"use": "enc"}),
            json!({"use": 1}),
            json!({"key_ops": ["sign"]}),
            json!({"alg": "ECDH-ES"}),
            json!({"alg": "HS256"}),
            json!({"kty": "oct"}),
            json!({"kty": "RSA"}),
            json!({"crv": "P-521"}),
            json!({"crv": "secp256k1"}),
            json!({"crv": "Ed448"}),
            json!({"crv": null}),
            json!({"x": ""}),
            json!({"x": base64([1; 31])}),
            json!({"x": base64([1; 33])}),
            json!({"d": base64([1; 32])}),
        ] {
            assert!(!usable(algorithm, change.clone()), "{algorithm} with {change}");
        }
    }
    // Not on the curve, and coordinates without their leading zeros (RFC 7518, section 6.2.1.2).
    assert!(!usable(Algorithm::Es256, json!({"x": base64([1; 32]), "y": base64([1; 32])})));
    assert!(!usable(Algorithm::Es384, json!({"y": base64([1; 47])})));
}

/// ECDSA signatures in the DER form of other protocols have another length, and are not those of RFC 7518, section 3.4.
#[test]
fn messages_that_are_not_tokens_are_verified_with_every_algorithm() {
    for algorithm in ALGORITHMS {
        let signer = Signer::of(algorithm);
        let keys = KeySet::parse_for(signer.jwks().as_bytes(), &[algorithm], BACKENDS[0]).unwrap();
        let header = json!({"alg": algorithm.name(), "kid": algorithm.name()}).to_string();
        let jws = signer.sign_bytes(header.as_bytes(), b"any payload");
        assert_eq!(verify_signature(&jws, &keys, &[algorithm]).as_deref(), Ok(b"any payload".as_slice()));
    }
}
