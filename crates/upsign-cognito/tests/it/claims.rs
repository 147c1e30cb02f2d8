//! Claims, one by one, in tokens whose signature is good.

use serde_json::{Value, json};
use upsign_cognito::{TokenUse, TokenVerifier, TrustedIssuer, VerifierConfig};

use crate::pool::{ISSUER, NOW, POOL, at, claims, jwks, sign, sign_text};

fn verifier(token_use: TokenUse) -> TokenVerifier {
    let issuer = TrustedIssuer::user_pool(&POOL.parse().unwrap());
    TokenVerifier::new(VerifierConfig::new(issuer, ["client"], token_use).unwrap().with_leeway(10))
}

fn code(token: &str, token_use: TokenUse) -> &'static str {
    let verifier = verifier(token_use);
    let keys = verifier.key_set(jwks(&["old"]).as_bytes()).unwrap();
    verifier.verify(&keys, token, at(0)).map_or_else(|why| why.code(), |_| "ok")
}

/// The verdict on an otherwise good access token with this claim; `null` takes it away.
#[track_caller]
fn check(claim: &str, value: Value, expected: &str) {
    let mut claims = claims(NOW + 100);
    claims[claim] = value;
    if claims[claim].is_null() {
        claims.as_object_mut().unwrap().remove(claim);
    }
    assert_eq!(code(&sign("old", &claims), TokenUse::Access), expected, "{claims}");
}

/// The verdict on a good token with this text put in front of its claims.
#[track_caller]
fn check_text(text: &str, expected: &str) {
    let payload = claims(NOW + 100).to_string().replacen('{', &format!("{{{text},"), 1);
    let token = sign_text(r#"{"alg":"RS256","kid":"old"}"#, &payload, "old");
    assert_eq!(code(&token, TokenUse::Access), expected, "{payload}");
}

#[test]
fn times() {
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
fn a_token_that_expires_before_it_was_issued() {
    let mut claims = claims(NOW - 2);
    for (iat, verdict) in [(NOW - 2, "ok"), (NOW - 1, "invalid-claim")] {
        claims["iat"] = json!(iat);
        assert_eq!(code(&sign("old", &claims), TokenUse::Access), verdict);
    }
}

#[test]
fn a_fraction_of_a_second_counts_against_the_token() {
    check_text(r#""nbf":1767225610.0"#, "ok");
    check_text(r#""nbf":1767225610.5"#, "not-yet-valid");
    check_text(r#""nbf":1.7672256e9"#, "ok");
    let early = |exp: &str| claims(NOW).to_string().replace("1767225600", exp);
    let verdict =
        |payload: &str| code(&sign_text(r#"{"alg":"RS256","kid":"old"}"#, payload, "old"), TokenUse::Access);
    assert_eq!(verdict(&early("1767225591.5")), "ok");
    assert_eq!(verdict(&early("1767225590.5")), "expired");
}

#[test]
fn who() {
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
fn for_whom() {
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
    for (token_use, verdict) in [(TokenUse::Id, "ok"), (TokenUse::Any, "ok"), (TokenUse::Access, "token-use")]
    {
        assert_eq!(code(&sign("old", &id), token_use), verdict);
    }
}

#[test]
fn json() {
    check_text(r#""x":{"y":[{"z":1,"z":1}]}"#, "claims-json");
    check_text(r#""su\u0062":"mallory""#, "claims-json");
    check_text(&format!(r#""x":{}1{}"#, "[".repeat(15), "]".repeat(15)), "ok");
    check_text(&format!(r#""x":{}1{}"#, "[".repeat(16), "]".repeat(16)), "claims-json");
    check_text(r#""x":"\ud83d\ude00","y":1e400"#, "claims-json");
    check_text(r#""x":"\ud83d\ude00""#, "ok");
}

#[test]
fn header() {
    let verdict =
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
        assert_eq!(verdict(&format!(r#"{{"alg":"RS256","kid":"old",{more}}}"#)), expected, "{more}");
    }
}

#[test]
fn what_the_claims_say() {
    let mut claims = claims(NOW + 100);
    claims["cognito:groups"] = json!(["b", "a"]);
    claims["scope"] = json!("openid  uploads/write");
    claims["username"] = json!("al");
    claims["email"] = json!("alice@example.com");
    let verifier = verifier(TokenUse::Access);
    let keys = verifier.key_set(jwks(&["old"]).as_bytes()).unwrap();
    let verified = verifier.verify(&keys, &sign("old", &claims), at(0)).unwrap();
    assert_eq!(verified.groups().collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(verified.scopes().collect::<Vec<_>>(), ["openid", "uploads/write"]);
    assert_eq!(
        (verified.subject(), verified.username(), verified.client_id()),
        ("alice", Some("al"), "client")
    );
    assert_eq!(Some(verified.claims()), claims.as_object());
    assert_eq!(verified.claim("email"), claims.get("email"));
    assert_eq!(verified.identity().subject().as_str(), "alice");
    assert_eq!(
        format!("{verified:?}"),
        format!(
            "VerifiedClaims {{ issuer: {ISSUER:?}, subject: \"alice\", token_use: Access, expires_at: {:?}, .. }}",
            at(100)
        )
    );
}

#[test]
fn claims_that_go_on_with_the_identity() {
    let mut claims = claims(NOW + 100);
    claims["custom:tenant"] = json!("acme");
    claims["custom:level"] = json!(7);
    let issuer = TrustedIssuer::user_pool(&POOL.parse().unwrap());
    let config = VerifierConfig::new(issuer, ["client"], TokenUse::Access).unwrap();
    let names = ["custom:tenant", "custom:level", "custom:absent"];
    let verifier = TokenVerifier::new(config.with_identity_claims(names));
    let keys = verifier.key_set(jwks(&["old"]).as_bytes()).unwrap();
    let who = verifier.verify(&keys, &sign("old", &claims), at(0)).unwrap().identity();
    assert_eq!(names.map(|name| who.claim(name)), [Some("acme"), None, None]);
    assert_eq!(who.claim("client_id"), None);
}
