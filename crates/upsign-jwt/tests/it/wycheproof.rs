//! The JSON Web Signatures of Project Wycheproof: the signature layer alone, and under the check of tokens.
//!
//! `tests/feature-host` compares the same results with RustCrypto.

use serde_json::{Value, json};
use upsign_core::Timestamp;
use upsign_jwt::{
    Algorithm, ClientIds, KeySet, TokenCheck, TokenUse, TrustedIssuer, VerifierConfig, verify_signature,
};

use crate::corpus::{BACKENDS, cases, corpus, text};
use crate::signer::ALGORITHMS;

#[test]
fn corpus_of_signatures() {
    let corpus = corpus!("wycheproof_jws.json");
    for backend in BACKENDS {
        let mut accepted = 0;
        for case in cases(&corpus) {
            let (id, jwk) = (text(&case["id"]), &case["jwk"]);
            let document = if jwk.get("keys").is_some() { jwk.clone() } else { json!({"keys": [jwk]}) };
            let keys =
                KeySet::parse_for(document.to_string().as_bytes(), &[Algorithm::Rs256], backend).unwrap();
            let result = verify_signature(text(&case["jws"]), &keys, &[Algorithm::Rs256]);
            match text(&case["expect_rs256_only"]) {
                "accept" => assert!(result.is_ok(), "{id}: {result:?}"),
                "reject" => assert!(result.is_err(), "{id}"),
                _ => {}
            }
            accepted += usize::from(result.is_ok());
        }
        assert!(accepted >= 5);
    }
}

/// With all three algorithms allowed, exactly the signatures verify that the corpus calls valid.
#[test]
fn corpus_with_every_rsa_algorithm() {
    let corpus = corpus!("wycheproof_jws.json");
    let algorithms = [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512];
    for backend in BACKENDS {
        let mut accepted = Vec::new();
        for case in cases(&corpus).iter().filter(|case| case["jwk"].get("keys").is_none()) {
            let document = json!({"keys": [case["jwk"]]}).to_string();
            let keys = KeySet::parse_for(document.as_bytes(), &algorithms, backend).unwrap();
            let result = verify_signature(text(&case["jws"]), &keys, &algorithms);
            let is_supported = algorithms.iter().any(|algorithm| case["header_alg"] == algorithm.name());
            let valid = is_supported && case["upstream_result"] == "valid";
            assert_eq!(result.is_ok(), valid, "{}: {result:?}", case["id"]);
            accepted.extend(valid.then(|| text(&case["header_alg"]).to_owned()));
        }
        accepted.sort();
        accepted.dedup();
        assert_eq!(accepted, ["RS256", "RS384", "RS512"]);
    }
}

/// A valid signature with any character changed is rejected by both backends.
#[test]
fn altered_signature_is_rejected() {
    let corpus = corpus!("wycheproof_jws.json");
    let valid = |case: &&Value| case["id"] == "jws/33-rs256-acceptsValid";
    let case = cases(&corpus).iter().find(valid).unwrap();
    let (message, signature) = text(&case["jws"]).rsplit_once('.').unwrap();
    let document = json!({"keys": [case["jwk"]]}).to_string();
    for backend in BACKENDS {
        let keys = KeySet::parse_for(document.as_bytes(), &[Algorithm::Rs256], backend).unwrap();
        let verify = |jws: &str| verify_signature(jws, &keys, &[Algorithm::Rs256]).is_ok();
        assert!(verify(text(&case["jws"])));
        for index in 0..signature.len() {
            let other = if signature.as_bytes()[index] == b'A' { 'B' } else { 'A' };
            let mut changed = signature.to_owned();
            changed.replace_range(index..=index, &other.to_string());
            assert!(!verify(&format!("{message}.{changed}")), "{index}");
        }
    }
}

/// The payloads of the corpus are no claims. So a token check of either profile gets beyond the signature, to the claims, exactly
/// if the signature is valid.
#[test]
fn corpus_with_the_token_check_of_each_profile() {
    let corpus = corpus!("wycheproof_jws.json");
    let issuer = || TrustedIssuer::offline("https://id.example.com").unwrap();
    for backend in BACKENDS {
        for config in [
            VerifierConfig::new(issuer(), ClientIds::Any, TokenUse::Any).unwrap(),
            VerifierConfig::oidc(issuer(), ["api"], TokenUse::Any).unwrap(),
        ] {
            let check = TokenCheck::new(config.with_algorithms(ALGORITHMS).unwrap().with_backend(backend));
            let mut valid = 0;
            for case in cases(&corpus) {
                let (jwk, jws) = (&case["jwk"], text(&case["jws"]));
                let document = if jwk.get("keys").is_some() { jwk.clone() } else { json!({"keys": [jwk]}) };
                let keys = check.key_set(document.to_string().as_bytes()).unwrap();
                let error = check.check(&keys, jws, Timestamp::UNIX_EPOCH).unwrap_err();
                let is_signed = verify_signature(jws, &keys, &ALGORITHMS).is_ok();
                let is_about_claims =
                    ["claims-json", "missing-claim", "invalid-claim"].contains(&error.code());
                assert_eq!(is_about_claims, is_signed, "{}: {error}", case["id"]);
                valid += usize::from(is_signed);
            }
            assert!(valid >= 15, "{valid}");
        }
    }
}

/// Exactly the signatures verify that the corpus calls valid, if their algorithm is one of this crate's.
#[test]
fn corpus_with_every_algorithm() {
    let corpus = corpus!("wycheproof_jws.json");
    for backend in BACKENDS {
        let mut accepted = Vec::new();
        let mut rejected = 0;
        for case in cases(&corpus) {
            let jwk = &case["jwk"];
            let document = if jwk.get("keys").is_some() { jwk.clone() } else { json!({"keys": [jwk]}) };
            let keys = KeySet::parse_for(document.to_string().as_bytes(), &ALGORITHMS, backend).unwrap();
            let result = verify_signature(text(&case["jws"]), &keys, &ALGORITHMS);
            let algorithm = case["header_alg"].as_str().unwrap_or_default();
            let is_supported = ALGORITHMS.iter().any(|supported| supported.name() == algorithm);
            let is_either = case["expect_rs256_only"] == "either";
            let valid = is_supported && case["upstream_result"] == "valid";
            assert!(is_either || result.is_ok() == valid, "{}: {result:?}", case["id"]);
            if valid { accepted.push(algorithm) } else { rejected += 1 }
        }
        accepted.sort_unstable();
        let count = |name: &str| accepted.iter().filter(|accepted| **accepted == name).count();
        let counts = ["RS256", "RS384", "RS512", "PS256", "ES256"].map(count);
        assert_eq!(counts, [5, 3, 3, 2, 2]);
        assert!(rejected > 180, "{rejected}");
    }
}
