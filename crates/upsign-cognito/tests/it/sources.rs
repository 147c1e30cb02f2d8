//! The corpus of claims at every source: each spelling is read as the value that it means, or is rejected with a reason.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use upsign_cognito::CallerClaims;
use upsign_cognito::authorizer::{EventIdentity, EventUser, IamSource, IdentitySource, LambdaAuthorizer};
use upsign_cognito::{Identity, ListClaim, Rejection, TokenCheck, TokenUse, UserPool, VerifierConfig};

use super::alb::{FakeAlb, alb};
use crate::corpus::{cases, corpus, text};
use crate::gateways::POOL;
use crate::pool::{ISSUER, NOW, at, jwks, sign};

const LAMBDA_ISSUER: &str = "https://users.example.com";

/// What a source says about the claim of a case.
#[derive(Debug, PartialEq)]
enum Reading {
    Value(Value),
    Absent,
    Unreadable(String),
    Rejected(Rejection),
}

fn list_claim(case: &Value) -> ListClaim {
    ListClaim::new(text(&case["claim"]), text(&case["form"]).parse().unwrap())
}

fn config(case: &Value) -> VerifierConfig {
    let pool: UserPool = POOL.parse().unwrap();
    let config = pool.verifier_config(["client"], TokenUse::Access).unwrap().with_leeway(0);
    match text(&case["reads"]) {
        "groups" => config.with_groups_claim(list_claim(case)),
        "scopes" => config.with_scopes_claim(list_claim(case)),
        "key" => config.with_identity_claims([text(&case["claim"])]),
        "subject" => config.with_subject_claim(text(&case["claim"])),
        _ => config,
    }
}

fn caller_claims(case: &Value, subject: &str) -> CallerClaims {
    let claims = CallerClaims::new(subject);
    match text(&case["reads"]) {
        "groups" => claims.with_groups(list_claim(case)),
        "scopes" => claims.with_scopes(list_claim(case)),
        "key" => claims.with_identity_claims([text(&case["claim"])]),
        "subject" => CallerClaims::new(text(&case["claim"])),
        _ => claims,
    }
}

fn lambda_authorizer(case: &Value) -> LambdaAuthorizer {
    let claim = text(&case["claim"]);
    match text(&case["reads"]) {
        "groups" => LambdaAuthorizer::new(LAMBDA_ISSUER, "id").with_groups_claim(list_claim(case)),
        "scopes" => LambdaAuthorizer::new(LAMBDA_ISSUER, "id").with_scopes_claim(list_claim(case)),
        "key" => LambdaAuthorizer::new(LAMBDA_ISSUER, "id").with_identity_claims([claim]),
        _ => LambdaAuthorizer::new(LAMBDA_ISSUER, claim),
    }
}

/// Returns `members` with the claim of a case; the first part of a path, if it is one.
fn with_claim(mut members: Value, case: &Value) -> Value {
    let claim = text(&case["claim"]);
    let name = if claim == "realm_access.roles" { "realm_access" } else { claim };
    if case["sent"].is_null() {
        members.as_object_mut().unwrap().remove(name);
    } else {
        members[name] = case["sent"].clone();
    }
    members
}

/// The claims of a token as a gateway with types sends them.
fn token_claims(case: &Value) -> Value {
    let claims = json!({"iss": ISSUER, "sub": "alice", "client_id": "client", "token_use": "access", "exp": NOW + 100});
    with_claim(claims, case)
}

fn of_token(case: &Value) -> Result<Identity, Rejection> {
    let check = TokenCheck::new(config(case));
    let keys = check.key_set(jwks(&["old"]).as_bytes()).unwrap();
    check.check(&keys, &sign("old", &token_claims(case)), at(0)).map(|claims| claims.identity())
}

