//! Header parameters and claims, one by one, in tokens with a valid signature.

use serde_json::{Value, json};
use upsign_cognito::{Rejection, TokenCheck, TokenUse, UserPool};

use crate::gateways::POOL;
use crate::pool::{ISSUER, NOW, at, claims, jwks, sign, sign_text};

fn check_for(token_use: TokenUse) -> TokenCheck {
    let pool: UserPool = POOL.parse().unwrap();
    TokenCheck::new(pool.verifier_config(["client"], token_use).unwrap().with_leeway(10))
}

fn code(token: &str, token_use: TokenUse) -> &'static str {
    let token_check = check_for(token_use);
    let keys = token_check.key_set(jwks(&["old"]).as_bytes()).unwrap();
    token_check.check(&keys, token, at(0)).map_or_else(|error| error.code(), |_| "ok")
}

/// Checks the result for a valid access token with this claim changed; `null` removes it.
#[track_caller]
fn check(claim: &str, value: Value, expected: &str) {
    let mut claims = claims(NOW + 100);
    claims[claim] = value;
    if claims[claim].is_null() {
        claims.as_object_mut().unwrap().remove(claim);
    }
    assert_eq!(code(&sign("old", &claims), TokenUse::Access), expected, "{claims}");
}

/// Checks the result for a valid token with this text inserted before its claims.
#[track_caller]
fn check_text(text: &str, expected: &str) {
    let payload = claims(NOW + 100).to_string().replacen('{', &format!("{{{text},"), 1);
    let token = sign_text(r#"{"alg":"RS256","kid":"old"}"#, &payload, "old");
    assert_eq!(code(&token, TokenUse::Access), expected, "{payload}");
}

#[test]
fn times_of_a_token() {
    check("exp", json!(NOW), "ok"); // The leeway is 10 s.
    check("exp", json!(NOW - 9), "ok");
    check("exp", json!(NOW - 10), "expired");
    check("exp", Value::Null, "missing-claim");
    check("exp", json!(253_402_300_799_u64), "ok");
    check("exp", json!(253_402_300_800_u64), "invalid-claim");
    check("exp", json!(u64::MAX), "invalid-claim");
    check("exp", json!(-1), "invalid-claim");
    check("exp", json!(1e300), "invalid-claim");
    check("nbf", json!(NOW + 10), "ok");
    check("nbf", json!(NOW + 11), "not-yet-valid");
    check("nbf", json!("1"), "invalid-claim");
    check("iat", Value::Null, "ok");
    check("iat", json!(NOW + 10), "ok");
    check("iat", json!(NOW + 11), "issued-later");
    check("iat", json!([]), "invalid-claim");
}

#[test]
fn token_that_expires_before_it_was_issued_is_rejected() {
    let mut claims = claims(NOW - 2);
    for (iat, expected) in [(NOW - 2, "ok"), (NOW - 1, "invalid-claim")] {
        claims["iat"] = json!(iat);
        assert_eq!(code(&sign("old", &claims), TokenUse::Access), expected);
    }
}

#[test]
fn fraction_of_a_second_counts_against_the_token() {
    check_text(r#""nbf":1767225610.0"#, "ok");
    check_text(r#""nbf":1767225610.5"#, "not-yet-valid");
    check_text(r#""nbf":1.7672256e9"#, "ok");
    let early = |exp: &str| claims(NOW).to_string().replace("1767225600", exp);
    let result =
        |payload: &str| code(&sign_text(r#"{"alg":"RS256","kid":"old"}"#, payload, "old"), TokenUse::Access);
    assert_eq!(result(&early("1767225591.5")), "ok");
    assert_eq!(result(&early("1767225590.5")), "expired");
}

#[test]
fn subject_and_groups() {
    check("sub", json!("a/../b"), "ok");
    check("sub", json!(""), "invalid-claim");
    check("sub", json!(" \t"), "invalid-claim");
    check("sub", json!("a\u{0}b"), "invalid-claim");
    check("sub", json!("a\nb"), "invalid-claim");
    check("sub", json!("a\u{85}b"), "invalid-claim");
    check("sub", json!("s".repeat(2_048)), "ok");
    check("sub", json!("s".repeat(2_049)), "invalid-claim");
    check("sub", json!(["alice"]), "invalid-claim");
    check("sub", Value::Null, "missing-claim");
    check("username", json!(7), "invalid-claim");
    check("cognito:groups", json!(["a", 1]), "invalid-claim");
    check("cognito:groups", json!("a"), "invalid-claim");
    check("cognito:groups", json!([]), "ok");
    check("scope", json!(["a"]), "invalid-claim");
}

#[test]
fn issuer_client_and_token_use() {
    check("iss", json!(ISSUER.replace("cognito-idp", "issuer-cognito-idp")), "ok");
    check("iss", json!(format!("{ISSUER}/")), "issuer");
    check("iss", json!([ISSUER]), "invalid-claim");
    check("client_id", json!("Client"), "client");
    check("client_id", Value::Null, "missing-claim");
    check("token_use", json!("id"), "token-use");
    check("token_use", json!("ACCESS"), "unknown-token-use");
    check("token_use", Value::Null, "missing-claim");
    let mut id = claims(NOW + 100);
    id["token_use"] = json!("id");
    assert_eq!(code(&sign("old", &id), TokenUse::Id), "missing-claim");
    id["aud"] = json!(["client"]);
    assert_eq!(code(&sign("old", &id), TokenUse::Any), "invalid-claim");
    id["aud"] = json!("client");
    for (token_use, expected) in
        [(TokenUse::Id, "ok"), (TokenUse::Any, "ok"), (TokenUse::Access, "token-use")]
    {
        assert_eq!(code(&sign("old", &id), token_use), expected);
    }
}

#[test]
fn payload_json() {
    check_text(r#""x":{"y":[{"z":1,"z":1}]}"#, "claims-json");
    check_text(r#""su\u0062":"mallory""#, "claims-json");
    check_text(&format!(r#""x":{}1{}"#, "[".repeat(15), "]".repeat(15)), "ok");
    check_text(&format!(r#""x":{}1{}"#, "[".repeat(16), "]".repeat(16)), "claims-json");
    check_text(r#""x":"\ud83d\ude00","y":1e400"#, "claims-json");
    check_text(r#""x":"\ud83d\ude00""#, "ok");
}

#[test]
fn header_parameters() {
    let result =
        |header: &str| code(&sign_text(header, &claims(NOW + 100).to_string(), "old"), TokenUse::Access);
    for (more, expected) in [
        (r#""typ":"JWT""#, "ok"),
        (r#""typ":"at+jwt""#, "ok"),
        (r#""typ":"logout+jwt""#, "header-parameter"),
        (r#""typ":1"#, "header-parameter"),
        (r#""cty":"jwt""#, "header-parameter"),
        (r#""cty":"text/plain""#, "ok"),
        (r#""zip":"DEF""#, "header-parameter"),
        (r#""enc":null"#, "header-parameter"),
        (r#""b64":true"#, "header-parameter"),
        (r#""crit":[]"#, "header-parameter"),
        (r#""jku":"https://evil.example/","jwk":{},"x5u":"","x5c":[]"#, "ok"),
        (r#""x":[[[1]]]"#, "ok"),
        (r#""x":[[[[1]]]]"#, "header-json"),
        (r#""alg":"RS256""#, "header-json"),
    ] {
        assert_eq!(result(&format!(r#"{{"alg":"RS256","kid":"old",{more}}}"#)), expected, "{more}");
    }
}

#[test]
fn verified_claims_are_readable() {
    let mut claims = claims(NOW + 100);
    claims["cognito:groups"] = json!(["b", "a"]);
    claims["scope"] = json!("openid  uploads/write");
    claims["username"] = json!("al");
    claims["email"] = json!("alice@example.com");
    let token_check = check_for(TokenUse::Access);
    let keys = token_check.key_set(jwks(&["old"]).as_bytes()).unwrap();
    let verified = token_check.check(&keys, &sign("old", &claims), at(0)).unwrap();
    assert_eq!(verified.groups().collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(verified.scopes().collect::<Vec<_>>(), ["openid", "uploads/write"]);
    assert_eq!(
        (verified.subject(), verified.username(), verified.client_id()),
        ("alice", Some("al"), Some("client"))
    );
    assert_eq!(Some(verified.claims()), claims.as_object());
    assert_eq!(verified.claim("email"), claims.get("email"));
    assert_eq!(verified.identity().subject().as_str(), "alice");
    assert_eq!(
        format!("{verified:?}"),
        format!(
            "VerifiedClaims {{ issuer: {ISSUER:?}, subject: \"alice\", token_use: Some(Access), expires_at: {:?}, .. }}",
            at(100)
        )
    );
}

#[test]
fn configured_claims_are_copied_into_the_identity() {
    let mut claims = claims(NOW + 100);
    claims["custom:tenant"] = json!("acme");
    claims["custom:level"] = json!(7);
    let pool: UserPool = POOL.parse().unwrap();
    let config = pool.verifier_config(["client"], TokenUse::Access).unwrap();
    let names = ["custom:tenant", "custom:level", "custom:absent"];
    let token_check = TokenCheck::new(config.with_identity_claims(names));
    let keys = token_check.key_set(jwks(&["old"]).as_bytes()).unwrap();
    let identity = token_check.check(&keys, &sign("old", &claims), at(0)).unwrap().identity();
    assert_eq!(names.map(|name| identity.claim(name)), [Some("acme"), Some("7"), None]);
    assert_eq!(identity.claim("client_id"), None);
}

/// The reason says by how much a time is wrong, and how many parts a text has that is no token.
#[test]
fn reasons_say_how_far_off_a_token_is() {
    let check = check_for(TokenUse::Access);
    let keys = check.key_set(jwks(&["old"]).as_bytes()).unwrap();
    let reason = |token: &str, second| check.check(&keys, token, at(second)).unwrap_err();
    let valid = sign("old", &claims(NOW + 100));
    assert!(matches!(reason(&valid, 700), Rejection::Expired { seconds_ago: 600, .. }));
    for (text, found) in [("", 1), ("a", 1), ("a.b", 2), ("a.b.c.d", 4), ("a.b.c.d.e", 5), ("!.b.c", 3)] {
        assert_eq!(reason(text, 0), Rejection::NotCompact { parts: found }, "{text}");
    }
}
