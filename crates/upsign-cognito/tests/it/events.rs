//! The corpus of events that contain an identity or a forged one.

use serde_json::{Value, json};
use upsign_cognito::authorizer::{Alb, EventIdentity, IdentitySource, LambdaAuthorizer, parse_event};
use upsign_cognito::{Backend, ListClaim, ListForm, Rejection, RejectionKind, TokenUse, UserPool};
use upsign_core::Timestamp;

use crate::corpus::{BACKENDS, at, cases, corpus, text, texts};

/// The ids of the cases of severity `should` whose result differs from the corpus. There are none.
const DEVIATIONS: [&str; 0] = [];

pub(crate) struct Fixture {
    pub(crate) source: IdentitySource,
    pub(crate) at: Timestamp,
}

impl Fixture {
    pub(crate) fn new(case: &Value, corpus: &Value, backend: Backend) -> Self {
        let (defaults, config) = (&corpus["defaults"], &case["config"]);
        let issuer = text(&defaults["issuer"]);
        let (lambda, alb) = (&config["lambda_authorizer"], &config["alb"]);
        let source = if lambda.is_object() {
            let source = LambdaAuthorizer::new(issuer, text(&lambda["sub_field"]));
            IdentitySource::LambdaAuthorizer(match lambda["groups_field"].as_str() {
                Some(field) => source.with_groups_claim(ListClaim::new(field, ListForm::Json)),
                None => source,
            })
        } else if alb.is_object() {
            let (signer, issuer) = (text(&alb["expected_signer"]), text(&alb["expected_issuer"]));
            let source =
                Alb::new(signer, issuer, text(&alb["expected_client"])).unwrap().with_backend(backend);
            IdentitySource::Alb(source.with_key(text(&alb["kid"]), text(&alb["public_key_pem"])).unwrap())
        } else {
            let pool: UserPool = issuer.rsplit('/').next().unwrap().parse().unwrap();
            let clients = texts(&defaults["client_ids"]);
            let config = pool.verifier_config(clients, TokenUse::Any).unwrap();
            IdentitySource::ClaimsOrIam(config)
        };
        Self { source, at: at(&defaults["now_epoch"]) }
    }

    pub(crate) fn identify(&self, event: &Value) -> Result<EventIdentity, Rejection> {
        self.source.identify(event, self.at)
    }
}

/// Returns the result in the format of the corpus.
fn outcome(case: &Value, fixture: &Fixture) -> Value {
    let event = match case["event_raw"].as_str() {
        Some(text) => parse_event(text.as_bytes()),
        None => Ok(case["event"].clone()),
    };
    match event.and_then(|event| fixture.identify(&event)) {
        Ok(EventIdentity::User(user)) => json!({
            "result": "identity",
            "sub": user.identity().subject().as_str(),
            "issuer": user.identity().issuer().as_str(),
            "groups": user.identity().groups().collect::<Vec<_>>(),
            "scopes": user.identity().scopes().collect::<Vec<_>>(),
            "username": user.username(),
            "token_use": user.token_use().map(upsign_cognito::TokenKind::as_str),
            "client_id": user.client_id(),
            "email": user.claim("email"),
        }),
        Ok(EventIdentity::Iam(caller)) => json!({
            "result": "identity-iam",
            "sub": caller.identity().map(|identity| identity.subject().as_str()),
            "cognito_identity_id": caller.identity_id(),
        }),
        Ok(_) => panic!("unexpected kind of identity"),
        Err(error) => {
            let http = if error.kind() == RejectionKind::BadRequest { 400 } else { 401 };
            json!({"result": "reject", "http": http, "code": error.code()})
        }
    }
}

fn is_as_expected(expected: &Value, found: &Value) -> bool {
    let members = [
        "sub",
        "issuer",
        "groups",
        "scopes",
        "username",
        "token_use",
        "client_id",
        "cognito_identity_id",
        "http",
        "email",
    ];
    let matches = |name: &str| expected.get(name).is_none_or(|value| found.get(name) == Some(value));
    let groups = texts_or_empty(&found["groups"]);
    let any_of = expected["groups_any_of"].as_array().is_none_or(|any| any.contains(&found["groups"]));
    let none_of =
        texts_or_empty(&expected["groups_must_not_include"]).iter().all(|name| !groups.contains(name));
    expected["result"] == "either"
        || (expected["result"] == found["result"] && members.into_iter().all(matches) && any_of && none_of)
}

fn texts_or_empty(value: &Value) -> Vec<&str> {
    if value.is_array() { texts(value) } else { Vec::new() }
}

#[test]
fn corpus_of_events() {
    let corpus = corpus!("lambda_events.json");
    for backend in BACKENDS {
        let mut deviations = Vec::new();
        for case in cases(&corpus) {
            let found = outcome(case, &Fixture::new(case, &corpus, backend));
            let as_expected = is_as_expected(&case["expect"], &found);
            match text(&case["severity"]) {
                "must" => assert!(as_expected, "{}: {found}", case["id"]),
                _ if !as_expected => deviations.push(text(&case["id"])),
                _ => {}
            }
        }
        assert_eq!(deviations, DEVIATIONS);
    }
}

/// An event that another source would accept is rejected.
#[test]
fn sources_do_not_fall_back() {
    let corpus = corpus!("lambda_events.json");
    let case = |id: &str| cases(&corpus).iter().find(|case| case["id"] == id).unwrap();
    let fixture = |id: &str| Fixture::new(case(id), &corpus, Backend::AwsLc);
    let kinds =
        ["v1/ok", "v2/lambda-configured", "alb/ok", "appsync/cognito", "v2/ok", "v1/authenticated-iam"];
    let accepts = |source: &str| -> Vec<&str> {
        let fixture = fixture(source);
        kinds.into_iter().filter(|id| fixture.identify(&case(id)["event"]).is_ok()).collect()
    };
    assert_eq!(accepts("v2/lambda-configured"), ["v2/lambda-configured"]);
    assert_eq!(accepts("alb/ok"), ["alb/ok"]);
    assert_eq!(accepts("v1/ok"), ["v1/ok", "appsync/cognito", "v2/ok", "v1/authenticated-iam"]);
    let IdentitySource::ClaimsOrIam(config) = fixture("v1/ok").source else { panic!("unexpected source") };
    let claims = Fixture { source: IdentitySource::Claims(config), at: fixture("v1/ok").at };
    let accepted: Vec<&str> =
        kinds.into_iter().filter(|id| claims.identify(&case(id)["event"]).is_ok()).collect();
    assert_eq!(accepted, ["v1/ok", "appsync/cognito", "v2/ok"]);
}