/// Returns the source and the event of a case.
fn source_and_event(case: &Value) -> (IdentitySource, Value) {
    let claims = || token_claims(case);
    let context = || with_claim(json!({"id": "alice", "principalId": "someone"}), case);
    let rest =
        |authorizer: Value| json!({"httpMethod": "POST", "requestContext": {"authorizer": authorizer}});
    let http_1 = |authorizer: Value| json!({"version": "1.0", "httpMethod": "POST", "requestContext": {"authorizer": authorizer}});
    let http_2 = |authorizer: Value| json!({"version": "2.0", "requestContext": {"http": {}, "authorizer": authorizer}});
    let app_sync = |identity: Value| json!({"arguments": {}, "info": {}, "identity": identity});
    let of_claims = || IdentitySource::Claims(config(case));
    let of_context = || IdentitySource::LambdaAuthorizer(lambda_authorizer(case));
    let of_iam = || {
        let pool: UserPool = POOL.parse().unwrap();
        IdentitySource::Iam(IamSource::user_pool(pool.trusted_issuer()))
    };
    match text(&case["source"]) {
        "rest-api" => (of_claims(), rest(json!({ "claims": claims() }))),
        "http-api-1" => (of_claims(), http_1(json!({ "claims": claims() }))),
        "http-api-2" => (of_claims(), http_2(json!({"jwt": {"claims": claims(), "scopes": null}}))),
        "app-sync" => {
            let claims = claims();
            (of_claims(), app_sync(json!({"sub": claims["sub"], "issuer": ISSUER, "claims": claims})))
        }
        "load-balancer" => {
            let signer = FakeAlb::new();
            let balancer =
                alb().with_claims(caller_claims(case, "sub")).with_only_key(&signer.pem()).unwrap();
            let user_info = with_claim(json!({"sub": "alice", "exp": NOW + 100}), case);
            (IdentitySource::Alb(balancer), signer.event(&super::alb::header(), &user_info))
        }
        "lambda-rest" => (of_context(), rest(context())),
        "lambda-http-1" => (of_context(), http_1(context())),
        "lambda-http-2" => (of_context(), http_2(json!({ "lambda": context() }))),
        "lambda-app-sync" => (of_context(), app_sync(json!({ "resolverContext": context() }))),
        "iam-rest" => {
            let caller = json!({
                "userArn": "arn", "cognitoIdentityId": "id", "cognitoAuthenticationType": "authenticated",
            });
            let mut event = rest(Value::Null);
            event["requestContext"]["identity"] = with_claim(caller, case);
            (of_iam(), event)
        }
        "iam-http" => {
            let cognito = with_claim(json!({"identityId": "id", "identityPoolId": "pool"}), case);
            (of_iam(), http_2(json!({"iam": {"userArn": "arn", "cognitoIdentity": cognito}})))
        }
        other => panic!("unknown source {other}"),
    }
}

fn value(case: &Value, identity: Option<&Identity>) -> Reading {
    let Some(identity) = identity else { return Reading::Absent };
    let list =
        |names: Vec<&str>| if case["sent"].is_null() && names.is_empty() { None } else { Some(json!(names)) };
    let found = match text(&case["reads"]) {
        "groups" => list(identity.groups().collect()),
        "scopes" => list(identity.scopes().collect()),
        "key" => identity.claim(text(&case["claim"])).map(Value::from),
        _ => Some(identity.subject().as_str().into()),
    };
    found.map_or(Reading::Absent, Reading::Value)
}

fn unreadable(user: &EventUser) -> Option<Reading> {
    user.unreadable().first().map(|reason| Reading::Unreadable(reason.to_string()))
}

fn read(case: &Value) -> Reading {
    if case["source"] == "token" {
        return of_token(case).map_or_else(Reading::Rejected, |identity| value(case, Some(&identity)));
    }
    let (source, event) = source_and_event(case);
    match source.identify(&event, at(0)) {
        Err(rejection) => Reading::Rejected(rejection),
        Ok(EventIdentity::User(user)) => {
            unreadable(&user).unwrap_or_else(|| value(case, Some(user.identity())))
        }
        Ok(found) => value(case, found.identity()),
    }
}

/// Returns the words of a source that a reason must contain.
fn words<'a>(corpus: &'a Value, case: &Value) -> &'a str {
    let sources = corpus["sources"].as_array().unwrap();
    let source = sources.iter().find(|source| source["id"] == case["source"]).unwrap();
    source["in"].as_str().unwrap_or_default()
}

