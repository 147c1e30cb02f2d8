//! Verifiers of several issuers: the claimed `iss` selects a verifier and proves nothing.

use std::sync::Arc;

use serde_json::{Value, json};
use upsign_jwt::{
    FetchKeys, InvalidVerifiers, Rejection, StaticKeys, TokenUse, TrustedIssuer, Verifier, VerifierConfig,
    Verifiers, VerifyError, VerifyToken,
};

use crate::endpoint::{Endpoint, Response, forged};
use crate::pool::{ISSUER, NOW, at, claims, config, jwks, sign, sign_text};

const OTHER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other1";
const OTHER_UPDATED: &str = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other1";

fn other_config() -> VerifierConfig {
    let issuer =
        TrustedIssuer::from_known_urls([OTHER, OTHER_UPDATED], &format!("{OTHER}/.well-known/jwks.json"));
    VerifierConfig::new(issuer, ["other-client"], TokenUse::Access).unwrap()
}

/// The first pool has the first key, the other pool has the second one.
fn verifiers() -> Verifiers {
    let first = Verifier::with_static_keys(config(), jwks(&["old"])).unwrap();
    let other = Verifier::with_static_keys(other_config(), jwks(&["new"])).unwrap();
    Verifiers::new([first, other]).unwrap()
}

fn with(mut claims: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("not an object: {changes}") };
    claims.as_object_mut().unwrap().extend(changes);
    claims
}

fn other_claims() -> Value {
    with(claims(NOW + 100), json!({"iss": OTHER, "client_id": "other-client"}))
}

async fn code(verifiers: &Verifiers, token: &str) -> &'static str {
    verifiers.verify(token, at(0)).await.unwrap_err().code()
}

#[tokio::test]
async fn tokens_of_each_issuer_are_verified_with_its_own_keys_and_requirements() {
    let verifiers = verifiers();
    let first = verifiers.verify(&sign("old", &claims(NOW + 100)), at(0)).await.unwrap();
    assert_eq!((first.issuer(), first.client_id()), (ISSUER, Some("client")));
    let other = verifiers.verify(&sign("new", &other_claims()), at(0)).await.unwrap();
    assert_eq!((other.issuer(), other.client_id()), (OTHER, Some("other-client")));
    // The same subject of two issuers is two callers.
    assert_eq!(first.subject(), other.subject());
    assert_ne!(first.identity(), other.identity());
}

#[tokio::test]
async fn token_of_one_issuer_that_claims_another_is_rejected() {
    let verifiers = verifiers();
    let stolen = with(claims(NOW + 100), json!({"iss": OTHER, "client_id": "other-client"}));
    assert_eq!(code(&verifiers, &sign("old", &stolen)).await, "unknown-kid");
    let reverse = with(other_claims(), json!({"iss": ISSUER, "client_id": "client"}));
    assert_eq!(code(&verifiers, &sign("new", &reverse)).await, "unknown-kid");
}

/// Both issuers use the key id `same`, for different keys.
#[tokio::test]
async fn equal_key_ids_of_two_issuers_stay_apart() {
    let keys = |kid: &str| jwks(&[kid]).replace(&format!("\"{kid}\""), "\"same\"");
    let first = Verifier::with_static_keys(config(), keys("old")).unwrap();
    let other = Verifier::with_static_keys(other_config(), keys("new")).unwrap();
    let verifiers = Verifiers::new([first, other]).unwrap();
    let header = json!({"alg": "RS256", "kid": "same"}).to_string();
    let signed_by = |key: &str, claims: &Value| sign_text(&header, &claims.to_string(), key);
    assert!(verifiers.verify(&signed_by("old", &claims(NOW + 100)), at(0)).await.is_ok());
    assert!(verifiers.verify(&signed_by("new", &other_claims()), at(0)).await.is_ok());
    assert_eq!(code(&verifiers, &signed_by("new", &claims(NOW + 100))).await, "signature");
    assert_eq!(code(&verifiers, &signed_by("old", &other_claims())).await, "signature");
}

