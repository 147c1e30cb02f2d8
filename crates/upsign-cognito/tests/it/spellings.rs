//! Spellings that were taken for an absent claim, or for another value, one test for each.

use serde_json::{Value, json};
use upsign_cognito::authorizer::{EventIdentity, IdentitySource, LambdaAuthorizer};
use upsign_cognito::{Identity, ListClaim, ListForm, Rejection, TokenCheck, VerifierConfig};

use crate::pool::{ISSUER, NOW, at, claims, config, jwks, sign};

const TENANT: &str = "tenant_id";

fn accepting() -> VerifierConfig {
    config().with_identity_claims([TENANT])
}

fn identity(source: &IdentitySource, event: &Value) -> Result<Identity, Rejection> {
    let found = source.identify(event, at(0))?;
    Ok(found.identity().cloned().unwrap())
}

fn of_claims(event: &Value) -> Result<Identity, Rejection> {
    identity(&IdentitySource::Claims(accepting()), event)
}

fn of_context(event: &Value) -> Result<Identity, Rejection> {
    let authorizer = LambdaAuthorizer::new("https://users.example.com", "userId")
        .with_groups_claim(ListClaim::new("groups", ListForm::Json))
        .with_identity_claims([TENANT]);
    identity(&IdentitySource::LambdaAuthorizer(authorizer), event)
}

fn rest(authorizer: &Value) -> Value {
    json!({"httpMethod": "POST", "requestContext": {"authorizer": authorizer}})
}

fn http(authorizer: &Value) -> Value {
    json!({"version": "2.0", "requestContext": {"http": {}, "authorizer": authorizer}})
}

fn app_sync(identity: &Value) -> Value {
    json!({"arguments": {}, "info": {}, "identity": identity})
}

/// The claims of a valid token, with this one.
fn with(claim: &str, value: Value) -> Value {
    let mut claims = claims(NOW + 100);
    claims[claim] = value;
    claims
}

#[test]
fn groups_of_an_http_api_with_payload_1_in_brackets() {
    let mut event = rest(&json!({ "claims": with("cognito:groups", json!("[admin uploaders]")) }));
    event["version"] = json!("1.0");
    assert!(of_claims(&event).unwrap().groups().eq(["admin", "uploaders"]));
}

#[test]
fn groups_of_a_lambda_authorizer_as_json_text() {
    let context = json!({"userId": "alice", "groups": "[\"admin\",\"uploaders\"]"});
    let in_http = http(&json!({ "lambda": context }));
    for event in [rest(&context), in_http, app_sync(&json!({ "resolverContext": context }))] {
        assert!(of_context(&event).unwrap().groups().eq(["admin", "uploaders"]), "{event}");
    }
}

#[test]
fn groups_of_a_lambda_authorizer_in_an_unknown_form_are_rejected_with_a_reason() {
    for groups in ["[admin uploaders]", "admin uploaders", "[\"admin\"", "admin,,uploaders"] {
        let context = json!({"userId": "alice", "groups": groups});
        for event in [rest(&context), http(&json!({ "lambda": context }))] {
            let reason = of_context(&event).unwrap_err().to_string();
            assert!(
                reason.contains("`groups`") && reason.contains("context of the Lambda authorizer"),
                "{reason}"
            );
        }
    }
}

#[test]
fn numeric_user_id_of_an_http_api_is_its_text() {
    let context = json!({"userId": 42, "groups": ["admin"]});
    assert_eq!(of_context(&http(&json!({ "lambda": context }))).unwrap().subject().as_str(), "42");
    let texts = json!({"userId": "42", "groups": "admin"});
    assert_eq!(of_context(&rest(&texts)), of_context(&http(&json!({ "lambda": context }))));
}

#[test]
fn numeric_claim_becomes_part_of_a_key_at_every_source() {
    let check = TokenCheck::new(accepting());
    let keys = check.key_set(jwks(&["old"]).as_bytes()).unwrap();
    let token = check.check(&keys, &sign("old", &with(TENANT, json!(42))), at(0)).unwrap().identity();
    assert_eq!(token.claim(TENANT), Some("42"));
    let claims = with(TENANT, json!("42"));
    let typed = json!({"sub": "alice", "issuer": ISSUER, "claims": with(TENANT, json!(42))});
    let in_http = http(&json!({"jwt": { "claims": claims }}));
    for event in [rest(&json!({ "claims": claims })), in_http, app_sync(&typed)] {
        assert_eq!(of_claims(&event).as_ref(), Ok(&token), "{event}");
    }
    let context = json!({"userId": "alice", TENANT: 42});
    assert_eq!(of_context(&http(&json!({ "lambda": context }))).unwrap().claim(TENANT), Some("42"));
}

#[test]
fn list_never_becomes_a_folder() {
    let list = json!(["acme", "globex"]);
    let in_http = http(&json!({"jwt": {"claims": with(TENANT, json!("[acme globex]"))}}));
    let in_rest = rest(&json!({ "claims": with(TENANT, json!("acme,globex")) }));
    let typed = app_sync(&json!({"sub": "alice", "issuer": ISSUER, "claims": with(TENANT, list.clone())}));
    for (event, source) in
        [(in_http, "an HTTP API, payload 2.0"), (in_rest, "a REST API"), (typed, "AppSync")]
    {
        let reason = of_claims(&event).unwrap_err().to_string();
        assert!(reason.contains("`tenant_id`") && reason.ends_with(source), "{reason}");
    }
    let context = json!({"userId": "alice", TENANT: list});
    let reason = of_context(&http(&json!({ "lambda": context }))).unwrap_err().to_string();
    assert!(reason.contains("`tenant_id` is a list of texts"), "{reason}");
}

#[test]
fn numeric_expiry_of_a_rest_api_is_checked() {
    let two_hours_ago = NOW - 7_200;
    for exp in [json!(two_hours_ago), json!(two_hours_ago.to_string()), json!("1.7672184e9")] {
        let event = rest(&json!({ "claims": with("exp", exp) }));
        assert!(matches!(of_claims(&event), Err(Rejection::Expired { seconds_ago: 7_200, .. })), "{event}");
    }
}

#[test]
fn groups_that_an_http_api_joined_ambiguously_are_reported_and_grant_nothing() {
    let event = http(&json!({"jwt": {"claims": with("cognito:groups", json!("[[admin] x]"))}}));
    let EventIdentity::User(user) = IdentitySource::Claims(config()).identify(&event, at(0)).unwrap() else {
        panic!("a user")
    };
    assert_eq!(user.identity().groups().len(), 0);
    let [reason] = user.unreadable() else { panic!("one reason") };
    assert_eq!(
        reason.to_string(),
        "the claim `cognito:groups` is a text that cannot be split into names: `[[admin] x]`, in the claims of an HTTP API, \
         payload 2.0"
    );
    let required = IdentitySource::Claims(config().with_required_groups(["admin"]).unwrap());
    let denied = required.identify(&event, at(0)).unwrap_err();
    assert_eq!(denied.code(), "groups");
    assert!(denied.to_string().contains("found `[[admin] x]`"), "{denied}");
}
