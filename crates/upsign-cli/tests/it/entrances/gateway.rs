//! Callers that a gateway identifies: claims of its authorizer, the context of a Lambda authorizer, and IAM.

use serde_json::{Value, json};

use super::lambda::{self, Kind};
use super::{Answer, DEMANDS, Demand, file, now};

const POOL: &str = "ap-southeast-1_AbCdEf123";
const ISSUER: &str = "https://id.example.com/main";

/// What the gateway of an API states, and how its function is configured.
struct Source {
    name: &'static str,
    kind: Kind,
    auth: &'static str,
    /// Returns what the gateway states about a caller with a group and a scope, which expires in this number of seconds.
    caller: fn(group: &str, scope: &str, expires_in: i64) -> Value,
    supports: fn(&Demand) -> bool,
}

fn exp(expires_in: i64) -> u64 {
    now().as_unix().saturating_add_signed(expires_in)
}

fn cognito_claims(group: &str, scope: &str, expires_in: i64, token_use: &str) -> Value {
    let mut claims = json!({
        "sub": "alice", "iss": format!("https://cognito-idp.ap-southeast-1.amazonaws.com/{POOL}"), "token_use": token_use,
        "cognito:groups": group, "exp": exp(expires_in).to_string(), "iat": exp(-7_300).to_string(),
    });
    match token_use {
        "id" => claims["aud"] = "client-1".into(),
        _ => {
            claims["client_id"] = "client-1".into();
            claims["scope"] = scope.into();
        }
    }
    json!({"claims": claims})
}

fn jwt(group: &str, scope: &str, expires_in: i64) -> Value {
    json!({"jwt": {"scopes": null, "claims": {
        "sub": "alice", "iss": ISSUER, "token_use": "access", "client_id": "client-1", "scope": scope,
        "cognito:groups": format!("[{group}]"), "exp": exp(expires_in).to_string(), "iat": exp(-7_300).to_string(),
    }}})
}

/// Returns the kind of API that sends these events, as `deployment.api` names it.
fn api(kind: Kind) -> &'static str {
    match kind {
        Kind::Rest => "rest",
        Kind::FunctionUrl => "url",
        _ => "http",
    }
}

const USER_POOL: &str =
    "user_pool = \"ap-southeast-1_AbCdEf123\"\nclient_ids = [\"client-1\"]\nsource = \"authorizer\"\n";
const LAMBDA: &str = "source = \"lambda-authorizer\"\nissuer = \"https://users.example.com\"\nsubject_claim = \"userId\"\n\
     groups_claim = \"teams\"\nscopes_claim = { claim = \"may\", form = \"json\" }";

const SOURCES: [Source; 5] = [
    Source {
        name: "Cognito authorizer, id tokens",
        kind: Kind::Rest,
        auth: "token_use = \"id\"",
        caller: |group, scope, expires_in| cognito_claims(group, scope, expires_in, "id"),
        supports: |demand| demand.place.contains("groups"),
    },
    Source {
        name: "Cognito authorizer, access tokens",
        kind: Kind::Rest,
        auth: "token_use = \"access\"",
        caller: |group, scope, expires_in| cognito_claims(group, scope, expires_in, "access"),
        supports: |demand| demand.place.contains("scopes"),
    },
    Source {
        name: "JWT authorizer",
        kind: Kind::HttpV2,
        auth: "issuer = \"https://id.example.com/main\"\njwks_uri = \"https://id.example.com/keys\"\n\
               client_ids = [\"client-1\"]\ntoken_use = \"access\"\nsource = \"authorizer\"",
        caller: jwt,
        supports: |_| true,
    },
    Source {
        name: "Lambda authorizer, REST API",
        kind: Kind::Rest,
        auth: LAMBDA,
        caller: |group, scope, _| json!({"principalId": "alice", "userId": "alice", "teams": format!("[\"{group}\"]"), "may": scope}),
        supports: |demand| demand.auth.is_empty(),
    },
    Source {
        name: "Lambda authorizer, HTTP API",
        kind: Kind::HttpV2,
        auth: LAMBDA,
        caller: |group, scope, _| json!({"lambda": {"userId": "alice", "teams": [group], "may": [scope]}}),
        supports: |demand| demand.auth.is_empty(),
    },
];

