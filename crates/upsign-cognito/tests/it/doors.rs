//! One meaning of a claim: a token gives the same identity when it is verified here and when AWS has verified it, or it is
//! rejected at both.
//!
//! Each source is imitated by how it spells the claims of a token. `claims_sources.json` names the page of each spelling:
//!
//! | source | lists | numbers and booleans |
//! | --- | --- | --- |
//! | REST API, Cognito authorizer | `a,b` | text |
//! | HTTP API, payload 1.0 and 2.0 | `[a b]` | text |
//! | AppSync | as in the token | as in the token |
//! | load balancer | as in the token | as in the token |
//! | Lambda authorizer of a REST API | JSON text, or `a,b` | text |
//! | Lambda authorizer of an HTTP API or of AppSync | as in the token | as in the token |

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use upsign_cognito::CallerClaims;
use upsign_cognito::authorizer::{IdentitySource, LambdaAuthorizer};
use upsign_cognito::{Identity, ListClaim, ListForm, TokenCheck, TokenUse, TrustedIssuer, VerifierConfig};

use super::alb::{FakeAlb, alb, header};
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

/// Returns the sources without an audience of their own, each with an event for a token with these claims: a load balancer, and
/// Lambda authorizers that copy the claims into their context.
fn sources_of_users(token: &Value) -> Vec<(&'static str, IdentitySource, Value)> {
    let groups = || ListClaim::new("cognito:groups", ListForm::Json);
    let scopes = || ListClaim::new("scope", ListForm::Space);
    let signer = FakeAlb::new();
    let read =
        CallerClaims::new("sub").with_groups(groups()).with_scopes(scopes()).with_identity_claims([TENANT]);
    let balancer = alb().with_claims(read).with_only_key(&signer.pem()).unwrap();
    let mut user_info = token.clone();
    user_info["exp"] = (NOW + 100).into();
    let authorizer = || {
        let authorizer = LambdaAuthorizer::new(ISSUER, "sub").with_groups_claim(groups());
        IdentitySource::LambdaAuthorizer(
            authorizer.with_scopes_claim(scopes()).with_identity_claims([TENANT]),
        )
    };
    let context = spelled(token, |names| json!(names).to_string());
    let mut joined = context.clone();
    if let Some(groups) = token.get("cognito:groups") {
        joined.insert("cognito:groups".into(), as_text(groups, |names| names.join(",")));
    }
    let rest = |context: Map<String, Value>| json!({"httpMethod": "POST", "requestContext": {"authorizer": context}});
    let http = json!({"version": "2.0", "requestContext": {"http": {}, "authorizer": {"lambda": token}}});
    let http_1 = json!({"version": "1.0", "httpMethod": "POST", "requestContext": {"authorizer": token}});
    let app_sync = json!({"arguments": {}, "info": {}, "identity": {"resolverContext": token}});
    vec![
        ("load balancer", IdentitySource::Alb(balancer), signer.event(&header(), &user_info)),
        ("Lambda, REST API, JSON text", authorizer(), rest(context)),
        ("Lambda, REST API, commas", authorizer(), rest(joined)),
        ("Lambda, HTTP API 1.0", authorizer(), http_1),
        ("Lambda, HTTP API 2.0", authorizer(), http),
        ("Lambda, AppSync", authorizer(), app_sync),
    ]
}

fn of_token(token: &Value) -> Option<Identity> {
    let check = TokenCheck::new(accepting());
    let keys = check.key_set(jwks(&["old"]).as_bytes()).unwrap();
    check.check(&keys, &sign("old", token), at(0)).ok().map(|claims| claims.identity())
}

fn of_event(event: &Value) -> Option<Identity> {
    IdentitySource::Claims(accepting()).identify(event, at(0)).ok()?.identity().cloned()
}

/// Returns what every source makes of a token with these claims.
fn of_every_source(token: &Value) -> Vec<(&'static str, Option<Identity>)> {
    let gateways = events(token).into_iter().map(|(gateway, event)| (gateway, of_event(&event)));
    let users = sources_of_users(token).into_iter().map(|(name, source, event)| {
        (name, source.identify(&event, at(0)).ok().and_then(|found| found.identity().cloned()))
    });
    gateways.chain(users).collect()
}

/// A value of the claim that becomes part of a key.
fn tenant() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[a-z][a-zA-Z0-9_./-]{0,12}".prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1_000_000_000..0_i64).prop_map(Value::from),
        (1..9_999_u32).prop_map(|thousandths| json!(f64::from(thousandths) / 1_000.0 + 0.000_5)),
        any::<bool>().prop_map(Value::from),
    ]
}

/// Any value of the claim that becomes part of a key, also one that must be refused.
fn any_tenant() -> impl Strategy<Value = Value> {
    prop_oneof![
        tenant(),
        "[ -~]{1,12}".prop_map(Value::from),
        prop::collection::vec("[a-z]{1,8}", 2..4).prop_map(Value::from),
        "[a-z]{1,8}".prop_map(|id| json!({ "id": id })),
    ]
}

/// Groups with any characters that the name of a Cognito group can have, except for the comma of a REST API.
fn any_groups() -> impl Strategy<Value = Value> {
    prop::collection::vec("[!-+--~]{1,8}", 0..4).prop_map(Value::from)
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
        for (source, found) in of_every_source(&token) {
            prop_assert_eq!(&found, &expected, "{}: {}", source, token);
        }
    }

    /// A source that cannot know what the token said rejects the caller. No source makes another key or other groups of it.
    #[test]
    fn no_source_reads_a_claim_differently(tenant in any_tenant(), groups in any_groups()) {
        let mut token = claims(NOW + 100);
        (token[TENANT], token["cognito:groups"]) = (tenant, groups);
        let expected = of_token(&token);
        // An author who joins groups with commas in spite of commas or brackets in their names has made other groups of them.
        let sources = of_every_source(&token).into_iter().filter(|(source, _)| !source.ends_with("commas"));
        for (source, found) in sources {
            let Some(found) = found else { continue };
            prop_assert!(expected.is_some(), "{} accepts {}", source, token);
            let mut expected = expected.clone().unwrap();
            // Groups that cannot be read grant nothing.
            if found.groups().len() == 0 {
                expected = expected.with_groups([""; 0]);
            }
            prop_assert_eq!(found, expected, "{}: {}", source, token);
        }
    }

    /// A list in place of one value is refused, by whichever way it comes: as a list, and as the text in brackets of an HTTP API.
    #[test]
    fn list_does_not_become_part_of_a_key(names in prop::collection::vec("[a-z]{1,8}", 0..4)) {
        let mut token = claims(NOW + 100);
        token[TENANT] = names.into();
        prop_assert_eq!(of_token(&token), None);
        for (source, found) in of_every_source(&token) {
            // A REST API spells a list of one value like the value, and a context of texts has the list as its author wrote it.
            if !source.contains("REST API") {
                prop_assert_eq!(found, None, "{}", source);
            }
        }
    }

    /// Several values are apparent in the text of a REST API, too.
    #[test]
    fn list_of_a_rest_api_does_not_become_part_of_a_key(names in prop::collection::vec("[a-z]{1,8}", 2..4)) {
        let mut token = claims(NOW + 100);
        token[TENANT] = names.into();
        let [(_, rest), ..] = events(&token);
        let error = IdentitySource::Claims(accepting()).identify(&rest, at(0)).unwrap_err();
        prop_assert!(error.to_string().contains("a text with a comma, which can be a list"), "{}", error);
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
