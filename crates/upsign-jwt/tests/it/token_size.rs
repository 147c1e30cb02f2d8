//! The maximum length of a token, at each reader of one.

use futures_util::FutureExt;
use serde_json::json;
use upsign_jwt::{
    Algorithm, CacheLimits, InvalidVerifierConfig, Rejection, StaticKeys, TokenCheck, TokenUse,
    TrustedIssuer, Verifier, VerifierConfig, Verifiers, VerifyError, VerifyToken, bearer,
};

use crate::signer::{NOW, Signer, at};

const ISSUER: &str = "https://id.example.com";
const OTHER: &str = "https://other.example.com";

fn config(issuer: &str) -> VerifierConfig {
    let issuer = TrustedIssuer::offline(issuer).unwrap();
    let config = VerifierConfig::oidc(issuer, ["api"], TokenUse::Any).unwrap();
    config.with_algorithms([Algorithm::Es256]).unwrap()
}

fn verifier(config: VerifierConfig) -> Verifier<StaticKeys> {
    let verifier = Verifier::with_static_keys(config, Signer::of(Algorithm::Es256).jwks()).unwrap();
    verifier.with_token_cache(CacheLimits::default())
}

/// Returns a token of a user in this many groups.
fn token(issuer: &str, groups: usize) -> String {
    let groups: Vec<String> = (0..groups).map(|number| format!("group-{number:030}")).collect();
    let claims = json!({"iss": issuer, "aud": "api", "sub": "alice", "groups": groups, "exp": NOW + 100});
    Signer::of(Algorithm::Es256).sign(&claims)
}

/// Verifies with a verifier of one issuer, of several, and with a key set in memory.
fn verify_each(config: &VerifierConfig, token: &str) -> [Result<usize, Rejection>; 3] {
    let check = TokenCheck::new(config.clone());
    let keys = check.key_set(Signer::of(Algorithm::Es256).jwks().as_bytes()).unwrap();
    let several = Verifiers::new([verifier(config.clone()), verifier(self::config(OTHER))]).unwrap();
    let several = several.verify(token, at(0)).now_or_never().unwrap();
    let one = verifier(config.clone());
    let rejection = |error: VerifyError| match error {
        VerifyError::Rejected(Rejection::ByIssuer { rejection, .. }) => *rejection,
        VerifyError::Rejected(rejection) => rejection,
        error => panic!("{error}"),
    };
    let groups = |claims: upsign_jwt::VerifiedClaims| claims.groups().len();
    [
        one.verify(token, at(0)).now_or_never().unwrap().map(groups).map_err(rejection),
        several.map(groups).map_err(rejection),
        check.check(&keys, token, at(0)).map(groups),
    ]
}

#[test]
fn user_with_a_hundred_groups_needs_a_longer_maximum() {
    let token = token(ISSUER, 200);
    assert!(token.len() > 8_192);
    let too_long = Rejection::TokenTooLong { bytes: token.len(), max: 8_192 };
    assert_eq!(
        too_long.to_string(),
        format!("the token has {} bytes, more than the maximum of 8192", token.len())
    );
    assert_eq!(verify_each(&config(ISSUER), &token), [0; 3].map(|_| Err(too_long.clone())));
    let config = config(ISSUER).with_max_token_bytes(16_384).unwrap();
    assert_eq!(verify_each(&config, &token), [0; 3].map(|_| Ok(200)));
}

#[test]
fn longest_token_has_exactly_the_maximum() {
    for groups in [20, 100, 500, 900] {
        let token = token(ISSUER, groups);
        let with_max = |max| config(ISSUER).with_max_token_bytes(max).unwrap();
        assert_eq!(verify_each(&with_max(token.len()), &token), [0; 3].map(|_| Ok(groups)));
        let too_long = Rejection::TokenTooLong { bytes: token.len(), max: token.len() - 1 };
        assert_eq!(verify_each(&with_max(token.len() - 1), &token), [0; 3].map(|_| Err(too_long.clone())));
    }
}

/// Nothing of a token that is too long is read, not even its issuer.
#[test]
fn each_issuer_of_several_has_its_own_maximum() {
    let long = config(ISSUER).with_max_token_bytes(32_768).unwrap();
    let verifiers = Verifiers::new([verifier(long), verifier(config(OTHER))]).unwrap();
    let code = |token: &str| {
        let verified = VerifyToken::verify(&verifiers, token, at(0)).now_or_never().unwrap();
        verified.map_or_else(|error| error.to_string(), |_| "ok".to_owned())
    };
    assert_eq!(code(&token(ISSUER, 300)), "ok");
    let other = token(OTHER, 300);
    let too_long = format!("the token has {} bytes, more than the maximum of", other.len());
    assert_eq!(code(&other), format!("{too_long} 8192 (issuer {OTHER})"));
    assert_eq!(code(&"a".repeat(32_769)), "the token has 32769 bytes, more than the maximum of 32768");
}

#[test]
fn token_longer_than_every_possible_maximum_is_not_taken_from_a_header() {
    let longest = "a".repeat(65_536);
    assert_eq!(bearer(&format!("Bearer {longest}"), false), Ok(longest.as_str()));
    let too_long = Err(Rejection::TokenTooLong { bytes: 65_537, max: 65_536 });
    assert_eq!(bearer(&format!("Bearer {longest}a"), false), too_long);
    assert_eq!(bearer(&format!("{longest}a"), true), too_long);
}

#[test]
fn maximum_has_bounds() {
    for bytes in [1_024, 8_192, 65_536] {
        assert_eq!(config(ISSUER).with_max_token_bytes(bytes).unwrap().max_token_bytes(), bytes);
    }
    for bytes in [0, 1_023, 65_537, usize::MAX] {
        let error = config(ISSUER).with_max_token_bytes(bytes).unwrap_err();
        assert_eq!(error, InvalidVerifierConfig::MaxTokenBytes, "{bytes}");
    }
    assert_eq!(config(ISSUER).max_token_bytes(), 8_192);
}
