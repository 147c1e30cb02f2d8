//! The corpus of attacks on tokens, signed again with the key of each algorithm, against both profiles, alone and next to
//! verifiers of other issuers.
//!
//! `upsign-cognito` checks the corpus as it is, with RS256. Here, a case whose header names RS256 and a key of the corpus is
//! signed again, header and payload byte for byte apart from `alg` and `kid`. The verdict must be the one of the corpus,
//! whatever the algorithm.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use serde_json::{Value, json};
use upsign_core::Timestamp;
use upsign_jwt::{
    Algorithm, Backend, ClientIds, KeySet, Rejection, StaticKeys, TokenCheck, TokenUse, TrustedIssuer,
    VerifiedClaims, Verifier, VerifierConfig, Verifiers,
};

use crate::corpus::{BACKENDS, at, cases, text, texts};
use crate::signer::{ALGORITHMS, Signer};

const CORPUS: &str = include_str!("../../../upsign-testing/vectors/jwt_attack.json");

struct Case<'a> {
    case: &'a Value,
    corpus: &'a Value,
}

impl Case<'_> {
    fn option(&self, name: &str) -> &Value {
        let own = &self.case["config"][name];
        if own.is_null() { &self.corpus["defaults"][name] } else { own }
    }

    fn token_use(&self) -> TokenUse {
        text(self.option("token_use")).parse().unwrap()
    }

    fn with_requirements(&self, mut config: VerifierConfig) -> VerifierConfig {
        config = config.with_leeway(u32::try_from(self.option("leeway_seconds").as_u64().unwrap()).unwrap());
        if !self.option("required_groups").is_null() {
            config = config.with_required_groups(texts(self.option("required_groups"))).unwrap();
        }
        if !self.option("required_scopes").is_null() {
            config = config.with_required_scopes(texts(self.option("required_scopes"))).unwrap();
        }
        config
    }

    /// Tokens with the claim `token_use`.
    fn cognito(&self) -> VerifierConfig {
        let issuer = text(self.option("issuer"));
        let names = [issuer.to_owned(), issuer.replace("cognito-idp", "issuer-cognito-idp")];
        let issuer = TrustedIssuer::from_known_urls(names, "https://keys.example.com/");
        let clients = texts(self.option("client_ids"));
        self.with_requirements(VerifierConfig::new(issuer, clients, self.token_use()).unwrap())
    }

    /// Takes the tokens for those of an OpenID Connect issuer, whose audience is the client.
    fn openid(&self) -> VerifierConfig {
        let issuer = TrustedIssuer::custom(text(self.option("issuer")), "https://keys.example.com/").unwrap();
        let clients = texts(self.option("client_ids"));
        self.with_requirements(VerifierConfig::oidc(issuer, clients, TokenUse::Any).unwrap())
    }

    fn now(&self) -> Timestamp {
        at(self.option("now_epoch"))
    }

    /// Returns whether the case is about its signature, its algorithm or its key, which signing again would correct.
    fn is_about_signature(&self) -> bool {
        let check = TokenCheck::new(self.cognito());
        let document = self.corpus["jwks_sets"][text(&self.case["jwks"])].to_string();
        let keys = check.key_set(document.as_bytes()).unwrap_or_else(|_| KeySet::default());
        ["alg", "kid", "sig", "jwk", "b64", "shape"].contains(&text(&self.case["category"]))
            || check
                .check(&keys, text(&self.case["token"]), self.now())
                .is_err_and(|error| error.code() == "signature")
    }

    /// Returns the token, signed again with the key of `algorithm`, unless the case is about its signature.
    fn signed_again(&self, algorithm: Algorithm) -> Option<String> {
        if self.is_about_signature() {
            return None;
        }
        let decode = |segment: &str| BASE64_URL_SAFE_NO_PAD.decode(segment).ok();
        let mut parts = text(&self.case["token"]).split('.');
        let header = String::from_utf8(decode(parts.next()?)?).ok()?;
        let payload = decode(parts.next()?)?;
        let kid = serde_json::from_str::<Value>(&header).ok()?["kid"].as_str()?.to_owned();
        let name = algorithm.name();
        let header = header.replacen("\"RS256\"", &format!("\"{name}\""), 1);
        let header = header.replacen(&format!("\"{kid}\""), &format!("\"{name}\""), 1);
        Some(Signer::of(algorithm).sign_bytes(header.as_bytes(), &payload))
    }

    /// Compares the verdict of one verifier with that of several, for both profiles. Returns the number of comparisons.
    fn compare(&self, algorithm: &Algorithm, keys: &str, token: &str) -> usize {
        let profiles =
            [self.cognito(), self.openid()].map(|config| config.with_algorithms([*algorithm]).unwrap());
        profiles
            .into_iter()
            .filter_map(|config| {
                let verifier = Verifier::with_static_keys(config, keys).ok()?;
                let alone = verifier.verify(token, self.now()).now_or_never().unwrap();
                let several = Verifiers::new([verifier]).unwrap();
                let several = others().into_iter().try_fold(several, Verifiers::with).unwrap();
                let several = several.verify(token, self.now()).now_or_never().unwrap();
                assert_eq!(alone.is_ok(), several.is_ok(), "{}: {alone:?}, {several:?}", self.case["id"]);
                if let (Ok(alone), Ok(several)) = (alone, several) {
                    assert_eq!(alone.identity(), several.identity());
                }
                Some(())
            })
            .count()
    }

    fn check(
        &self,
        config: VerifierConfig,
        algorithm: Algorithm,
        token: &str,
        backend: Backend,
    ) -> Result<VerifiedClaims, Rejection> {
        let check = TokenCheck::new(config.with_algorithms([algorithm]).unwrap().with_backend(backend));
        let keys = check.key_set(Signer::of(algorithm).jwks().as_bytes()).unwrap();
        check.check(&keys, token, self.now())
    }
}

