//! The source of an event's identity: what the options say, or what `upsign.toml` names.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;
use upsign_cognito::authorizer::{Alb, IdentitySource, LambdaAuthorizer};
use upsign_cognito::{ListClaim, ListForm, Rejection, VerifierConfig};
use upsign_config::GatewayIdentity;

use super::IdentityArgs;
use crate::auth::KeySource;
use crate::auth::chosen::{self, ChosenVerifier};
use crate::auth::place::AuthPlace;
use crate::exit::{CommandError, Diagnostic};
use crate::output;
use crate::verdict::change;
use crate::verdict::unverified::UnverifiedClaims;

/// The part of the event that is trusted. Exactly one source is used. The default is what the gateway itself has verified.
#[derive(Debug, Args)]
#[command(next_help_heading = "Source of the identity (default: the gateway's claims or IAM caller)")]
pub(super) struct SourceArgs {
    /// Trust a Lambda authorizer that writes the subject to this context member.
    #[arg(long, value_name = "MEMBER", conflicts_with = "alb_signer")]
    lambda_sub: Option<String>,
    /// Context member with the groups that the Lambda authorizer writes.
    #[arg(long, value_name = "MEMBER", requires = "lambda_sub")]
    lambda_groups: Option<String>,
    /// Trust the signed header of the load balancer with this ARN.
    #[arg(long, value_name = "ARN", requires_all = ["alb_issuer", "alb_client", "alb_key"])]
    alb_signer: Option<String>,
    /// Issuer at which the load balancer signs users in.
    #[arg(long, value_name = "URL", requires = "alb_signer")]
    alb_issuer: Option<String>,
    /// Client id of the load balancer at that issuer.
    #[arg(long, value_name = "ID", requires = "alb_signer")]
    alb_client: Option<String>,
    /// File with the load balancer's public key, in PEM.
    #[arg(long, value_name = "FILE", requires = "alb_signer")]
    alb_key: Option<PathBuf>,
}

/// The source of an event's identity, and where its settings are.
pub(super) struct ChosenSource {
    pub(super) source: IdentitySource,
    pub(super) place: AuthPlace,
    /// Why the issuer that the event names is not accepted.
    pub(super) mismatch: Option<Rejection>,
}

impl ChosenSource {
    fn of_options(source: IdentitySource) -> Self {
        Self { source, place: AuthPlace::options(), mismatch: None }
    }

    /// Returns the requirements for the claims of a gateway.
    pub(super) const fn accepted(&self) -> Option<&VerifierConfig> {
        match &self.source {
            IdentitySource::Claims(config) | IdentitySource::ClaimsOrIam(config) => Some(config),
            _ => None,
        }
    }

    /// Returns why the function would not read the claims of the gateway, if it is about them.
    pub(super) fn reason_to_verify_tokens(&self) -> Option<String> {
        let reads_claims = matches!(self.source, IdentitySource::Claims(_) | IdentitySource::ClaimsOrIam(_));
        self.place.reason_to_verify_tokens().filter(|_| reads_claims)
    }

    /// Returns what to check if the event does not contain the source that the file names.
    pub(super) const fn help_for_source(&self, rejection: &Rejection) -> Option<&'static str> {
        if !self.place.is_in_file() || !matches!(rejection, Rejection::NoClaims | Rejection::OtherEvent) {
            return None;
        }
        match self.source {
            IdentitySource::LambdaAuthorizer(_) => Some(
                "upsign.toml says source = \"lambda-authorizer\": does the route that sent this event have that authorizer?",
            ),
            IdentitySource::Iam(_) => Some(
                "upsign.toml says source = \"iam\": does the route that sent this event have IAM authorization (AWS_IAM)?",
            ),
            _ => None,
        }
    }

    /// Returns what to write if the context of a Lambda authorizer spells a list in another way.
    pub(super) fn help_for_context(&self, rejection: &Rejection) -> Option<String> {
        let IdentitySource::LambdaAuthorizer(authorizer) = &self.source else { return None };
        let Rejection::InvalidClaim { claim, .. } = rejection else { return None };
        let claims = authorizer.claims();
        change::for_spelling(claim, claims.groups_claim(), claims.scopes_claim(), &self.place)
    }

    /// Points an error at the setting that has rejected the event.
    pub(super) fn point(&self, error: &mut Diagnostic, rejection: &Rejection) {
        match &self.source {
            IdentitySource::LambdaAuthorizer(authorizer) => {
                self.place.point_at_context(error, rejection, authorizer);
            }
            _ => self.place.point(error, rejection, self.accepted()),
        }
    }
}

/// Returns the source that the options or the file name. The claims of a gateway are compared with the issuer that `event` names.
pub(super) fn source(args: &IdentityArgs, event: &Value) -> Result<ChosenSource, CommandError> {
    let from = &args.source;
    if let (Some(signer), Some(issuer), Some(client), Some(key)) =
        (&from.alb_signer, &from.alb_issuer, &from.alb_client, &from.alb_key)
    {
        let pem = std::fs::read_to_string(key).map_err(|error| CommandError::unreadable(key, &error))?;
        let alb = Alb::new(signer, issuer, client).and_then(|alb| alb.with_only_key(&pem));
        let alb = alb.map_err(|error| CommandError::caused("the load balancer", &error).into_usage())?;
        return Ok(ChosenSource::of_options(IdentitySource::Alb(alb)));
    }
    if from.lambda_sub.is_none()
        && !args.auth.names_an_issuer()
        && let Some(source) = of_file(args)
    {
        return Ok(source);
    }
    let claims = UnverifiedClaims::of_event(event);
    let chosen = args.auth.verifier(&args.config, claims.as_ref(), KeySource::NotFetched)?;
    if !chosen.unchecked.is_empty() {
        output::warning(&format!("not checked: {}", chosen.unchecked_text()));
    }
    let ChosenVerifier { config, place, mismatch, .. } = chosen;
    let source = match &from.lambda_sub {
        None => IdentitySource::ClaimsOrIam(config),
        Some(sub) => {
            let source = LambdaAuthorizer::new(chosen::name(&config), sub);
            IdentitySource::LambdaAuthorizer(match &from.lambda_groups {
                Some(groups) => source.with_groups_claim(ListClaim::new(groups.as_str(), ListForm::Json)),
                None => source,
            })
        }
    };
    // The context of a Lambda authorizer names no issuer.
    Ok(ChosenSource { source, place, mismatch: mismatch.filter(|_| from.lambda_sub.is_none()) })
}

/// Returns the source that `upsign.toml` names, if its callers are identified without a token. A file that is not valid is reported
/// when the issuer is read from it.
fn of_file(args: &IdentityArgs) -> Option<ChosenSource> {
    let config = args.config.load().ok()?;
    let source = match config.auth()?.gateway.as_ref()? {
        GatewayIdentity::LambdaAuthorizer(authorizer) => IdentitySource::LambdaAuthorizer(authorizer.clone()),
        GatewayIdentity::Iam(callers) => IdentitySource::Iam(callers.clone()),
        _ => return None,
    };
    Some(ChosenSource { source, place: AuthPlace::file(config, 0, 1, None), mismatch: None })
}

/// Returns where the identity comes from, for people.
pub(super) const fn description(source: &IdentitySource) -> &'static str {
    match source {
        IdentitySource::LambdaAuthorizer(_) => "context of the Lambda authorizer",
        IdentitySource::Alb(_) => "signed header of the load balancer (x-amzn-oidc-data)",
        IdentitySource::Iam(_) => "IAM caller (source = \"iam\" in upsign.toml)",
        _ => "gateway claims or IAM caller (default)",
    }
}