#[tokio::test]
async fn client_and_groups_of_another_issuer_do_not_count() {
    let first = Verifier::with_static_keys(config(), jwks(&["old"])).unwrap();
    let admins = other_config().with_required_groups(["admins"]).unwrap();
    let other = Verifier::with_static_keys(admins, jwks(&["new"])).unwrap();
    let verifiers = Verifiers::new([first, other]).unwrap();
    assert_eq!(code(&verifiers, &sign("new", &other_claims())).await, "groups");
    let client = with(claims(NOW + 100), json!({"client_id": "other-client"}));
    assert_eq!(code(&verifiers, &sign("old", &client)).await, "client");
}

#[tokio::test]
async fn unknown_issuer_is_rejected_with_its_name_and_without_a_fetch() {
    let endpoint = Endpoint::new(Response::Keys(jwks(&["old"])));
    let verifiers = Verifiers::new([Verifier::new(config(), Arc::clone(&endpoint))]).unwrap();
    for unknown in ["https://evil.example", &format!("{ISSUER}/"), &ISSUER.to_uppercase(), "", "\u{202e}"] {
        let token = sign("old", &with(claims(NOW + 100), json!({"iss": unknown})));
        let error = verifiers.verify(&token, at(0)).await.unwrap_err();
        assert!(matches!(error, VerifyError::Rejected(Rejection::UnknownIssuer { .. })), "{error}");
    }
    let token = sign("old", &with(claims(NOW + 100), json!({"iss": "https://evil.example"})));
    let message = verifiers.verify(&token, at(0)).await.unwrap_err().to_string();
    assert_eq!(
        message,
        format!(
            "the token names the issuer `https://evil.example`, which is not configured; configured: {ISSUER}"
        )
    );
    assert_eq!(endpoint.fetches(), 0);
}

/// With several user pools, the operator has to know which of them a rejected token claims to be of.
#[tokio::test]
async fn reason_of_a_rejection_names_the_issuer() {
    let verifiers = verifiers();
    let expired = with(other_claims(), json!({"exp": NOW - 1_000}));
    let error = verifiers.verify(&sign("new", &expired), at(0)).await.unwrap_err();
    assert_eq!((error.code(), error.status()), ("expired", 401));
    let message = error.to_string();
    assert!(message.starts_with("the token expired"), "{message}");
    assert!(message.ends_with(&format!(" (issuer {OTHER})")), "{message}");
}

