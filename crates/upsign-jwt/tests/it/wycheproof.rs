//! The JSON Web Signatures of Project Wycheproof with every algorithm of this crate.

use serde_json::{Value, json};
use upsign_jwt::{KeySet, verify_signature};

use crate::corpus::{BACKENDS, cases, text};
use crate::signer::ALGORITHMS;

/// Exactly the signatures verify that the corpus calls valid, if their algorithm is one of this crate's.
#[test]
fn corpus_with_every_algorithm() {
    let corpus: Value =
        serde_json::from_str(include_str!("../../../upsign-testing/vectors/wycheproof_jws.json")).unwrap();
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
