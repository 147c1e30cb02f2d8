//! One meaning of a claim: a token gives the same identity when it is verified here and when a gateway has verified it.
//!
//! Each gateway is imitated by how it spells the claims of a token:
//!
//! | gateway | lists | numbers and booleans | source |
//! | --- | --- | --- | --- |
//! | REST API, Cognito authorizer | `a,b` | text | API Gateway developer guide, "Integrate a REST API with a Cognito user pool" |
//! | HTTP API, payload 1.0 and 2.0 | `[a b]` | text | API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs" |
//! | AppSync | as in the token | as in the token | AppSync developer guide, "Resolver mapping template context reference" |

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use upsign_cognito::authorizer::IdentitySource;
use upsign_cognito::{Identity, ListClaim, ListForm, TokenCheck, TokenUse, TrustedIssuer, VerifierConfig};

use crate::pool::{ISSUER, NOW, at, claims, config, jwks, sign};

const TENANT: &str = "custom:tenant";

fn accepting() -> VerifierConfig {
    config().with_identity_claims([TENANT])
}

/// Spells a claim as text, as the gateways do that cannot send another type.
fn as_text(value: &Value, list: impl Fn(&[&str]) -> String) -> Value {
    match value {
        Value::String(text) => text.clone().into(),
        Value::Array(items) => {
            list(&items.iter().map(|item| item.as_str().unwrap()).collect::<Vec<_>>()).into()
        }
        other => other.to_string().into(),
    }
}

fn spelled(token: &Value, list: impl Fn(&[&str]) -> String + Copy) -> Map<String, Value> {
    token.as_object().unwrap().iter().map(|(name, value)| (name.clone(), as_text(value, list))).collect()
}

/// Returns the events of all gateways for a token with these claims.
fn events(token: &Value) -> [(&'static str, Value); 4] {
    let commas = spelled(token, |names| names.join(","));
    let brackets = spelled(token, |names| format!("[{}]", names.join(" ")));
    let rest = json!({"httpMethod": "POST", "requestContext": {"authorizer": {"claims": commas}}});
    let http_1 = json!({
        "version": "1.0", "httpMethod": "POST", "requestContext": {"authorizer": {"claims": brackets}},
    });
    let http_2 = json!({
        "version": "2.0", "requestContext": {"http": {}, "authorizer": {"jwt": {"claims": brackets, "scopes": null}}},
    });
    let app_sync = json!({
        "arguments": {}, "info": {}, "identity": {"sub": token["sub"], "issuer": ISSUER, "claims": token},
    });
    [("REST API", rest), ("HTTP API 1.0", http_1), ("HTTP API 2.0", http_2), ("AppSync", app_sync)]
}

fn of_token(token: &Value) -> Option<Identity> {
    let check = TokenCheck::new(accepting());
    let keys = check.key_set(jwks(&["old"]).as_bytes()).unwrap();
    check.check(&keys, &sign("old", token), at(0)).ok().map(|claims| claims.identity())
}

fn of_event(event: &Value) -> Option<Identity> {
    IdentitySource::Claims(accepting()).identify(event, at(0)).ok()?.identity().cloned()
}

/// A value of the claim that becomes part of a key.
fn tenant() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[a-z][a-zA-Z0-9_./-]{0,12}".prop_map(Value::from),
        any::<u32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
    ]
}

proptest! {
    #[test]
    fn token_has_one_identity_at_every_gateway(
        groups in prop::option::of(prop::collection::vec("[A-Za-z0-9_.:-]{1,12}", 1..5)),
        scopes in prop::option::of(prop::collection::vec("[a-z/.]{1,12}", 1..5)),
        tenant in prop::option::of(tenant()),
        subject in "[a-z0-9-]{1,36}",
    ) {
        let mut token = claims(NOW + 100);
        token["sub"] = subject.into();
        token["username"] = "al".into();
        if let Some(groups) = groups {
            token["cognito:groups"] = groups.into();
        }
        if let Some(scopes) = scopes {
            token["scope"] = scopes.join(" ").into();
        }
        if let Some(tenant) = tenant {
            token[TENANT] = tenant;
        }
        let expected = of_token(&token);
        prop_assert!(expected.is_some());
        for (gateway, event) in events(&token) {
            let found = of_event(&event);
            prop_assert_eq!(&found, &expected, "{}: {}", gateway, event);
            prop_assert_eq!(found.map(|found| found.claim(TENANT).map(str::to_owned)),
                expected.as_ref().map(|found| Some(found.claim(TENANT)?.to_owned())), "{}", gateway);
        }
    }

    /// A list in place of one value is refused, by whichever way it comes: as a list, and as the text in brackets of an HTTP API.
    #[test]
    fn list_does_not_become_part_of_a_key(names in prop::collection::vec("[a-z]{1,8}", 0..4)) {
        let mut token = claims(NOW + 100);
        token[TENANT] = names.into();
        prop_assert_eq!(of_token(&token), None);
        for (gateway, event) in events(&token).into_iter().filter(|(gateway, _)| *gateway != "REST API") {
            prop_assert_eq!(of_event(&event), None, "{}", gateway);
        }
    }

    /// A JWT authorizer of an HTTP API accepts any OpenID Connect issuer, and AppSync does as well.
    #[test]
    fn token_of_an_openid_issuer_has_one_identity_at_every_gateway(
        audiences in prop::collection::vec("[a-z:/]{1,12}", 1..4),
        roles in prop::collection::vec("[A-Za-z0-9_.:-]{1,12}", 1..5),
        is_list in any::<bool>(),
    ) {
        let issuer = TrustedIssuer::custom(ISSUER, "https://keys.example.com/").unwrap();
        let roles_claim = ListClaim::new("roles", ListForm::Json);
        let accepting = VerifierConfig::oidc(issuer, ["api"], TokenUse::Any).unwrap().with_groups_claim(roles_claim);
        let mut token = json!({"iss": ISSUER, "sub": "alice", "azp": "web", "exp": NOW + 100, "roles": roles});
        let audience = [audiences, vec!["api".to_owned()]].concat();
        token["aud"] = if is_list { audience.into() } else { "api".into() };
        let check = TokenCheck::new(accepting.clone());
        let keys = check.key_set(jwks(&["old"]).as_bytes()).unwrap();
        let expected = check.check(&keys, &sign("old", &token), at(0)).unwrap().identity();
        prop_assert!(expected.groups().eq(roles.iter().map(String::as_str)));
        let source = IdentitySource::Claims(accepting);
        for (gateway, event) in events(&token).into_iter().filter(|(gateway, _)| *gateway != "REST API") {
            let found = source.identify(&event, at(0)).map(|found| found.identity().cloned());
            prop_assert_eq!(found, Ok(Some(expected.clone())), "{}", gateway);
            let mut other = event;
            let text = other.to_string().replace("api", "other");
            other = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(source.identify(&other, at(0)).unwrap_err().code(), "audience", "{}", gateway);
        }
    }

    /// The expiry is checked again at every gateway, however it is spelled.
    #[test]
    fn expired_token_is_rejected_at_every_gateway(seconds in 60..100_000_u64) {
        let token = claims(NOW - seconds);
        prop_assert_eq!(of_token(&token), None);
        for (gateway, event) in events(&token) {
            prop_assert_eq!(of_event(&event), None, "{}", gateway);
        }
    }
}
