//! Events beyond the corpus: what a gateway says, bent in one place.

use serde_json::{Value, json};
use upsign_cognito::authorizer::{EventIdentity, IamSource, IdentitySource, LambdaAuthorizer};
use upsign_cognito::{TokenUse, TrustedIssuer, VerifierConfig};

use crate::pool::{ISSUER, NOW, POOL, at};

fn config() -> VerifierConfig {
    let issuer = TrustedIssuer::user_pool(&POOL.parse().unwrap());
    VerifierConfig::new(issuer, ["client"], TokenUse::Any).unwrap()
}

/// `alice`, or the code of the reason.
fn verdict(source: &IdentitySource, event: &Value) -> String {
    match source.identify(event, at(0)) {
        Ok(found) => found.identity().map_or("nobody", |who| who.subject().as_str()).to_owned(),
        Err(why) => why.code().to_owned(),
    }
}

fn rest(authorizer: &Value, identity: &Value) -> Value {
    json!({"httpMethod": "POST", "requestContext": {"authorizer": authorizer, "identity": identity}})
}

fn http(authorizer: &Value) -> Value {
    json!({"version": "2.0", "requestContext": {"http": {}, "authorizer": authorizer}})
}

fn claims(exp: &Value) -> Value {
    json!({"iss": ISSUER, "sub": "alice", "aud": "client", "token_use": "id", "exp": exp})
}

#[test]
fn expiry_is_checked_where_it_can_be_read() {
    let source = IdentitySource::Claims(config());
    let in_v1 = |exp: Value| verdict(&source, &rest(&json!({ "claims": claims(&exp) }), &Value::Null));
    let in_v2 = |exp: Value| verdict(&source, &http(&json!({"jwt": {"claims": claims(&exp)}})));
    assert_eq!(in_v1(json!("Thu Jan 01 00:00:00 UTC 2026")), "alice"); // NOW, within the leeway.
    assert_eq!(in_v1(json!("Wed Dec 31 23:59:00 UTC 2025")), "expired");
    assert_eq!(in_v1(json!((NOW - 60).to_string())), "expired");
    assert_eq!(in_v1(json!("some other spelling")), "alice");
    assert_eq!(in_v1(json!("")), "alice");
    assert_eq!(in_v2(json!((NOW - 59).to_string())), "alice");
    assert_eq!(in_v2(json!((NOW - 60).to_string())), "expired");
    assert_eq!(in_v2(json!(NOW - 60)), "expired");
}

#[test]
fn requirements_hold_for_gateways_too() {
    let mut claims = claims(&json!(NOW));
    let event = |claims: &Value| http(&json!({"jwt": {"claims": claims}}));
    let groups = IdentitySource::Claims(config().with_required_groups(["admin"]).unwrap());
    assert_eq!(verdict(&groups, &event(&claims)), "groups");
    claims["cognito:groups"] = json!("[[admin] x]");
    assert_eq!(verdict(&groups, &event(&claims)), "groups");
    claims["cognito:groups"] = json!("[x admin]");
    assert_eq!(verdict(&groups, &event(&claims)), "alice");
    let scopes = IdentitySource::Claims(config().with_required_scopes(["a/b"]).unwrap());
    assert_eq!(verdict(&scopes, &event(&claims)), "scopes");
    claims["scope"] = json!("a/bc a/b");
    assert_eq!(verdict(&scopes, &event(&claims)), "alice");
    claims["aud"] = json!("other");
    assert_eq!(verdict(&scopes, &event(&claims)), "client");
}

#[test]
fn app_sync_says_everything_twice() {
    let source = IdentitySource::Claims(config());
    let event = |sub: &str, issuer: &str| {
        let identity = json!({"sub": sub, "issuer": issuer, "claims": claims(&json!(NOW))});
        json!({"arguments": {}, "info": {}, "identity": identity})
    };
    assert_eq!(verdict(&source, &event("alice", ISSUER)), "alice");
    assert_eq!(verdict(&source, &event("mallory", ISSUER)), "invalid-claim");
    assert_eq!(verdict(&source, &event("alice", "https://evil.example")), "invalid-claim");
    let api_key = json!({"arguments": {}, "info": {}, "identity": null});
    assert_eq!(verdict(&source, &api_key), "no-claims");
}

