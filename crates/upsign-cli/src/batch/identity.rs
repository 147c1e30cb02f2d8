//! `upsign identity --batch`.

use serde_json::Value;
use upsign_cognito::authorizer::{Alb, EventIdentity, IdentitySource, LambdaAuthorizer, parse_event};
use upsign_cognito::{ListClaim, ListForm, Rejection, TokenUse, VerifierConfig};
use upsign_core::Timestamp;

use super::error::LineError;
use super::members::{self, batch_line, members};
use super::{engine, issuer};
use crate::exit::{CommandError, Exit};
use crate::verdict::event;

batch_line! {
    /// An event, and the one source of identity that it is checked against.
    struct Line {
        required {
            config: SourceConfig { SourceConfig } = "where the identity comes from;\nother members are ignored";
        }
        optional {
            event: Value = "the event; either this or `event_raw`";
            event_raw: String = "the event as JSON text";
        }
    }
}

members! {
    /// The source of identity: `lambda_authorizer`, `alb`, or else the claims or IAM caller that the gateway found.
    struct SourceConfig {
        required {
            issuer: String = "issuer of the identity";
            client_ids: Vec<String> = "accepted app clients";
            now_epoch: u64 = "time of the request, in seconds since 1970";
        }
        optional {
            lambda_authorizer: LambdaConfig { LambdaConfig } = "a Lambda authorizer is the source";
            alb: AlbConfig { AlbConfig } = "a load balancer is the source";
        }
    }
}

members! {
    struct LambdaConfig {
        required {
            sub_field: String = "context member with the subject";
        }
        optional {
            groups_field: String = "context member with the groups";
        }
    }
}

members! {
    struct AlbConfig {
        required {
            expected_signer: String = "ARN of the load balancer";
            expected_issuer: String = "issuer that the load balancer signs users in at";
            expected_client: String = "client id of the load balancer";
            public_key_pem: String = "public key of the load balancer, in PEM";
        }
        optional {}
    }
}

/// Returns the section of `upsign identity --help` about batches.
pub(crate) fn help() -> String {
    members::help::<Line>(
        "--batch",
        &[
            r#"{"id","result":"identity","sub","username","groups","scopes","token_use","issuer","client_id"}"#,
            r#"{"id","result":"identity-iam","sub","issuer","cognito_identity_id"}"#,
            r#"{"id","result":"reject","http","code","reason"}"#,
        ],
    )
}

pub(crate) async fn run() -> Result<Exit, CommandError> {
    engine::run(async |line: Line| {
        let source = line.config.source()?;
        let at = issuer::at("config.now_epoch", line.config.now_epoch)?;
        match line.identify(&source, at) {
            Ok(identity) => event::identified(&identity)
                .ok_or_else(|| LineError::member("event", &"names an identity of an unknown kind")),
            Err(rejection) => Ok(event::rejected(&rejection)),
        }
    })
    .await
}

impl Line {
    fn identify(&self, source: &IdentitySource, at: Timestamp) -> Result<EventIdentity, Rejection> {
        match &self.event_raw {
            Some(text) => source.identify(&parse_event(text.as_bytes())?, at),
            None => source.identify(self.event.as_ref().unwrap_or(&Value::Null), at),
        }
    }
}

impl SourceConfig {
    fn source(&self) -> Result<IdentitySource, LineError> {
        match (&self.lambda_authorizer, &self.alb) {
            (Some(_), Some(_)) => {
                Err(LineError::member("config", &"`lambda_authorizer` and `alb` exclude each other"))
            }
            (Some(lambda), None) => Ok(IdentitySource::LambdaAuthorizer(lambda.source(&self.issuer))),
            (None, Some(alb)) => Ok(IdentitySource::Alb(alb.source()?)),
            (None, None) => {
                let issuer = issuer::issuer(&self.issuer)?;
                let config = VerifierConfig::new(issuer, &self.client_ids, TokenUse::Any);
                let config = config.map_err(|error| LineError::member("config", &error))?;
                Ok(IdentitySource::ClaimsOrIam(config))
            }
        }
    }
}

impl LambdaConfig {
    fn source(&self, issuer: &str) -> LambdaAuthorizer {
        let source = LambdaAuthorizer::new(issuer, &self.sub_field);
        match &self.groups_field {
            Some(field) => source.with_groups_claim(ListClaim::new(field.as_str(), ListForm::Json)),
            None => source,
        }
    }
}

impl AlbConfig {
    fn source(&self) -> Result<Alb, LineError> {
        Alb::new(&self.expected_signer, &self.expected_issuer, &self.expected_client)
            .and_then(|alb| alb.with_only_key(&self.public_key_pem))
            .map_err(|error| LineError::member("config.alb", &error))
    }
}
