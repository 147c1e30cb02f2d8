//! Reasons of rejected tokens, for the operator: found and expected, whole.

use serde_json::{Value, json};
use upsign_jwt::{Algorithm, TokenCheck, TokenUse, TrustedIssuer, VerifierConfig};

use crate::signer::{NOW, Signer, at};

const ISSUER: &str = "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0";

fn config() -> VerifierConfig {
    let issuer = TrustedIssuer::discover(ISSUER).unwrap();
    VerifierConfig::oidc(issuer, ["api", "api://uploads"], TokenUse::Access).unwrap()
}

/// Returns the message for a token with these claims changed.
fn reason(config: VerifierConfig, changes: &Value) -> String {
    let mut claims =
        json!({"iss": ISSUER, "aud": "api", "sub": "alice", "azp": "web", "scope": "read", "exp": NOW + 100});
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    reason_of(config, &Signer::of(Algorithm::Rs256).sign(&claims))
}

fn reason_of(config: VerifierConfig, token: &str) -> String {
    let check = TokenCheck::new(config);
    let keys = check.key_set(Signer::of(Algorithm::Rs256).jwks().as_bytes()).unwrap();
    check.check(&keys, token, at(0)).unwrap_err().to_string()
}

#[test]
fn found_and_expected_are_shown_whole() {
    let other = "https://login.microsoftonline.com/99999999-0000-cccc-1111-dddd2222eeee/v2.0";
    assert_eq!(
        reason(config(), &json!({"iss": other})),
        format!("issuer mismatch: the token was issued by `{other}`, expected {ISSUER}")
    );
    assert_eq!(
        reason(config(), &json!({"aud": ["billing", "userinfo"]})),
        "the token is for the audience `billing userinfo`, but the configured audiences are: api, api://uploads"
    );
    assert_eq!(
        reason(config().with_client_ids(["app", "cli"]).unwrap(), &json!({})),
        "the token was issued to the app client `web`, which is not one of the configured client ids: app, cli"
    );
    assert_eq!(
        reason(
            config().with_required_groups(["editors", "admins"]).unwrap(),
            &json!({"groups": ["readers"]})
        ),
        "the caller is in none of the required groups: found `readers`, expected one of editors, admins"
    );
    assert_eq!(
        reason(config().with_required_scopes(["write"]).unwrap(), &json!({"scope": "read openid"})),
        "the token has none of the required scopes: found `read openid`, expected one of write"
    );
    assert_eq!(
        reason(config().with_required_groups(["editors"]).unwrap(), &json!({})),
        "the caller is in none of the required groups: found none, expected one of editors"
    );
    assert_eq!(
        reason(config().with_required_scopes(["write"]).unwrap(), &json!({"scope": ""})),
        "the token has none of the required scopes: found none, expected one of write"
    );
    assert_eq!(
        reason(config(), &json!({"nonce": "n", "scope": "read", "typ": "ID"})),
        "this is an id token, expected an access token: the token use is `id`"
    );
    assert_eq!(
        reason(config().with_identity_claims(["tenant"]), &json!({"tenant": ["a"]})),
        "the claim `tenant` is a list of texts, expected a text, a number or a boolean"
    );
}

/// A user in many groups, and a service with many clients: the message ends, and says how much it leaves out.
#[test]
fn long_lists_are_shown_as_far_as_a_log_line_allows() {
    let group = |number: usize| format!("aaaabbbb-0000-cccc-1111-{number:012}");
    let groups = |count: usize| -> Vec<String> { (0..count).map(group).collect() };
    let required = |count: usize| config().with_required_groups((0..count).map(|n| format!("g{n}"))).unwrap();
    let message = reason(required(2), &json!({"groups": groups(25)}));
    let found = groups(25).join(" ");
    assert_eq!(
        message,
        format!("the caller is in none of the required groups: found `{found}`, expected one of g0, g1")
    );
    let message = reason(required(3_000), &json!({"groups": groups(100)}));
    assert!(message.len() < 3_400, "{}", message.len());
    assert!(message.contains(&group(26)) && message.contains("…`, expected one of g0, g1, "), "{message}");
    assert!(message.ends_with(" more"), "{message}");

    let client = "c".repeat(255);
    let message = reason(config().with_client_ids([&client]).unwrap(), &json!({"azp": format!("{client}d")}));
    assert!(message.contains(&format!("`{client}d`")) && message.ends_with(&client), "{message}");
    let audience = format!("api://{}", "a".repeat(250));
    let message = reason(config(), &json!({"aud": [audience, "userinfo"]}));
    assert!(message.contains(&format!("`{audience} userinfo`")), "{message}");
    let scopes = (0..100).map(|number| format!("scope:{number}")).collect::<Vec<_>>().join(" ");
    let message = reason(config().with_required_scopes(["write"]).unwrap(), &json!({"scope": scopes}));
    assert!(
        message.contains(&format!("`{scopes}`")) && message.ends_with("expected one of write"),
        "{message}"
    );
}

/// An issuer as long as one of any provider, of which only the last character differs.
#[test]
fn issuers_are_shown_to_their_end() {
    let issuer = format!("https://id.example.com/{}", "r".repeat(230));
    let config = config().with_issuer(TrustedIssuer::offline(&issuer).unwrap());
    let message = reason(config, &json!({"iss": format!("{issuer}x")}));
    assert_eq!(message, format!("issuer mismatch: the token was issued by `{issuer}x`, expected {issuer}"));
}

#[test]
fn mistakes_of_people_who_copy_tokens_are_named() {
    let token = Signer::of(Algorithm::Rs256).sign(&json!({}));
    for (text, expected) in [
        (format!("\"{token}\""), "the token is in quotation marks; send it without them"),
        (
            format!("Bearer {token}"),
            "the token begins with `Bearer `, which the header contains already; send it once",
        ),
        (
            format!("{{\"access_token\":\"{token}\"}}"),
            "this is a JSON object, not a token; send its member `access_token` or `id_token`",
        ),
        // The shape of a refresh token of Amazon Cognito.
        (
            "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ.a.b.c.d".to_owned(),
            "this is not a JWT: five parts joined by dots are an encrypted token (JWE), such as a refresh token of Cognito, \
             or an access token that was requested without an audience from Auth0; send an access token for this API, or \
             the id token",
        ),
    ] {
        assert_eq!(reason_of(config(), &text), expected);
    }
}

/// A pool whose issuer is configured as a URL has only that name.
#[test]
fn other_issuer_name_of_the_same_user_pool_is_named() {
    let configured = "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123";
    let issuer = TrustedIssuer::custom(configured, "https://keys.example.com").unwrap();
    let config = VerifierConfig::new(issuer, ["web"], TokenUse::Access).unwrap();
    let found = configured.replace("cognito-idp", "issuer-cognito-idp");
    assert_eq!(
        reason(config, &json!({"iss": found})),
        format!(
            "issuer mismatch: the token was issued by `{found}`, expected {configured}; these are the two issuer names \
             of one user pool: configure its id in place of the issuer, to accept both"
        )
    );
}