#[test]
fn every_claim_of_the_corpus_is_read_or_rejected_with_a_reason() {
    let corpus = corpus!("claims_sources.json");
    for case in cases(&corpus) {
        let (id, found, expected) = (text(&case["id"]), read(case), &case["expect"]);
        let claim = text(&case["claim"]).split('.').next().unwrap();
        let names_all = |message: &str, reason: &str| {
            message.contains(reason) && message.contains(claim) && message.contains(words(&corpus, case))
        };
        let as_expected = match &found {
            Reading::Value(value) => expected.get("value") == Some(value),
            // An empty list of groups is the same as none.
            Reading::Absent => expected["absent"] == true,
            Reading::Unreadable(message) => {
                expected["unreadable"].as_str().is_some_and(|reason| names_all(message, reason))
            }
            Reading::Rejected(Rejection::Expired { .. }) => expected["expired"] == true,
            Reading::Rejected(Rejection::MissingClaim { claim }) => {
                expected["missing"] == true && *claim == text(&case["claim"])
            }
            Reading::Rejected(rejection @ Rejection::InvalidClaim { .. }) => {
                expected["unusable"].as_str().is_some_and(|reason| names_all(&rejection.to_string(), reason))
            }
            Reading::Rejected(_) => false,
        };
        assert!(as_expected, "{id}: {found:?}, expected {expected}");
    }
}

/// A list that a gateway spells ambiguously grants no group, and a required group is then denied with the text.
#[test]
fn unreadable_groups_grant_nothing() {
    let corpus = corpus!("claims_sources.json");
    let mut checked = 0;
    for case in cases(&corpus) {
        if case["expect"]["unreadable"].is_null() || case["reads"] != "groups" {
            continue;
        }
        let (source, event) = source_and_event(case);
        let identity = source.identify(&event, at(0)).unwrap();
        assert_eq!(identity.identity().unwrap().groups().len(), 0, "{}", case["id"]);
        let required = IdentitySource::Claims(config(case).with_required_groups(["admin"]).unwrap());
        let error = required.identify(&event, at(0)).unwrap_err();
        assert_eq!(error.code(), "groups");
        let start: String = text(&case["sent"]).chars().take(7).collect();
        assert!(error.to_string().contains(&start), "{error}");
        checked += 1;
    }
    assert!(checked >= 8, "{checked}");
}

/// One meaning: where the corpus says from which claim of a token a spelling comes, the token itself gives the same value, or
/// both are rejected.
#[test]
fn spellings_mean_what_the_token_means() {
    let corpus = corpus!("claims_sources.json");
    let mut compared = 0;
    for case in cases(&corpus) {
        if case["token"].is_null() {
            continue;
        }
        let mut of_token = case.clone();
        (of_token["source"], of_token["sent"]) = ("token".into(), case["token"].clone());
        match (read(&of_token), read(case)) {
            (Reading::Rejected(_), Reading::Rejected(_)) => {}
            (Reading::Value(Value::Array(empty)), Reading::Absent) if empty.is_empty() => {}
            // An HTTP API passes on no claims within a claim: the caller is rejected, with a reason.
            (_, Reading::Rejected(_)) if text(&case["claim"]).contains('.') => {}
            (token, event) => assert_eq!(token, event, "{}", case["id"]),
        }
        compared += 1;
    }
    assert!(compared > 80, "{compared}");
}

#[test]
fn corpus_covers_every_source_with_its_page() {
    let corpus = corpus!("claims_sources.json");
    let sources = corpus["sources"].as_array().unwrap();
    let named: BTreeSet<&str> = sources.iter().map(|source| text(&source["id"])).collect();
    let used: BTreeSet<&str> = cases(&corpus).iter().map(|case| text(&case["source"])).collect();
    assert_eq!(named, used);
    assert!(sources.iter().all(|source| text(&source["page"]).starts_with("https://")));
    let states: BTreeSet<&str> = cases(&corpus)
        .iter()
        .flat_map(|case| case["expect"].as_object().unwrap().keys())
        .map(String::as_str)
        .collect();
    let all = ["absent", "expired", "missing", "unreadable", "unusable", "value"];
    assert_eq!(states.into_iter().collect::<Vec<_>>(), all);
}
