//! Attacks on tokens.

use std::time::{Duration, Instant};

use serde_json::Value;
use upsign_cognito::{
    Backend, KeySet, Rejection, TokenVerifier, TrustedIssuer, VerifiedClaims, VerifierConfig,
};

use crate::corpus::{BACKENDS, at, cases, corpus, text, texts};

/// Verdicts that a stricter or laxer verifier may give otherwise, and why ours is what it is: none.
const DEVIATIONS: [&str; 0] = [];

fn verify(case: &Value, corpus: &Value, backend: Backend) -> Result<VerifiedClaims, Rejection> {
    let option = |name: &str| {
        let own = &case["config"][name];
        if own.is_null() { corpus["defaults"][name].clone() } else { own.clone() }
    };
    let pool = text(&option("user_pool_id")).parse().unwrap();
    let issuer = TrustedIssuer::user_pool(&pool);
    assert_eq!(issuer.names().next(), option("issuer").as_str());
    let token_use = text(&option("token_use")).parse().unwrap();
    let leeway = u32::try_from(option("leeway_seconds").as_u64().unwrap()).unwrap();
    let mut config = VerifierConfig::new(issuer, texts(&option("client_ids")), token_use)
        .unwrap()
        .with_leeway(leeway)
        .with_backend(backend);
    if !option("required_groups").is_null() {
        config = config.with_required_groups(texts(&option("required_groups"))).unwrap();
    }
    if !option("required_scopes").is_null() {
        config = config.with_required_scopes(texts(&option("required_scopes"))).unwrap();
    }
    let verifier = TokenVerifier::new(config);
    let document = corpus["jwks_sets"][text(&case["jwks"])].to_string();
    let keys = verifier.key_set(document.as_bytes()).unwrap_or_else(|_| KeySet::default());
    verifier.verify(&keys, text(&case["token"]), at(&option("now_epoch")))
}

#[test]
fn every_must_and_nearly_every_should() {
    let corpus = corpus!("jwt_attack.json");
    for backend in BACKENDS {
        let (mut shoulds, mut deviations) = (0, Vec::new());
        for case in cases(&corpus) {
            let id = text(&case["id"]);
            let started = Instant::now();
            let verdict = verify(case, &corpus, backend);
            assert!(started.elapsed() < Duration::from_millis(50), "{id} takes too long");
            let as_expected = match text(&case["expect"]) {
                "accept" => verdict.is_ok(),
                "reject" => verdict.is_err(),
                _ => true,
            };
            if let (Ok(claims), Some(wanted)) = (&verdict, case["if_accepted"].as_object()) {
                assert!(wanted.iter().all(|(name, value)| claims.claim(name) == Some(value)), "{id}");
            }
            shoulds += usize::from(case["severity"] == "should");
            match text(&case["severity"]) {
                "must" => assert!(as_expected, "{id}: {verdict:?}"),
                _ if !as_expected => deviations.push(id),
                _ => {}
            }
        }
        assert_eq!(deviations, DEVIATIONS);
        assert!(shoulds > 30 && deviations.len() * 20 <= shoulds);
    }
}

/// What each attack is refused for. A wrong reason would mean that the order of work has changed.
#[test]
fn reasons() {
    let corpus = corpus!("jwt_attack.json");
    for (id, code) in [
        ("alg/none-empty-sig", "algorithm"),
        ("alg/hs256-n-bytes", "algorithm"),
        ("alg/rs512", "algorithm"),
        ("alg/rs256-oct-same-kid", "unknown-kid"),
        ("alg/rs256-kid-is-ec", "unknown-kid"),
        ("kid/unknown", "unknown-kid"),
        ("kid/null", "no-kid"),
        ("kid/wrong-but-existing", "signature"),
        ("hdr/crit-exp", "header-parameter"),
        ("hdr/x5u", "signature"),
        ("shape/four-parts", "not-compact"),
        ("b64/sig-padded", "not-compact"),
        ("b64/sig-trailing-bits", "not-compact"),
        ("sig/e3-cube-root", "unknown-kid"),
        ("jwk/weak-2047", "unknown-kid"),
        ("exp/string", "invalid-claim"),
        ("exp/zero", "expired"),
        ("iss/missing", "missing-claim"),
        ("iss/other-pool", "issuer"),
        ("aud/case", "client"),
        ("token_use/refresh", "unknown-token-use"),
        ("token_use/id-where-access", "token-use"),
        ("sub/dup-escaped", "claims-json"),
        ("groups/substring", "groups"),
        ("scope/prefix", "scopes"),
        ("json/size-100k", "token-too-long"),
    ] {
        let case = cases(&corpus).iter().find(|case| case["id"] == id).unwrap();
        for backend in BACKENDS {
            let why = verify(case, &corpus, backend).unwrap_err();
            assert_eq!(why.code(), code, "{id}: {why}");
        }
    }
}

/// What an operator reads holds no signature and nothing raw.
#[test]
fn no_reason_leaks_a_token() {
    let corpus = corpus!("jwt_attack.json");
    for case in cases(&corpus) {
        if let Err(why) = verify(case, &corpus, Backend::AwsLc) {
            let said = format!("{why} {why:?}");
            let signature = text(&case["token"]).rsplit('.').next().unwrap();
            assert!(signature.len() < 16 || !said.contains(signature), "{}: {said}", case["id"]);
            assert!(!said.contains(|c: char| c.is_control()) && said.len() < 600, "{}: {said}", case["id"]);
        }
    }
}
