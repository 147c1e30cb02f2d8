//! Claims of tokens of OpenID Connect issuers, one by one, and what is configurable about them.

use serde_json::{Value, json};
use upsign_jwt::{
    Algorithm, ClientIds, InvalidVerifierConfig, ListClaim, ListForm, TokenCheck, TokenKind, TokenUse,
    TrustedIssuer, VerifiedClaims, Verifier, VerifierConfig, Verifiers,
};

use crate::signer::{NOW, Signer, at};

const ISSUER: &str = "https://id.example.com";

fn issuer() -> TrustedIssuer {
    TrustedIssuer::discover(ISSUER).unwrap()
}

fn config(token_use: TokenUse) -> VerifierConfig {
    VerifierConfig::oidc(issuer(), ["api", "other-api"], token_use).unwrap()
}

/// Returns the claims of a valid token with these changes. `null` removes a claim.
fn claims(changes: &Value) -> Value {
    let mut claims = json!({"iss": ISSUER, "aud": "api", "sub": "alice", "azp": "web", "exp": NOW + 100});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn check(
    config: VerifierConfig,
    header: &Value,
    changes: &Value,
) -> Result<VerifiedClaims, upsign_jwt::Rejection> {
    let signer = Signer::of(Algorithm::Rs256);
    let check = TokenCheck::new(config);
    let keys = check.key_set(signer.jwks().as_bytes()).unwrap();
    check.check(&keys, &signer.sign_with(header, &claims(changes)), at(0))
}

fn code(config: VerifierConfig, header: &Value, changes: &Value) -> &'static str {
    check(config, header, changes).map_or_else(|error| error.code(), |_| "ok")
}

#[track_caller]
fn check_claims(config: VerifierConfig, changes: &Value, expected: &str) {
    assert_eq!(code(config, &json!({}), changes), expected, "{changes}");
}

#[test]
fn audience_is_mandatory() {
    let empty: [&str; 0] = [];
    assert_eq!(
        VerifierConfig::oidc(issuer(), empty, TokenUse::Access).err(),
        Some(InvalidVerifierConfig::Audiences)
    );
    for (audience, expected) in [
        (json!("api"), "ok"),
        (json!("other-api"), "ok"),
        (json!(["userinfo", "api"]), "ok"),
        (json!(["userinfo"]), "audience"),
        (json!([]), "audience"),
        (json!("API"), "audience"),
        (json!("ap"), "audience"),
        (json!("api other"), "audience"),
        (json!(""), "audience"),
        (json!(["api", 1]), "invalid-claim"),
        (json!({"api": true}), "invalid-claim"),
        (json!(7), "invalid-claim"),
        (Value::Null, "missing-claim"),
    ] {
        check_claims(config(TokenUse::Access), &json!({"aud": audience}), expected);
    }
}

/// `typ` decides where it is that of RFC 9068, and otherwise the claims that only one kind has.
#[test]
fn access_and_id_tokens_are_told_apart() {
    let (jwt, access) = (json!({"typ": "JWT"}), json!({"typ": "at+jwt"}));
    let kind = |header: &Value, changes: &Value| {
        check(config(TokenUse::Any), header, changes)
            .map(|claims| claims.token_use())
            .map_err(|error| error.code())
    };
    assert_eq!(kind(&jwt, &json!({})), Ok(None));
    assert_eq!(kind(&access, &json!({})), Ok(Some(TokenKind::Access)));
    assert_eq!(kind(&json!({"typ": "application/AT+JWT"}), &json!({})), Ok(Some(TokenKind::Access)));
    assert_eq!(kind(&access, &json!({"nonce": "n"})), Ok(Some(TokenKind::Access)));
    for id in [json!({"nonce": "n"}), json!({"at_hash": "h"}), json!({"c_hash": "h"}), json!({"typ": "ID"})] {
        assert_eq!(kind(&jwt, &id), Ok(Some(TokenKind::Id)), "{id}");
    }
    for access in
        [json!({"scope": "a"}), json!({"scp": "a"}), json!({"client_id": "web"}), json!({"typ": "Bearer"})]
    {
        assert_eq!(kind(&jwt, &access), Ok(Some(TokenKind::Access)), "{access}");
    }
    // Keycloak's other tokens, and other kinds of JWT.
    for other in ["Refresh", "Offline", "Logout"] {
        assert_eq!(kind(&jwt, &json!({"typ": other})), Err("unknown-token-use"));
    }
    assert_eq!(kind(&json!({"typ": "logout+jwt"}), &json!({})), Err("header-parameter"));
    assert_eq!(kind(&json!({"typ": "dpop+jwt"}), &json!({})), Err("header-parameter"));
    // Where only one kind is accepted, a token that shows the other is rejected.
    assert_eq!(code(config(TokenUse::Access), &jwt, &json!({"nonce": "n"})), "token-use");
    assert_eq!(code(config(TokenUse::Id), &jwt, &json!({"nonce": "n"})), "ok");
    assert_eq!(code(config(TokenUse::Id), &jwt, &json!({"scope": "a"})), "token-use");
    assert_eq!(code(config(TokenUse::Id), &access, &json!({})), "token-use");
    assert_eq!(code(config(TokenUse::Access), &jwt, &json!({})), "ok");
    // RFC 9068, section 4.
    assert_eq!(
        code(config(TokenUse::Access).with_required_type(), &jwt, &json!({"scope": "a"})),
        "token-use"
    );
    assert_eq!(code(config(TokenUse::Access).with_required_type(), &access, &json!({})), "ok");
    assert_eq!(code(config(TokenUse::Id).with_required_type(), &jwt, &json!({})), "ok");
}

