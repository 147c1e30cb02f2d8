//! The corpus of attacks on tokens.

use std::time::{Duration, Instant};

use serde_json::Value;
use upsign_cognito::{Backend, KeySet, Rejection, TokenCheck, UserPool, VerifiedClaims, VerifierConfig};

use crate::corpus::{BACKENDS, at, cases, corpus, text, texts};

/// The ids of the cases of severity `should` whose result differs from the corpus. There are none.
const DEVIATIONS: [&str; 0] = [];

/// Checks the token of a case with the configuration of the case.
pub(crate) fn check_case(
    case: &Value,
    corpus: &Value,
    backend: Backend,
) -> Result<VerifiedClaims, Rejection> {
    let option = |name: &str| {
        let own = &case["config"][name];
        if own.is_null() { corpus["defaults"][name].clone() } else { own.clone() }
    };
    let pool: UserPool = text(&option("user_pool_id")).parse().unwrap();
    let issuer = pool.trusted_issuer();
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
    let check = TokenCheck::new(config);
    let document = corpus["jwks_sets"][text(&case["jwks"])].to_string();
    let keys = check.key_set(document.as_bytes()).unwrap_or_else(|_| KeySet::default());
    check.check(&keys, text(&case["token"]), at(&option("now_epoch")))
}

/// Returns the result of a check that takes less than 50 ms. The fastest of three runs counts, because the machine can be
/// busy with other tests.
fn fastest_of_three<T>(id: &str, check: impl Fn() -> T) -> T {
    for _ in 0..3 {
        let started = Instant::now();
        let result = check();
        if started.elapsed() < Duration::from_millis(50) {
            return result;
        }
    }
    panic!("{id} takes too long");
}

#[test]
fn corpus_of_attacks() {
    let corpus = corpus!("jwt_attack.json");
    for backend in BACKENDS {
        let (mut should_cases, mut deviations) = (0, Vec::new());
        for case in cases(&corpus) {
            let id = text(&case["id"]);
            let result = fastest_of_three(id, || check_case(case, &corpus, backend));
            let as_expected = match text(&case["expect"]) {
                "accept" => result.is_ok(),
                "reject" => result.is_err(),
                _ => true,
            };
            if let (Ok(claims), Some(wanted)) = (&result, case["if_accepted"].as_object()) {
                assert!(wanted.iter().all(|(name, value)| claims.claim(name) == Some(value)), "{id}");
            }
            should_cases += usize::from(case["severity"] == "should");
            match text(&case["severity"]) {
                "must" => assert!(as_expected, "{id}: {result:?}"),
                _ if !as_expected => deviations.push(id),
                _ => {}
            }
        }
        assert_eq!(deviations, DEVIATIONS);
        assert!(should_cases > 30 && deviations.len() * 20 <= should_cases);
    }
}

/// The reason of a rejection. Another reason means that the order of the checks has changed.
#[test]
fn reasons_for_rejected_attacks() {
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
            let error = check_case(case, &corpus, backend).unwrap_err();
            assert_eq!(error.code(), code, "{id}: {error}");
        }
    }
}

/// The text for the operator contains no signature and no unescaped text of the token.
#[test]
fn messages_do_not_contain_signatures() {
    let corpus = corpus!("jwt_attack.json");
    for case in cases(&corpus) {
        if let Err(rejection) = check_case(case, &corpus, Backend::AwsLc) {
            let message = format!("{rejection} {rejection:?}");
            let signature = text(&case["token"]).rsplit('.').next().unwrap();
            assert!(signature.len() < 16 || !message.contains(signature), "{}: {message}", case["id"]);
            assert!(
                !message.contains(|c: char| c.is_control()) && message.len() < 600,
                "{}: {message}",
                case["id"]
            );
        }
    }
}