#[test]
fn iam_callers() {
    let provider = ISSUER.strip_prefix("https://").unwrap();
    let login = |sub: &str| format!("{provider}:CognitoSignIn:{sub}");
    let caller = |logins: &str| {
        json!({
            "userArn": "arn:aws:sts::1:assumed-role/r/CognitoIdentityCredentials", "cognitoIdentityId": "us-east-1:id",
            "cognitoIdentityPoolId": "us-east-1:pool", "cognitoAuthenticationType": "authenticated",
            "cognitoAuthenticationProvider": logins,
        })
    };
    let pool = IdentitySource::Iam(IamSource::user_pool(config().issuer().clone()));
    let rest = |logins: &str| rest(&Value::Null, &caller(logins));
    assert_eq!(verdict(&pool, &rest(&format!("{provider},{}", login("alice")))), "alice");
    assert_eq!(verdict(&pool, &rest(&format!("{},{}", login("alice"), login("alice")))), "alice");
    assert_eq!(verdict(&pool, &rest(&format!("{},{}", login("alice"), login("bob")))), "malformed-event");
    assert_eq!(verdict(&pool, &rest(&login("alice").replace("Test1", "Other"))), "nobody");
    assert_eq!(verdict(&pool, &rest(&format!("evil.example/{}", login("alice")))), "nobody");
    assert_eq!(verdict(&pool, &rest("")), "nobody");
    let http = |amr: Value| {
        let cognito = json!({"amr": amr, "identityId": "us-east-1:id", "identityPoolId": "us-east-1:pool"});
        http(&json!({"iam": {"userArn": "arn", "cognitoIdentity": cognito}}))
    };
    assert_eq!(verdict(&pool, &http(json!(["authenticated", provider, login("alice")]))), "alice");
    assert_eq!(verdict(&pool, &http(json!(["unauthenticated", login("alice")]))), "guest");
    assert_eq!(verdict(&pool, &http(json!([]))), "guest");
    assert_eq!(verdict(&pool, &http(json!([1]))), "malformed-event");
    let ours = IdentitySource::Iam(IamSource::identity_pool("us-east-1:pool"));
    let other = IdentitySource::Iam(IamSource::identity_pool("us-east-1:other"));
    assert_eq!(verdict(&ours, &rest("accounts.google.com")), "us-east-1:id");
    assert_eq!(verdict(&other, &rest("accounts.google.com")), "nobody");
    assert_eq!(verdict(&ours, &http(json!(["authenticated"]))), "us-east-1:id");
}

/// Where an authorizer has spoken, IAM's fields are not asked, and the other way round.
#[test]
fn iam_and_claims_do_not_mix() {
    let caller =
        json!({"userArn": "arn", "cognitoIdentityId": "id", "cognitoAuthenticationType": "authenticated"});
    let authorizer = json!({ "claims": claims(&json!("")) });
    let both = rest(&authorizer, &caller);
    assert_eq!(verdict(&IdentitySource::ClaimsOrIam(config()), &both), "alice");
    assert_eq!(verdict(&IdentitySource::Claims(config()), &both), "alice");
    assert_eq!(verdict(&IdentitySource::Iam(IamSource::identity_pool("p")), &both), "no-claims");
    let only_iam = rest(&Value::Null, &caller);
    assert_eq!(verdict(&IdentitySource::Claims(config()), &only_iam), "no-claims");
    assert!(matches!(
        IdentitySource::ClaimsOrIam(config()).identify(&only_iam, at(0)),
        Ok(EventIdentity::Iam(caller)) if caller.identity_id() == Some("id") && caller.user_arn() == Some("arn")
    ));
}

#[test]
fn a_lambda_authorizer() {
    let source = |groups: bool| {
        let source = LambdaAuthorizer::new("https://mine.example", "principalId");
        IdentitySource::LambdaAuthorizer(if groups { source.with_groups_field("groups") } else { source })
    };
    let groups = |event: &Value| match source(true).identify(event, at(0)) {
        Ok(found) => found.identity().unwrap().groups().map(str::to_owned).collect::<Vec<_>>().join("|"),
        Err(why) => why.code().to_owned(),
    };
    assert_eq!(groups(&rest(&json!({"principalId": "alice", "groups": "a,b"}), &Value::Null)), "a|b");
    assert_eq!(groups(&http(&json!({"lambda": {"principalId": "alice", "groups": ["a", "b"]}}))), "a|b");
    assert_eq!(groups(&http(&json!({"lambda": {"principalId": "alice", "groups": {"a": 1}}}))), "");
    assert_eq!(groups(&http(&json!({"lambda": null}))), "no-claims");
    assert_eq!(
        verdict(&source(false), &rest(&json!({"principalId": "alice", "groups": "a"}), &Value::Null)),
        "alice"
    );
    assert_eq!(verdict(&source(false), &rest(&json!({"principalId": ""}), &Value::Null)), "no-claims");
    assert_eq!(verdict(&source(false), &rest(&json!({"principalId": " "}), &Value::Null)), "invalid-claim");
    // A JWT authorizer's claims are not a Lambda authorizer's context.
    assert_eq!(
        verdict(&source(false), &http(&json!({"jwt": {"claims": {"principalId": "alice"}}}))),
        "no-claims"
    );
}
