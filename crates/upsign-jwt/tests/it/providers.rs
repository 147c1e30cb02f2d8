//! Tokens in the shape of each provider's documentation: accepted with the right configuration, rejected with each wrong one.

use serde_json::{Value, json};
use upsign_core::Timestamp;
use upsign_jwt::{
    Algorithm, ListClaim, ListForm, Rejection, StaticKeys, TokenCheck, TokenKind, TokenUse, TrustedIssuer,
    VerifiedClaims, Verifier, VerifierConfig, Verifiers,
};

use crate::corpus::{cases, text, texts};
use crate::signer::{ALGORITHMS, Signer};

const PROVIDERS: [&str; 9] =
    ["auth0", "clerk", "supabase", "keycloak", "entra", "firebase", "zitadel", "google", "okta"];

fn corpus() -> Value {
    serde_json::from_str(include_str!("../../../upsign-testing/vectors/oidc_tokens.json")).unwrap()
}

fn list_claim(claim: &Value) -> ListClaim {
    ListClaim::new(text(&claim["claim"]), text(&claim["form"]).parse().unwrap())
}

fn config_of(case: &Value) -> VerifierConfig {
    let config = &case["config"];
    let issuer = config["issuer"].as_str().unwrap_or_else(|| text(&case["claims"]["iss"]));
    let issuer = TrustedIssuer::discover(issuer).unwrap();
    let token_use = text(&config["token_use"]).parse().unwrap();
    let mut built = VerifierConfig::oidc(issuer, texts(&config["audiences"]), token_use).unwrap();
    built = built.with_algorithms([text(&config["algorithm"]).parse().unwrap()]).unwrap();
    if config["client_ids"].is_array() {
        built = built.with_client_ids(texts(&config["client_ids"])).unwrap();
    }
    if config["groups"].is_object() {
        built = built.with_groups_claim(list_claim(&config["groups"]));
    }
    if config["scopes"].is_object() {
        built = built.with_scopes_claim(list_claim(&config["scopes"]));
    }
    if config["identity_claims"].is_array() {
        built = built.with_identity_claims(texts(&config["identity_claims"]));
    }
    if let Some(subject) = config["subject"].as_str() {
        built = built.with_subject_claim(subject);
    }
    if config["requires_type"] == true { built.with_required_type() } else { built }
}

fn check(case: &Value, config: VerifierConfig) -> Result<VerifiedClaims, Rejection> {
    let algorithm: Algorithm = text(&case["config"]["algorithm"]).parse().unwrap();
    let signer = Signer::of(algorithm);
    let check = TokenCheck::new(config);
    let keys = check.key_set(signer.jwks().as_bytes()).unwrap();
    let now = Timestamp::from_unix(corpus()["now_epoch"].as_u64().unwrap()).unwrap();
    check.check(&keys, &signer.sign_with(&case["header"], &case["claims"]), now)
}

#[test]
fn every_provider_is_in_the_corpus_with_its_page() {
    let corpus = corpus();
    for provider in PROVIDERS {
        let of_provider = |case: &&Value| text(&case["id"]).split('/').next() == Some(provider);
        assert!(cases(&corpus).iter().any(|case| of_provider(&case)), "{provider}");
    }
    assert!(cases(&corpus).iter().all(|case| text(&case["page"]).starts_with("https://")));
}

#[test]
fn tokens_are_accepted_with_the_right_configuration() {
    for case in cases(&corpus()) {
        let id = text(&case["id"]);
        let claims = check(case, config_of(case)).unwrap_or_else(|error| panic!("{id}: {error}"));
        let expected = &case["expect"];
        let found = json!({
            "sub": claims.subject(),
            "kind": claims.token_use().map(TokenKind::as_str),
            "client_id": claims.client_id(),
            "username": claims.username(),
            "groups": claims.groups().collect::<Vec<_>>(),
            "scopes": claims.scopes().collect::<Vec<_>>(),
        });
        for (name, value) in found.as_object().unwrap() {
            assert_eq!(value, &expected[name], "{id}: {name}");
        }
        for (name, value) in expected["claims"].as_object().into_iter().flatten() {
            assert_eq!(claims.identity().claim(name), value.as_str(), "{id}: {name}");
        }
    }
}

/// Shapes that cannot be accepted, or not with this configuration: the reason says what was found.
#[test]
fn unusable_shapes_are_rejected_with_a_reason() {
    let corpus = corpus();
    let rejected = corpus["rejected"].as_array().unwrap();
    assert_eq!(Some(rejected.len() as u64), corpus["rejected_count"].as_u64());
    for case in rejected {
        let (id, expected) = (text(&case["id"]), &case["expect"]);
        let error = check(case, config_of(case)).unwrap_err();
        assert_eq!(error.code(), text(&expected["code"]), "{id}: {error}");
        let message = error.to_string();
        assert!(expected["reason"].as_str().is_none_or(|reason| message.contains(reason)), "{id}: {message}");
    }
}