#[test]
fn clients_are_restricted_if_they_are_listed() {
    let only = |ids: &[&str]| config(TokenUse::Any).with_client_ids(ids.iter()).unwrap();
    check_claims(config(TokenUse::Any), &json!({"azp": "anyone"}), "ok");
    check_claims(config(TokenUse::Any), &json!({"azp": null}), "ok");
    check_claims(only(&["web"]), &json!({}), "ok");
    check_claims(only(&["web"]), &json!({"azp": "other"}), "client");
    check_claims(only(&["web"]), &json!({"azp": null}), "missing-claim");
    check_claims(only(&["web"]), &json!({"azp": ["web"]}), "invalid-claim");
    // RFC 9068 has `client_id`, Microsoft Entra 1.0 `appid`, Okta `cid`.
    for name in ["client_id", "appid", "cid"] {
        check_claims(only(&["web"]), &json!({"azp": null, name: "web"}), "ok");
        check_claims(only(&["web"]), &json!({"azp": null, name: "other"}), "client");
    }
    check_claims(only(&["web"]), &json!({"azp": "web", "client_id": "other"}), "client");
    // The audience of an id token is its client.
    check_claims(only(&["api"]), &json!({"azp": null, "nonce": "n"}), "ok");
    check_claims(only(&["web"]), &json!({"azp": null, "nonce": "n"}), "client");
    let any = only(&["web"]).with_client_ids(ClientIds::Any).unwrap();
    assert!(any.accepts_any_client());
    check_claims(any, &json!({"azp": "other"}), "ok");
    let wildcard = config(TokenUse::Any).with_client_ids(["*"]).unwrap_err();
    assert!(wildcard.to_string().contains("write \"any\" in place of the list"), "{wildcard}");
}

#[test]
fn subject_can_be_another_claim() {
    let by_oid = || config(TokenUse::Any).with_subject_claim("oid");
    let subject =
        |changes: &Value| check(by_oid(), &json!({}), changes).map(|claims| claims.subject().to_owned());
    assert_eq!(subject(&json!({"oid": "o-1"})).as_deref(), Ok("o-1"));
    assert_eq!(subject(&json!({"oid": "o-1", "sub": null})).as_deref(), Ok("o-1"));
    assert_eq!(subject(&json!({"oid": 7})).as_deref(), Ok("7"));
    for (changes, expected) in [
        (json!({}), "the claim `oid` is missing"),
        (
            json!({"oid": ["o-1"]}),
            "the claim `oid` is a list of texts, expected a text, a number or a boolean",
        ),
        (json!({"oid": " "}), "the claim `oid` is blank, or has control characters"),
    ] {
        assert_eq!(subject(&changes).unwrap_err().to_string(), expected);
    }
}

#[test]
fn groups_and_scopes_are_read_by_name_and_form() {
    let groups = |name: &str, form, changes: &Value| {
        let config = config(TokenUse::Any).with_groups_claim(ListClaim::new(name, form));
        match check(config, &json!({}), changes) {
            Ok(claims) => claims.groups().collect::<Vec<_>>().join("|"),
            Err(error) => error.code().to_owned(),
        }
    };
    let realm = json!({"realm_access": {"roles": ["a", "b"]}});
    assert_eq!(groups("realm_access.roles", ListForm::Json, &realm), "a|b");
    assert_eq!(groups("realm_access.other", ListForm::Json, &realm), "");
    assert_eq!(groups("realm_access", ListForm::Json, &realm), "invalid-claim");
    // The name of a claim with dots comes before a path.
    let url = json!({"https://example.com/roles": ["a"], "x.y": ["whole"], "x": {"y": ["path"]}});
    assert_eq!(groups("https://example.com/roles", ListForm::Json, &url), "a");
    assert_eq!(groups("x.y", ListForm::Json, &url), "whole");
    assert_eq!(groups("groups", ListForm::Json, &json!({})), "");
    assert_eq!(groups("groups", ListForm::Json, &json!({"groups": ["a", "b c"]})), "a|b c");
    assert_eq!(groups("groups", ListForm::Json, &json!({"groups": "a"})), "invalid-claim");
    assert_eq!(groups("groups", ListForm::Comma, &json!({"groups": "a,b c"})), "a|b c");
    assert_eq!(groups("groups", ListForm::Space, &json!({"groups": "a b"})), "a|b");
    assert_eq!(groups("groups", ListForm::Bracket, &json!({"groups": "[a, b]"})), "a|b");
    assert_eq!(groups("groups", ListForm::Bracket, &json!({"groups": "a b"})), "invalid-claim");
    let scopes = |claim, changes: &Value| {
        let config = config(TokenUse::Any).with_scopes_claim(claim).with_required_scopes(["up"]).unwrap();
        code(config, &json!({}), changes)
    };
    assert_eq!(scopes(ListClaim::new("scp", ListForm::Space), &json!({"scp": "read up"})), "ok");
    assert_eq!(scopes(ListClaim::new("scp", ListForm::Json), &json!({"scp": ["up"]})), "ok");
    assert_eq!(scopes(ListClaim::new("scp", ListForm::Space), &json!({"scope": "up"})), "scopes");
}