#[test]
fn identified_callers_without_a_group_or_scope_get_403_and_others_401() {
    let mut checked = 0;
    for source in &SOURCES {
        for demand in DEMANDS.iter().filter(|demand| (source.supports)(demand)) {
            let user_pool = if source.auth.starts_with("token_use") { USER_POOL } else { "" };
            let auth = format!("{user_pool}{}\n{}", source.auth, demand.auth);
            let file =
                format!("{}[deployment]\napi = \"{}\"\n", file(demand.upload, &auth), api(source.kind));
            let function = lambda::function(&file);
            let check = |caller: &Value, status: u16, challenge: Option<&str>, code: &str| {
                let answer = lambda::send(&function, &lambda::event(source.kind, &[], caller));
                let challenge = challenge.map(str::to_owned);
                let expected = Answer { status, challenge, code: code.to_owned() };
                assert_eq!(answer, expected, "{}, {}: {caller}", source.name, demand.place);
            };
            let forbidden = if demand.auth.is_empty() { "route-forbidden" } else { "insufficient-scope" };
            let insufficient = Some(r#"Bearer error="insufficient_scope""#);
            check(&Value::Null, 401, Some("Bearer"), "unauthorized");
            check(&(source.caller)("readers", "openid", 3_600), 403, insufficient, forbidden);
            check(&(source.caller)("editors", "upload", 3_600), 200, None, "");
            // The result of a Lambda authorizer does not say when it ends.
            if source.auth != LAMBDA {
                let expired = (source.caller)("editors", "upload", -7_200);
                check(&expired, 401, Some(r#"Bearer error="invalid_token""#), "unauthorized");
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 12);
}

const IDENTITY: &str = "ap-southeast-1:3f291106-8703-466b-8f2b-3ecee1ca56ce";
const IDENTITY_POOL: &str = "ap-southeast-1:4f291106-8703-466b-8f2b-3ecee1ca56ce";

/// What an HTTP API or a function URL states about an identity of `pool`.
fn iam(pool: &str) -> Value {
    json!({"iam": {
        "accessKey": "ASIAEXAMPLE", "accountId": "123456789012", "callerId": "AROAEXAMPLE:CognitoIdentityCredentials",
        "cognitoIdentity": {"amr": ["authenticated", "cognito-idp"], "identityId": IDENTITY, "identityPoolId": pool},
        "userArn": "arn:aws:sts::123456789012:assumed-role/uploads/CognitoIdentityCredentials",
    }})
}

/// What a REST API states about that identity.
fn iam_rest(pool: &str) -> Value {
    json!({"identity": {
        "cognitoIdentityPoolId": pool, "cognitoIdentityId": IDENTITY, "cognitoAuthenticationType": "authenticated",
        "accountId": "123456789012", "accessKey": "ASIAEXAMPLE", "sourceIp": "203.0.113.9",
        "userArn": "arn:aws:sts::123456789012:assumed-role/uploads/CognitoIdentityCredentials",
        "cognitoAuthenticationProvider": "accounts.google.com:123,accounts.google.com:123:OIDC:1",
    }})
}

/// Callers of IAM sign their requests, so that no challenge asks them for a token.
#[test]
fn callers_that_iam_has_not_identified_get_401_without_a_challenge() {
    let auth = format!("source = \"iam\"\nidentity_pool = \"{IDENTITY_POOL}\"");
    for kind in [Kind::HttpV2, Kind::FunctionUrl, Kind::Rest] {
        let caller = if kind == Kind::Rest { iam_rest } else { iam };
        let function =
            lambda::function(&format!("{}[deployment]\napi = \"{}\"\n", file("", &auth), api(kind)));
        let other = "ap-southeast-1:00000000-8703-466b-8f2b-3ecee1ca56ce";
        for (caller, status, code) in [
            (Value::Null, 401, "unauthorized"),
            (caller(other), 401, "unauthorized"),
            (caller(IDENTITY_POOL), 200, ""),
        ] {
            let signature =
                "AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20260101/ap-southeast-1/execute-api/aws4_request";
            let answer =
                lambda::send(&function, &lambda::event(kind, &[("authorization", signature)], &caller));
            assert_eq!(
                answer,
                Answer { status, challenge: None, code: code.to_owned() },
                "{kind:?}: {caller}"
            );
        }
    }
}

/// `upsign serve` receives no such events.
#[test]
fn serve_refuses_sources_of_the_lambda_function() {
    for (source, auth) in [
        ("iam", format!("source = \"iam\"\nidentity_pool = \"{IDENTITY_POOL}\"")),
        ("lambda-authorizer", LAMBDA.to_owned()),
    ] {
        let file = format!("{}[deployment]\napi = \"rest\"\n", file("", &auth));
        let refused = crate::run::upsign(&["serve", "--listen=127.0.0.1:0"])
            .file("upsign.toml", &file)
            .credentials()
            .output();
        let message =
            format!("auth.source = \"{source}\" identifies callers by events of API Gateway, which only");
        refused.exits(2).has_message(&message);
    }
}