/// Verifiers of other issuers, which have the same keys as the tests and accept as much as possible.
fn others() -> [Verifier<StaticKeys>; 2] {
    let jwks = json!({ "keys": ALGORITHMS.map(|algorithm| Signer::of(algorithm).jwk()) }).to_string();
    let verifier = |config: VerifierConfig| {
        let config = config.with_algorithms(ALGORITHMS).unwrap().with_client_ids(ClientIds::Any).unwrap();
        Verifier::with_static_keys(config, jwks.clone()).unwrap()
    };
    let issuer = |name: &str| TrustedIssuer::offline(name).unwrap();
    [
        verifier(VerifierConfig::new(issuer("https://one.example"), ClientIds::Any, TokenUse::Any).unwrap()),
        verifier(
            VerifierConfig::oidc(issuer("https://two.example"), ["client-app-1"], TokenUse::Any).unwrap(),
        ),
    ]
}

/// Calls `test` with each case that can be signed again.
fn each(algorithm: Algorithm, mut test: impl FnMut(&Case<'_>, &str)) {
    let corpus: Value = serde_json::from_str(CORPUS).unwrap();
    for case in cases(&corpus) {
        let case = Case { case, corpus: &corpus };
        if let Some(token) = case.signed_again(algorithm) {
            test(&case, &token);
        }
    }
}

#[test]
fn attacks_signed_with_every_algorithm_have_the_verdict_of_the_corpus() {
    for backend in BACKENDS {
        for algorithm in ALGORITHMS {
            let (mut accepted, mut rejected) = (0, 0);
            each(algorithm, |case, token| {
                let result = case.check(case.cognito(), algorithm, token, backend);
                let id = text(&case.case["id"]);
                match text(&case.case["expect"]) {
                    "accept" => {
                        assert!(result.is_ok(), "{id} with {algorithm}: {result:?}");
                        accepted += 1;
                    }
                    "reject" => {
                        assert!(result.is_err(), "{id} with {algorithm}");
                        rejected += 1;
                    }
                    _ => {}
                }
            });
            assert!(
                accepted >= 17 && rejected >= 60,
                "{algorithm}: {accepted} accepted, {rejected} rejected"
            );
        }
    }
}

/// An OpenID Connect issuer has no `token_use`, and its audience is `aud`. All other attacks must fail with it as well.
#[test]
fn attacks_on_an_openid_issuer_are_rejected() {
    for algorithm in ALGORITHMS {
        let mut rejected = 0;
        each(algorithm, |case, token| {
            let category = text(&case.case["category"]);
            let is_about_cognito = ["token_use", "client_id", "groups"].contains(&category);
            if case.case["expect"] == "reject" && !is_about_cognito {
                let result = case.check(case.openid(), algorithm, token, Backend::AwsLc);
                assert!(result.is_err(), "{} with {algorithm}", case.case["id"]);
                rejected += 1;
            }
        });
        assert!(rejected >= 50, "{algorithm}: {rejected}");
    }
}

/// Next to verifiers of other issuers, which accept every client, every kind of token and every algorithm, the verdict stays the
/// same: for the corpus as it is, and signed again with the key of each algorithm.
#[test]
fn attacks_have_the_same_verdict_next_to_other_issuers() {
    let corpus: Value = serde_json::from_str(CORPUS).unwrap();
    let mut compared = 0;
    for case in cases(&corpus) {
        let case = Case { case, corpus: &corpus };
        let keys = corpus["jwks_sets"][text(&case.case["jwks"])].to_string();
        compared += case.compare(&Algorithm::Rs256, &keys, text(&case.case["token"]));
        for algorithm in ALGORITHMS {
            if let Some(token) = case.signed_again(algorithm) {
                compared += case.compare(&algorithm, &Signer::of(algorithm).jwks(), &token);
            }
        }
    }
    assert!(compared > 1_600, "{compared}");
}

/// The corpus as it is: a verifier for any other algorithm rejects every token of it, also those that are valid.
#[test]
fn corpus_is_rejected_by_verifiers_for_other_algorithms() {
    let corpus: Value = serde_json::from_str(CORPUS).unwrap();
    let document = corpus["jwks_sets"]["main"].to_string();
    for algorithm in ALGORITHMS.into_iter().filter(|algorithm| *algorithm != Algorithm::Rs256) {
        for case in cases(&corpus) {
            let case = Case { case, corpus: &corpus };
            let check = TokenCheck::new(case.cognito().with_algorithms([algorithm]).unwrap());
            let keys = check.key_set(document.as_bytes()).unwrap_or_else(|_| KeySet::default());
            let result = check.check(&keys, text(&case.case["token"]), case.now());
            assert!(result.is_err(), "{} with {algorithm}", case.case["id"]);
        }
    }
}