/// Several issuers at once: each token is verified with the requirements of its own issuer only.
#[tokio::test]
async fn tokens_of_all_providers_are_verified_side_by_side() {
    let corpus = corpus();
    // One configuration of each issuer.
    let mut of_issuers: Vec<&Value> = Vec::new();
    for case in cases(&corpus) {
        if of_issuers.iter().all(|other| other["claims"]["iss"] != case["claims"]["iss"]) {
            of_issuers.push(case);
        }
    }
    let verifiers = of_issuers.iter().map(|case| {
        let algorithm: Algorithm = text(&case["config"]["algorithm"]).parse().unwrap();
        let keys = StaticKeys::new(Signer::of(algorithm).jwks()).unwrap();
        Verifier::new(config_of(case), keys)
    });
    let verifiers = Verifiers::new(verifiers).unwrap();
    let now = Timestamp::from_unix(corpus["now_epoch"].as_u64().unwrap()).unwrap();
    for case in &of_issuers {
        let signer = Signer::of(text(&case["config"]["algorithm"]).parse().unwrap());
        let token = signer.sign_with(&case["header"], &case["claims"]);
        let claims = verifiers.verify(&token, now).await.unwrap();
        assert_eq!(claims.subject(), text(&case["expect"]["sub"]), "{}", case["id"]);
        // The same claims under the name of another issuer are not accepted.
        for other in of_issuers.iter().filter(|other| other["claims"]["iss"] != case["claims"]["iss"]) {
            let mut forged = case["claims"].clone();
            forged["iss"] = other["claims"]["iss"].clone();
            let error = verifiers.verify(&signer.sign_with(&case["header"], &forged), now).await;
            assert!(error.is_err(), "{} as {}", case["id"], other["id"]);
        }
    }
    assert!(of_issuers.len() >= 10, "{}", of_issuers.len());
}

#[test]
fn tokens_are_rejected_with_each_wrong_configuration() {
    for case in cases(&corpus()) {
        let id = text(&case["id"]);
        let rejected = |config: VerifierConfig, expected: &str| {
            let found = check(case, config).map_or_else(|error| error.code(), |_| "accepted");
            assert_eq!(found, expected, "{id}");
        };
        // Another issuer, and the same with or without the slash at the end.
        let issuer = text(&case["claims"]["iss"]);
        let slash = issuer.strip_suffix('/').map_or_else(|| format!("{issuer}/"), str::to_owned);
        for other in ["https://id.example.net", slash.as_str()] {
            rejected(config_of(case).with_issuer(TrustedIssuer::discover(other).unwrap()), "issuer");
        }
        rejected(config_of(case).with_audiences(["other-api"]).unwrap(), "audience");
        let expected = &case["expect"];
        if expected["client_id"].is_string() {
            rejected(config_of(case).with_client_ids(["other-client"]).unwrap(), "client");
        }
        let others =
            || ALGORITHMS.into_iter().filter(|other| other.name() != text(&case["config"]["algorithm"]));
        for other in others() {
            let signer = Signer::of(text(&case["config"]["algorithm"]).parse().unwrap());
            let check = TokenCheck::new(config_of(case).with_algorithms([other]).unwrap());
            let keys = check.key_set(signer.jwks().as_bytes()).unwrap_or_default();
            let token = signer.sign_with(&case["header"], &case["claims"]);
            let now = Timestamp::from_unix(corpus()["now_epoch"].as_u64().unwrap()).unwrap();
            assert_eq!(check.check(&keys, &token, now).unwrap_err().code(), "algorithm", "{id}");
        }
        // The other kind of token, if the token shows its kind.
        let issuer = TrustedIssuer::discover(issuer).unwrap();
        let audiences = texts(&case["config"]["audiences"]);
        for (kind, other) in [("access", TokenUse::Id), ("id", TokenUse::Access)] {
            let config = VerifierConfig::oidc(issuer.clone(), &audiences, other).unwrap();
            let config =
                config.with_algorithms([text(&case["config"]["algorithm"]).parse().unwrap()]).unwrap();
            if expected["kind"] == kind {
                rejected(config, "token-use");
            }
        }
        rejected(config_of(case).with_subject_claim("absent"), "missing-claim");
        rejected(config_of(case).with_required_groups(["other-group"]).unwrap(), "groups");
        rejected(config_of(case).with_required_scopes(["other-scope"]).unwrap(), "scopes");
        // A list in another form is not read as an empty one.
        if let Some(name) = case["config"]["groups"]["claim"].as_str() {
            rejected(
                config_of(case).with_groups_claim(ListClaim::new(name, ListForm::Bracket)),
                "invalid-claim",
            );
        }
    }
}