/// A user pool with a company directory behind it copies the groups of the directory into an attribute.
#[test]
fn groups_of_a_company_directory_behind_a_user_pool() {
    let config = VerifierConfig::new(issuer(), ["web"], TokenUse::Id)
        .unwrap()
        .with_groups_claim(ListClaim::new("custom:groups", ListForm::Bracket))
        .with_required_groups(["Uploaders"])
        .unwrap();
    let changes = json!({
        "token_use": "id", "aud": "web", "custom:groups": "[Staff, Uploaders]", "cognito:groups": ["pool-group"],
    });
    let claims = check(config, &json!({}), &changes).unwrap();
    assert_eq!(claims.groups().collect::<Vec<_>>(), ["Staff", "Uploaders"]);
}

/// RFC 7519, section 4.1.3: an access token that was requested for another API is not for this one.
#[test]
fn access_token_of_a_user_pool_for_another_api_is_rejected() {
    let config = || VerifierConfig::new(issuer(), ["web"], TokenUse::Any).unwrap();
    let access = |audience: Value| json!({"token_use": "access", "client_id": "web", "aud": audience});
    check_claims(config(), &access(Value::Null), "ok");
    check_claims(config(), &access(json!("web")), "ok");
    check_claims(config(), &access(json!("https://billing.example.com")), "audience");
    check_claims(config(), &access(json!(["https://billing.example.com"])), "audience");
    check_claims(config(), &access(json!(7)), "invalid-claim");
    let for_api = || config().with_audiences(["https://uploads.example.com"]).unwrap();
    check_claims(for_api(), &access(json!("https://uploads.example.com")), "ok");
    check_claims(for_api(), &access(json!(["x", "https://uploads.example.com"])), "ok");
    check_claims(for_api(), &access(json!("https://billing.example.com")), "audience");
    check_claims(for_api(), &access(json!("web")), "audience");
    check_claims(for_api(), &access(Value::Null), "missing-claim");
    // The audience of an id token is the client, whatever the audiences of access tokens are.
    check_claims(for_api(), &json!({"token_use": "id", "aud": "web"}), "ok");
}

/// One verifier for a user pool and one for another issuer.
#[tokio::test]
async fn verifiers_accept_issuers_of_both_kinds() {
    let pool_issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test1";
    let pool = TrustedIssuer::from_known_urls([pool_issuer], "https://keys.example.com");
    let pool = VerifierConfig::new(pool, ["web"], TokenUse::Access).unwrap();
    let openid = config(TokenUse::Access).with_algorithms([Algorithm::Es256]).unwrap();
    let (rsa, ec) = (Signer::of(Algorithm::Rs256), Signer::of(Algorithm::Es256));
    let verifiers = Verifiers::new([
        Verifier::with_static_keys(pool, rsa.jwks()).unwrap(),
        Verifier::with_static_keys(openid, ec.jwks()).unwrap(),
    ])
    .unwrap();
    let of_pool = json!({"iss": pool_issuer, "token_use": "access", "client_id": "web", "aud": null});
    let code = async |signer: &Signer, changes: &Value| {
        let result = verifiers.verify(&signer.sign(&claims(changes)), at(0)).await;
        result.map_or_else(|error| error.code(), |_| "ok")
    };
    assert_eq!(code(rsa, &of_pool).await, "ok");
    assert_eq!(code(ec, &json!({})).await, "ok");
    assert_eq!(code(ec, &of_pool).await, "algorithm");
    assert_eq!(code(rsa, &json!({})).await, "algorithm");
    // The requirements of each stay apart: no `token_use` for the pool, no audience for the other.
    assert_eq!(code(rsa, &json!({"iss": pool_issuer})).await, "missing-claim");
    assert_eq!(code(ec, &json!({"aud": "web"})).await, "audience");
}