#[tokio::test]
async fn malformed_payloads_are_rejected_without_a_fetch() {
    let endpoint = Endpoint::new(Response::Keys(jwks(&["old"])));
    let verifiers = Verifiers::new([Verifier::new(config(), Arc::clone(&endpoint))]).unwrap();
    let payload = |payload: &str| sign_text(r#"{"alg":"RS256","kid":"old"}"#, payload, "old");
    for (token, expected) in [
        (String::new(), "not-compact"),
        ("a.b".into(), "not-compact"),
        ("a.b.c.d".into(), "not-compact"),
        ("a.!.c".into(), "not-compact"),
        ("a".repeat(10_000), "token-too-long"),
        (payload("no JSON"), "claims-json"),
        (payload(&format!(r#"{{"iss":"{ISSUER}","iss":"{OTHER}"}}"#)), "claims-json"),
        (payload(&format!(r#"{{"iss":"{ISSUER}","\u0069ss":"{OTHER}"}}"#)), "claims-json"),
        (payload(&"[".repeat(1_000)), "claims-json"),
        (payload("{}"), "missing-claim"),
        (payload(r#"{"iss":null}"#), "invalid-claim"),
        (payload(&format!(r#"{{"iss":["{ISSUER}"]}}"#)), "invalid-claim"),
        (forged("old"), "missing-claim"),
    ] {
        assert_eq!(code(&verifiers, &token).await, expected, "{token}");
    }
    assert_eq!(endpoint.fetches(), 0);
}

/// What is wrong with a token is named as with one issuer.
#[tokio::test]
async fn mistakes_are_named_with_several_issuers_too() {
    let verifiers = verifiers();
    let token = sign("old", &claims(NOW + 100));
    let id_token = with(other_claims(), json!({"token_use": "id", "aud": "other-client"}));
    for (text, expected) in [
        (format!("\"{token}\""), "the token is in quotation marks; send it without them".to_owned()),
        (
            format!("Bearer {token}"),
            "the token begins with `Bearer `, which the header contains already; send it once".into(),
        ),
        (
            sign("new", &id_token),
            format!("this is an id token, expected an access token: the token use is `id` (issuer {OTHER})"),
        ),
        (
            sign("old", &with(claims(NOW + 100), json!({"iss": format!("{ISSUER}/")}))),
            format!(
                "the token names the issuer `{ISSUER}/`, which is not configured; configured: {ISSUER}, {OTHER}; \
                 the nearest is {ISSUER}; they differ in the slash at the end"
            ),
        ),
    ] {
        assert_eq!(verifiers.verify(&text, at(0)).await.unwrap_err().to_string(), expected);
    }
    let jwe = "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ.a.b.c.d";
    let error = verifiers.verify(jwe, at(0)).await.unwrap_err().to_string();
    assert!(error.contains("are an encrypted token (JWE), such as a refresh token"), "{error}");
}

#[tokio::test]
async fn unavailable_keys_of_one_issuer_do_not_affect_another() {
    let down = Verifier::new(config(), Endpoint::new(Response::Down));
    let other = Verifier::with_static_keys(other_config(), jwks(&["new"])).unwrap();
    let verifiers = Verifiers::new([down]).unwrap().with(other).unwrap();
    assert!(verifiers.verify(&sign("new", &other_claims()), at(0)).await.is_ok());
    let error = verifiers.verify(&sign("old", &claims(NOW + 100)), at(0)).await.unwrap_err();
    assert_eq!(error.code(), "keys-unavailable");
}

#[tokio::test]
async fn both_issuers_of_a_user_pool_share_one_verifier() {
    let verifiers = verifiers();
    assert!(verifiers.issuers().contains(&OTHER_UPDATED) && verifiers.issuers().is_sorted());
    let token = sign("new", &with(other_claims(), json!({"iss": OTHER_UPDATED})));
    assert_eq!(verifiers.verify(&token, at(0)).await.unwrap().issuer(), OTHER_UPDATED);
}

#[test]
fn issuers_must_be_unique_and_at_least_one() {
    let verifier = |config| Verifier::with_static_keys(config, jwks(&["old"])).unwrap();
    assert_eq!(Verifiers::new::<StaticKeys>([]).unwrap_err(), InvalidVerifiers::Empty);
    let error =
        Verifiers::new([verifier(config()), verifier(other_config()), verifier(config())]).unwrap_err();
    assert_eq!(error, InvalidVerifiers::DuplicateIssuer { issuer: ISSUER.into() });
}

#[tokio::test]
async fn verifiers_of_one_and_of_several_issuers_are_interchangeable() {
    let one = Verifier::with_static_keys(config(), jwks(&["old"])).unwrap();
    let fetcher: &'static dyn FetchKeys = Box::leak(Box::new(StaticKeys::new(jwks(&["old"])).unwrap()));
    let each: [Arc<dyn VerifyToken>; 4] = [
        Arc::new(one.clone()),
        Arc::new(Verifiers::new([one.clone()]).unwrap()),
        Arc::new(Box::new(one)),
        Arc::new(Verifier::new(config(), fetcher)),
    ];
    for verifier in each {
        let claims = VerifyToken::verify(&verifier, &sign("old", &claims(NOW + 100)), at(0)).await.unwrap();
        assert_eq!(claims.subject(), "alice");
    }
}
