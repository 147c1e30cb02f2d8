//! `upsign identity --batch`: whom an event names.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use upsign_cognito::authorizer::{
    Alb, EventIdentity, EventUser, IamCaller, IdentitySource, LambdaAuthorizer, parse_event,
};
use upsign_cognito::{Rejection, RejectionKind, TokenKind, TokenUse, VerifierConfig};
use upsign_core::Timestamp;

use super::lines::{BadLine, answer, members};
use super::trusted;
use crate::exit::{Exit, Failed};

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    event: Value,
    /// The event as text, where its very bytes matter.
    #[serde(default)]
    event_raw: Option<String>,
    config: Configured,
}

#[derive(Deserialize)]
struct Configured {
    issuer: String,
    client_ids: Vec<String>,
    now_epoch: u64,
    #[serde(default)]
    lambda_authorizer: Option<Lambda>,
    #[serde(default)]
    alb: Option<LoadBalancer>,
}

#[derive(Deserialize)]
struct Lambda {
    sub_field: String,
    #[serde(default)]
    groups_field: Option<String>,
}

#[derive(Deserialize)]
struct LoadBalancer {
    expected_signer: String,
    expected_issuer: String,
    expected_client: String,
    public_key_pem: String,
}

pub(crate) fn batch() -> Result<Exit, Failed> {
    answer(|request: Request| {
        let source = request.config.source()?;
        let at = trusted::at("config.now_epoch", request.config.now_epoch)?;
        Ok(members(match request.identify(&source, at) {
            Ok(EventIdentity::User(found)) => user(&found),
            Ok(EventIdentity::Iam(found)) => caller(&found),
            Ok(_) => return Err(BadLine::member("event", &"an identity of a kind unknown here")),
            Err(why) => {
                let http = if why.kind() == RejectionKind::BadRequest { 400 } else { 401 };
                json!({"result": "reject", "http": http, "code": why.code()})
            }
        }))
    })
}

fn user(found: &EventUser) -> Value {
    let who = found.identity();
    json!({
        "result": "identity",
        "sub": who.subject().as_str(),
        "username": found.username(),
        "groups": who.groups().collect::<Vec<_>>(),
        "scopes": who.scopes().collect::<Vec<_>>(),
        "token_use": found.token_use().map(TokenKind::as_str),
        "issuer": who.issuer().as_str(),
        "client_id": found.client_id(),
    })
}

fn caller(found: &IamCaller) -> Value {
    let mut told = Map::from_iter([
        ("result".to_owned(), json!("identity-iam")),
        ("sub".to_owned(), json!(found.identity().map(|who| who.subject().as_str()))),
        ("cognito_identity_id".to_owned(), json!(found.identity_id())),
    ]);
    if let Some(who) = found.identity() {
        drop(told.insert("issuer".to_owned(), json!(who.issuer().as_str())));
    }
    Value::Object(told)
}

impl Request {
    fn identify(&self, source: &IdentitySource, at: Timestamp) -> Result<EventIdentity, Rejection> {
        match &self.event_raw {
            Some(text) => source.identify(&parse_event(text.as_bytes())?, at),
            None => source.identify(&self.event, at),
        }
    }
}

impl Configured {
    /// Exactly one: what is configured beside the issuer, else the claims that the gateway itself has checked.
    fn source(&self) -> Result<IdentitySource, BadLine> {
        let wrong = |why: &dyn std::fmt::Display| BadLine::member("config", why);
        match (&self.lambda_authorizer, &self.alb) {
            (Some(_), Some(_)) => Err(wrong(&"one source at a time")),
            (Some(lambda), None) => Ok(IdentitySource::LambdaAuthorizer(lambda.source(&self.issuer))),
            (None, Some(alb)) => Ok(IdentitySource::Alb(alb.source()?)),
            (None, None) => {
                let issuer = trusted::issuer(&self.issuer)?;
                let config = VerifierConfig::new(issuer, &self.client_ids, TokenUse::Any);
                Ok(IdentitySource::ClaimsOrIam(config.map_err(|error| wrong(&error))?))
            }
        }
    }
}

impl Lambda {
    fn source(&self, issuer: &str) -> LambdaAuthorizer {
        let source = LambdaAuthorizer::new(issuer, &self.sub_field);
        match &self.groups_field {
            Some(field) => source.with_groups_field(field),
            None => source,
        }
    }
}

impl LoadBalancer {
    fn source(&self) -> Result<Alb, BadLine> {
        Alb::new(&self.expected_signer, &self.expected_issuer, &self.expected_client)
            .and_then(|alb| alb.with_only_key(&self.public_key_pem))
            .map_err(|error| BadLine::member("config.alb", &error))
    }
}
