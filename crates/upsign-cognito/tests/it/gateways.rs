//! Events beyond the corpus: valid ones with one change.

use serde_json::{Value, json};
use upsign_cognito::authorizer::{EventIdentity, IamSource, IdentitySource, LambdaAuthorizer};
use upsign_cognito::{ListClaim, ListForm, TokenUse, UserPool, VerifierConfig};

use crate::pool::{ISSUER, NOW, at};

/// The id of the pool of [`ISSUER`].
pub(crate) const POOL: &str = "us-east-1_Test1";

fn config() -> VerifierConfig {
    let pool: UserPool = POOL.parse().unwrap();
    pool.verifier_config(["client"], TokenUse::Any).unwrap()
}

/// Returns the subject, `no identity` for a caller without one, or the code of the rejection.
fn result(source: &IdentitySource, event: &Value) -> String {
    match source.identify(event, at(0)) {
        Ok(found) => {
            found.identity().map_or("no identity", |identity| identity.subject().as_str()).to_owned()
        }
        Err(error) => error.code().to_owned(),
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
fn expiry_is_checked_in_known_formats() {
    let source = IdentitySource::Claims(config());
    let in_v1 = |exp: Value| result(&source, &rest(&json!({ "claims": claims(&exp) }), &Value::Null));
    let in_v2 = |exp: Value| result(&source, &http(&json!({"jwt": {"claims": claims(&exp)}})));
    assert_eq!(in_v1(json!("Thu Jan 01 00:00:00 UTC 2026")), "alice"); // NOW, within the leeway.
    assert_eq!(in_v1(json!("Wed Dec 31 23:59:00 UTC 2025")), "expired");
    assert_eq!(in_v1(json!((NOW - 60).to_string())), "expired");
    assert_eq!(in_v1(json!(NOW - 60)), "expired");
    assert_eq!(in_v1(json!("some other spelling")), "alice");
    assert_eq!(in_v1(json!("")), "alice");
    assert_eq!(in_v2(json!((NOW - 59).to_string())), "alice");
    assert_eq!(in_v2(json!((NOW - 60).to_string())), "expired");
    assert_eq!(in_v2(json!(NOW - 60)), "expired");
}

#[test]
fn requirements_apply_to_events() {
    let mut claims = claims(&json!(NOW));
    let event = |claims: &Value| http(&json!({"jwt": {"claims": claims}}));
    let groups = IdentitySource::Claims(config().with_required_groups(["admin"]).unwrap());
    assert_eq!(result(&groups, &event(&claims)), "groups");
    claims["cognito:groups"] = json!("[[admin] x]");
    assert_eq!(result(&groups, &event(&claims)), "groups");
    claims["cognito:groups"] = json!("[x admin]");
    assert_eq!(result(&groups, &event(&claims)), "alice");
    let scopes = IdentitySource::Claims(config().with_required_scopes(["a/b"]).unwrap());
    assert_eq!(result(&scopes, &event(&claims)), "scopes");
    claims["scope"] = json!("a/bc a/b");
    assert_eq!(result(&scopes, &event(&claims)), "alice");
    claims["aud"] = json!("other");
    assert_eq!(result(&scopes, &event(&claims)), "client");
}

/// Payload 1.0 of an HTTP API has the members of a REST API and the spelling of payload 2.0.
#[test]
fn groups_of_an_http_api_with_payload_1_are_read() {
    let mut claims = claims(&json!(NOW));
    claims["cognito:groups"] = json!("[admin uploaders]");
    let mut event = rest(&json!({ "claims": claims }), &Value::Null);
    let groups = |event: &Value| {
        let caller = IdentitySource::Claims(config()).identify(event, at(0)).unwrap();
        caller.identity().unwrap().groups().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(groups(&event).is_empty(), "a REST API does not spell lists so");
    event["version"] = json!("1.0");
    assert_eq!(groups(&event), ["admin", "uploaders"]);
}

/// Groups that are there but cannot be a list are not the same as none: the operator gets a reason.
#[test]
fn groups_of_another_type_are_rejected_with_a_reason() {
    for unusable in [json!({"a": 1}), json!(7), json!(true), json!(["a", 1])] {
        let mut claims = claims(&json!(NOW));
        claims["cognito:groups"] = unusable.clone();
        for event in [
            rest(&json!({ "claims": claims }), &Value::Null),
            http(&json!({"jwt": {"claims": claims}})),
            json!({"arguments": {}, "info": {}, "identity": {"sub": "alice", "issuer": ISSUER, "claims": claims}}),
        ] {
            let error = IdentitySource::Claims(config()).identify(&event, at(0)).unwrap_err();
            assert_eq!(error.code(), "invalid-claim", "{unusable}");
            assert!(
                error.to_string().contains("`cognito:groups`")
                    && error.to_string().contains("expected a list")
            );
        }
    }
}

/// A list must not become a folder of a key, by whichever way it comes.
#[test]
fn claims_for_keys_are_single_values() {
    let source = IdentitySource::Claims(config().with_identity_claims(["custom:tenant"]));
    let tenant = |value: Value| {
        let mut claims = claims(&json!(NOW));
        claims["custom:tenant"] = value;
        match source.identify(&http(&json!({"jwt": {"claims": claims}})), at(0)) {
            Ok(caller) => caller.identity().unwrap().claim("custom:tenant").map(str::to_owned),
            Err(error) => Some(error.code().to_owned()),
        }
    };
    assert_eq!(tenant(json!("acme")).as_deref(), Some("acme"));
    assert_eq!(tenant(json!("42")).as_deref(), Some("42"));
    assert_eq!(tenant(json!(42)).as_deref(), Some("42"));
    assert_eq!(tenant(json!(true)).as_deref(), Some("true"));
    assert_eq!(tenant(Value::Null), None);
    assert_eq!(tenant(json!(1.5)).as_deref(), Some("1.5"));
    for unusable in
        [json!("[acme globex]"), json!(["acme"]), json!({"a": 1}), json!(1e300), json!("map[a:1]")]
    {
        assert_eq!(tenant(unusable.clone()).as_deref(), Some("invalid-claim"), "{unusable}");
    }
}

#[test]
fn appsync_subject_and_issuer_must_agree() {
    let source = IdentitySource::Claims(config());
    let event = |sub: &str, issuer: &str| {
        let identity = json!({"sub": sub, "issuer": issuer, "claims": claims(&json!(NOW))});
        json!({"arguments": {}, "info": {}, "identity": identity})
    };
    assert_eq!(result(&source, &event("alice", ISSUER)), "alice");
    assert_eq!(result(&source, &event("mallory", ISSUER)), "invalid-claim");
    assert_eq!(result(&source, &event("alice", "https://evil.example")), "invalid-claim");
    let api_key = json!({"arguments": {}, "info": {}, "identity": null});
    assert_eq!(result(&source, &api_key), "no-claims");
}

#[test]
fn iam_callers_are_identified_by_login() {
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
    let rest_event = |logins: &str| rest(&Value::Null, &caller(logins));
    assert_eq!(result(&pool, &rest_event(&format!("{provider},{}", login("alice")))), "alice");
    let other = format!("{provider},{}", login("alice")).replace("Test1", "Other");
    assert_eq!(result(&pool, &rest_event(&other)), "no identity");
    assert_eq!(result(&pool, &rest_event("")), "no identity");
    let http = |amr: Value| {
        let cognito = json!({"amr": amr, "identityId": "us-east-1:id", "identityPoolId": "us-east-1:pool"});
        http(&json!({"iam": {"userArn": "arn", "cognitoIdentity": cognito}}))
    };
    assert_eq!(result(&pool, &http(json!(["authenticated", provider, login("alice")]))), "alice");
    assert_eq!(result(&pool, &http(json!(["unauthenticated", login("alice")]))), "guest");
    assert_eq!(result(&pool, &http(json!([]))), "guest");
    assert_eq!(result(&pool, &http(json!([1]))), "malformed-event");
    let ours = IdentitySource::Iam(IamSource::identity_pool("us-east-1:pool"));
    let other = IdentitySource::Iam(IamSource::identity_pool("us-east-1:other"));
    assert_eq!(result(&ours, &rest_event("accounts.google.com")), "us-east-1:id");
    assert_eq!(result(&other, &rest_event("accounts.google.com")), "no identity");
    assert_eq!(result(&ours, &http(json!(["authenticated"]))), "us-east-1:id");
}

/// The member is text. An identity provider whose user ids are free text could otherwise add a login of the user pool to it.
#[test]
fn login_of_a_rest_api_must_have_the_documented_form_exactly() {
    let provider = ISSUER.strip_prefix("https://").unwrap();
    let alice = format!("{provider}:CognitoSignIn:alice");
    let pool = IdentitySource::Iam(IamSource::user_pool(config().issuer().clone()));
    let read = |logins: &str| {
        let identity = json!({
            "userArn": "arn", "cognitoIdentityId": "id", "cognitoAuthenticationType": "authenticated",
            "cognitoAuthenticationProvider": logins,
        });
        result(&pool, &rest(&Value::Null, &identity))
    };
    assert_eq!(read(&format!("{provider},{alice}")), "alice");
    for logins in [
        // User ids of other providers that contain the login of a user.
        format!("evil.example,evil.example:OIDC:x,{alice}"),
        format!("evil.example,evil.example:OIDC:{alice}"),
        format!("evil.example,{alice}"),
        format!("evil.example,evil.example:OIDC:x,{provider},{alice}"),
        format!("{provider},evil.example,{alice}"),
        format!("{provider},evil.example:OIDC:{alice}"),
        format!("login.example/{provider},{alice}"),
        // A user id of the pool itself.
        format!("{provider},{alice},{provider}:CognitoSignIn:bob"),
        format!("{provider},{alice}:CognitoSignIn:bob"),
        // Parts that are absent, repeated, or spelled in another way.
        alice.clone(),
        provider.to_owned(),
        format!("{alice},{alice}"),
        format!("{alice},{provider}"),
        format!("{provider},{provider},{alice}"),
        format!("{provider},{alice},"),
        format!(",{provider},{alice}"),
        format!("{provider}, {alice}"),
        format!("{provider} ,{alice}"),
        format!("{provider},{provider}:CognitoSignIn:"),
        format!("{provider},{provider}:cognitosignin:alice"),
        format!("https://{provider},https://{alice}"),
    ] {
        let read = read(&logins);
        assert!(!read.contains("alice") && !read.contains("bob"), "{logins} was read as {read}");
    }
}

#[test]
fn iam_caller_does_not_meet_a_requirement_that_it_cannot_show() {
    let provider = ISSUER.strip_prefix("https://").unwrap();
    let login = format!("{provider}:CognitoSignIn:alice");
    let in_v1 = rest(
        &Value::Null,
        &json!({
            "userArn": "arn", "cognitoIdentityId": "id", "cognitoAuthenticationType": "authenticated",
            "cognitoAuthenticationProvider": format!("{provider},{login}"),
        }),
    );
    let cognito =
        json!({"amr": ["authenticated", provider, login], "identityId": "id", "identityPoolId": "p"});
    let in_v2 = http(&json!({"iam": {"userArn": "arn", "cognitoIdentity": cognito}}));
    for event in [in_v1, in_v2] {
        assert_eq!(result(&IdentitySource::ClaimsOrIam(config()), &event), "alice");
        let groups = config().with_required_groups(["admin"]).unwrap();
        assert_eq!(result(&IdentitySource::ClaimsOrIam(groups), &event), "groups");
        let scopes = config().with_required_scopes(["a/b"]).unwrap();
        assert_eq!(result(&IdentitySource::ClaimsOrIam(scopes), &event), "scopes");
    }
    // A caller without an identity is refused for the same reason, not passed on.
    let role = rest(&Value::Null, &json!({"userArn": "arn"}));
    let groups = config().with_required_groups(["admin"]).unwrap();
    assert_eq!(result(&IdentitySource::ClaimsOrIam(groups), &role), "groups");
}

/// In an event with the claims of an authorizer, the fields of IAM are ignored, and the other way around.
#[test]
fn iam_and_claims_do_not_mix() {
    let caller =
        json!({"userArn": "arn", "cognitoIdentityId": "id", "cognitoAuthenticationType": "authenticated"});
    let authorizer = json!({ "claims": claims(&json!("")) });
    let both = rest(&authorizer, &caller);
    assert_eq!(result(&IdentitySource::ClaimsOrIam(config()), &both), "alice");
    assert_eq!(result(&IdentitySource::Claims(config()), &both), "alice");
    assert_eq!(result(&IdentitySource::Iam(IamSource::identity_pool("p")), &both), "no-claims");
    let only_iam = rest(&Value::Null, &caller);
    assert_eq!(result(&IdentitySource::Claims(config()), &only_iam), "no-claims");
    assert!(matches!(
        IdentitySource::ClaimsOrIam(config()).identify(&only_iam, at(0)),
        Ok(EventIdentity::Iam(caller)) if caller.identity_id() == Some("id") && caller.user_arn() == Some("arn")
    ));
}

/// Keys with `{issuer}` need the name from every source.
#[test]
fn every_source_names_the_issuer_of_its_callers() {
    let name = || "main".parse().unwrap();
    let arn = "arn:aws:sts::123456789012:assumed-role/r/s";
    let pool = "us-east-1:11111111-2222-3333-4444-555555555555";
    let provider = format!("cognito-idp.us-east-1.amazonaws.com/{POOL}");
    let iam = http(&json!({"iam": {"userArn": arn, "cognitoIdentity": {
        "identityId": "us-east-1:99999999-2222-3333-4444-555555555555", "identityPoolId": pool,
        "amr": ["authenticated", provider, format!("{provider}:CognitoSignIn:alice")],
    }}}));
    let user_pool: UserPool = POOL.parse().unwrap();
    for (source, event) in [
        (
            IdentitySource::Claims(config().with_issuer_name(name())),
            http(&json!({"jwt": {"claims": claims(&json!(NOW))}})),
        ),
        (
            IdentitySource::LambdaAuthorizer(
                LambdaAuthorizer::new("https://mine.example", "id").with_issuer_name(name()),
            ),
            http(&json!({"lambda": {"id": "alice"}})),
        ),
        (IdentitySource::Iam(IamSource::identity_pool(pool).with_issuer_name(name())), iam.clone()),
        (
            IdentitySource::Iam(IamSource::user_pool(user_pool.trusted_issuer()).with_issuer_name(name())),
            iam.clone(),
        ),
    ] {
        let caller = source.identify(&event, at(0)).unwrap();
        assert_eq!(caller.identity().unwrap().issuer_name(), Some(&name()), "{source:?}");
    }
}

#[test]
fn lambda_authorizer_context() {
    let source = |groups: bool| {
        let source = LambdaAuthorizer::new("https://mine.example", "principalId");
        IdentitySource::LambdaAuthorizer(if groups {
            source.with_groups_claim(ListClaim::new("groups", ListForm::Json))
        } else {
            source
        })
    };
    let groups = |event: &Value| match source(true).identify(event, at(0)) {
        Ok(found) => found.identity().unwrap().groups().map(str::to_owned).collect::<Vec<_>>().join("|"),
        Err(error) => error.code().to_owned(),
    };
    assert_eq!(groups(&rest(&json!({"principalId": "alice", "groups": "a,b"}), &Value::Null)), "a|b");
    assert_eq!(groups(&http(&json!({"lambda": {"principalId": "alice", "groups": ["a", "b"]}}))), "a|b");
    assert_eq!(
        groups(&http(&json!({"lambda": {"principalId": "alice", "groups": {"a": 1}}}))),
        "invalid-claim"
    );
    assert_eq!(groups(&http(&json!({"lambda": {"principalId": "alice", "groups": null}}))), "");
    assert_eq!(groups(&http(&json!({"lambda": null}))), "no-claims");
    assert_eq!(
        result(&source(false), &rest(&json!({"principalId": "alice", "groups": "a"}), &Value::Null)),
        "alice"
    );
    assert_eq!(result(&source(false), &rest(&json!({"principalId": ""}), &Value::Null)), "missing-claim");
    assert_eq!(result(&source(false), &rest(&json!({"principalId": " "}), &Value::Null)), "invalid-claim");
    // A REST API passes on texts only; an HTTP API passes on numbers, too.
    assert_eq!(result(&source(false), &http(&json!({"lambda": {"principalId": 42}}))), "42");
    let numeric = rest(&json!({"principalId": 42}), &Value::Null);
    let error = source(false).identify(&numeric, at(0)).unwrap_err().to_string();
    assert!(error.starts_with("the claim `principalId` is not a text, and a REST API"), "{error}");
    // The context of a REST API has no lists, so authorizers write their JSON.
    assert_eq!(
        groups(&rest(&json!({"principalId": "alice", "groups": "[\"a\",\"b\"]"}), &Value::Null)),
        "a|b"
    );
    // A JWT authorizer's claims are not a Lambda authorizer's context.
    assert_eq!(
        result(&source(false), &http(&json!({"jwt": {"claims": {"principalId": "alice"}}}))),
        "no-claims"
    );
}
