//! Tokens of a test issuer, judged by real verifiers.

use serde_json::json;
use upsign_cognito::{
    Algorithm, TokenCheck, TokenKind, TokenUse, TrustedIssuer, Verifier, VerifierConfig, Verifiers,
    VerifyError,
};
use upsign_core::Timestamp;
use upsign_testing::tokens::{TestIssuer, TestToken};

const CLIENT: &str = "client";

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix(1_767_225_600 + seconds).unwrap()
}

fn issuer() -> TestIssuer {
    TestIssuer::user_pool("us-east-1_Helpers")
}

async fn code(token: String, issuer: &TestIssuer, token_use: TokenUse) -> &'static str {
    let result = issuer.verifier(CLIENT, token_use).verify(&token, at(0)).await;
    result.map_or_else(|error| error.code(), |_| "accepted")
}

#[tokio::test]
async fn tokens_have_the_claims_of_cognito() {
    let issuer = issuer();
    let access = issuer.access_token("alice", CLIENT).groups(["a", "b"]).scopes(["up/w"]).sign(at(0));
    let claims = issuer.verifier(CLIENT, TokenUse::Access).verify(&access, at(3_659)).await.unwrap();
    assert_eq!(
        (claims.issuer(), claims.subject(), claims.client_id()),
        (issuer.name(), "alice", Some(CLIENT))
    );
    assert_eq!((claims.token_use(), claims.username()), (Some(TokenKind::Access), Some("alice")));
    assert_eq!(claims.groups().chain(claims.scopes()).collect::<Vec<_>>(), ["a", "b", "up/w"]);
    assert_eq!(claims.expires_at(), at(3_600));
    let id = issuer.id_token("alice", CLIENT).claim("email", "alice@example.com").sign(at(0));
    let claims = issuer.verifier(CLIENT, TokenUse::Id).verify(&id, at(0)).await.unwrap();
    assert_eq!(claims.claim("email"), Some(&json!("alice@example.com")));
    assert_eq!(
        (claims.token_use(), claims.claim("auth_time")),
        (Some(TokenKind::Id), Some(&json!(1_767_225_600)))
    );
}

#[tokio::test]
async fn every_claim_and_parameter_can_be_wrong() {
    let issuer = issuer();
    let token = || issuer.access_token("alice", CLIENT);
    let cases: [(TestToken, &str); 11] = [
        (token(), "accepted"),
        (token().without_claim("exp"), "missing-claim"),
        (token().claim("exp", "soon"), "invalid-claim"),
        (token().claim("exp", 1), "expired"),
        (token().claim("iat", 4_000_000_000_u64), "issued-later"),
        (token().claim("iss", "https://evil.example"), "issuer"),
        (token().claim("client_id", "other"), "client"),
        (token().claim("token_use", "id"), "token-use"),
        (token().header("kid", "other"), "unknown-kid"),
        (token().without_header("kid"), "no-kid"),
        (token().header("alg", "none"), "algorithm"),
    ];
    for (token, expected) in cases {
        assert_eq!(code(token.clone().sign(at(0)), &issuer, TokenUse::Access).await, expected, "{token:?}");
    }
    assert_eq!(code(token().sign(at(0)), &issuer, TokenUse::Id).await, "token-use");
}

#[tokio::test]
async fn tokens_of_one_issuer_are_not_accepted_for_another() {
    let (first, second) = (issuer(), TestIssuer::custom("https://issuer.example"));
    let verifiers = [&first, &second].map(|issuer| issuer.verifier(CLIENT, TokenUse::Any));
    let verifiers = Verifiers::new(verifiers).unwrap();
    for issuer in [&first, &second] {
        let token = issuer.id_token("alice", CLIENT).sign(at(0));
        assert_eq!(verifiers.verify(&token, at(0)).await.unwrap().issuer(), issuer.name());
    }
    // Both issuers use the key id `key-1`.
    let forged = first.access_token("alice", CLIENT).claim("iss", second.name()).sign(at(0));
    assert_eq!(verifiers.verify(&forged, at(0)).await.unwrap_err().code(), "signature");
}

#[test]
fn every_algorithm_is_signed_and_the_key_set_is_a_document() {
    let issuer = issuer();
    for algorithm in [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512] {
        let config = issuer.config(CLIENT, TokenUse::Access).with_algorithms([algorithm]).unwrap();
        let check = TokenCheck::new(config);
        let keys = check.key_set(issuer.jwks().as_bytes()).unwrap();
        let token = issuer.access_token("alice", CLIENT).algorithm(algorithm).sign(at(0));
        assert_eq!(check.check(&keys, &token, at(0)).unwrap().subject(), "alice");
    }
    for algorithm in [Algorithm::Ps256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
        issuer.add_key_for(algorithm);
        let config = issuer.config(CLIENT, TokenUse::Access).with_algorithms([algorithm]).unwrap();
        let check = TokenCheck::new(config);
        let keys = check.key_set(issuer.jwks().as_bytes()).unwrap();
        let token = issuer.access_token("alice", CLIENT).sign(at(0));
        assert_eq!(check.check(&keys, &token, at(0)).unwrap().subject(), "alice", "{algorithm}");
    }
    let jwks = issuer.jwks();
    assert!(Verifier::with_static_keys(issuer.config(CLIENT, TokenUse::Access), jwks.as_str()).is_ok());
    assert!(["\"d\"", "\"p\"", "\"q\""].iter().all(|private| !jwks.contains(private)), "{jwks}");
}

/// Any OpenID Connect issuer, whose discovery document names its keys.
#[tokio::test]
async fn issuer_has_a_discovery_document() {
    let issuer = TestIssuer::custom("https://issuer.example");
    let trusted = TrustedIssuer::discover("https://issuer.example").unwrap();
    let config = VerifierConfig::oidc(trusted, ["api"], TokenUse::Access).unwrap();
    let verifier = Verifier::new(config, issuer.clone());
    let token = issuer.access_token("alice", CLIENT).claim("aud", "api").sign(at(0));
    assert_eq!(verifier.verify(&token, at(0)).await.unwrap().subject(), "alice");
    assert_eq!(issuer.fetches(), 2);
}

#[tokio::test]
async fn keys_can_be_added_and_replaced() {
    let issuer = issuer();
    let verifier = issuer.verifier(CLIENT, TokenUse::Access);
    let verify = async |token: &str, seconds| verifier.verify(token, at(seconds)).await.map(|_| ());
    let old = issuer.access_token("alice", CLIENT).expires_in(100_000).sign(at(0));
    verify(&old, 0).await.unwrap();
    issuer.add_key();
    let new = issuer.access_token("alice", CLIENT).expires_in(100_000).sign(at(0));
    verify(&new, 10).await.unwrap();
    verify(&old, 10).await.unwrap();
    issuer.replace_keys();
    // The set is fetched again when it is stale, by the first caller, because no task is spawned.
    assert_eq!(verify(&old, 4_000).await.unwrap_err().code(), "unknown-kid");
    assert_eq!(issuer.fetches(), 3);
}

#[tokio::test]
async fn unreachable_issuer_makes_keys_unavailable() {
    let issuer = issuer();
    issuer.set_reachable(false);
    let verifier = issuer.verifier(CLIENT, TokenUse::Access);
    let token = issuer.access_token("alice", CLIENT).sign(at(0));
    let error = verifier.verify(&token, at(0)).await.unwrap_err();
    assert!(matches!(error, VerifyError::KeysUnavailable { .. }), "{error}");
    issuer.set_reachable(true);
    verifier.verify(&token, at(10)).await.unwrap();
}
