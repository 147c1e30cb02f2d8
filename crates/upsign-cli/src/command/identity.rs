//! `upsign identity`: shows which caller an API Gateway, ALB or AppSync event identifies.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use upsign::{Clock, SystemClock};
use upsign_cognito::authorizer::{Alb, EventIdentity, IdentitySource, LambdaAuthorizer, parse_event};
use upsign_cognito::{ListClaim, ListForm, Rejection, VerifierConfig};
use upsign_config::GatewayIdentity;
use upsign_core::Timestamp;

use crate::auth::chosen::{self, ChosenVerifier};
use crate::auth::place::AuthPlace;
use crate::auth::{AuthArgs, KeySource};
use crate::batch;
use crate::config_file::ConfigFile;
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::json_syntax::SyntaxError;
use crate::verdict::unverified::UnverifiedClaims;
use crate::verdict::{change, event, help};
use crate::{output, value_parser};

#[derive(Debug, Args)]
pub(crate) struct IdentityArgs {
    /// File with the event, in JSON; `-` is standard input.
    #[arg(value_name = "FILE", required_unless_present = "batch")]
    file: Option<PathBuf>,
    /// Time of the request: now (the default), or as in 2026-01-31T23:59:59Z.
    #[arg(long, value_name = "TIME", value_parser = value_parser::time)]
    at: Option<Timestamp>,
    #[command(flatten)]
    config: ConfigFile,
    /// Identify the caller of one event per line of standard input (format: end of --help).
    #[arg(long)]
    batch: bool,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    auth: AuthArgs,
}

/// The part of the event that is trusted. Exactly one source is used. The default is what the gateway itself has verified.
#[derive(Debug, Args)]
#[command(next_help_heading = "Source of the identity (default: the gateway's claims or IAM caller)")]
struct SourceArgs {
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

pub(crate) async fn run(args: &IdentityArgs, json: bool) -> Result<Exit, CommandError> {
    let Some(path) = args.file.as_deref().filter(|_| !args.batch) else {
        return batch::identity::run().await;
    };
    let text = read(path)?;
    let event = match parse_event(&text) {
        Ok(event) => event,
        // No configuration would make an event of it, so none is needed to say so.
        Err(rejection) => {
            return Ok(print_rejected(&rejection, None, json, |error| {
                place_syntax_error(error, path, &text);
            }));
        }
    };
    let chosen = source(args, &event)?;
    let at = args.at.unwrap_or_else(|| SystemClock.now());
    let identity = match &chosen.mismatch {
        Some(mismatch) => Err(mismatch.clone()),
        None => chosen.source.identify(&event, at),
    };
    if !json {
        print_sources(&event);
        output::notes().detail("source", description(&chosen.source));
        if let Some(name) = chosen.place.name().filter(|_| chosen.mismatch.is_none()) {
            output::notes().detail("issuer", name.as_str());
        }
    }
    match identity {
        Ok(identity) if json => {
            output::result(&as_json(&identity)?.to_string());
            Ok(Exit::Success)
        }
        Ok(identity) => print_identity(&identity, &chosen.source),
        Err(rejection) => {
            let claims = UnverifiedClaims::of_event(&event);
            let help = help::for_rejection(&rejection, claims.as_ref(), chosen.accepted(), &chosen.place)
                .or_else(|| chosen.help_for_context(&rejection));
            Ok(print_rejected(&rejection, help, json, |error| chosen.point(error, &rejection)))
        }
    }
}

/// The source of an event's identity, and where its settings are.
struct ChosenSource {
    source: IdentitySource,
    place: AuthPlace,
    /// The reason why no issuer is accepted that the event names.
    mismatch: Option<Rejection>,
}

impl ChosenSource {
    fn of_options(source: IdentitySource) -> Self {
        Self { source, place: AuthPlace::options(), mismatch: None }
    }

    /// Returns the requirements for the claims of a gateway.
    const fn accepted(&self) -> Option<&VerifierConfig> {
        match &self.source {
            IdentitySource::Claims(config) | IdentitySource::ClaimsOrIam(config) => Some(config),
            _ => None,
        }
    }

    /// Returns what to write if the context of a Lambda authorizer spells a list in another way.
    fn help_for_context(&self, rejection: &Rejection) -> Option<String> {
        let IdentitySource::LambdaAuthorizer(authorizer) = &self.source else { return None };
        let Rejection::InvalidClaim { claim, .. } = rejection else { return None };
        let claims = authorizer.claims();
        change::for_spelling(claim, claims.groups_claim(), claims.scopes_claim(), &self.place)
    }

    /// Points an error at the setting that has rejected the event.
    fn point(&self, error: &mut Diagnostic, rejection: &Rejection) {
        match &self.source {
            IdentitySource::LambdaAuthorizer(authorizer) => {
                self.place.point_at_context(error, rejection, authorizer);
            }
            _ => self.place.point(error, rejection, self.accepted()),
        }
    }
}

/// Prints why an event identifies no caller. `detail` adds what is known about the place.
fn print_rejected(
    rejection: &Rejection,
    help: Option<String>,
    json: bool,
    detail: impl FnOnce(&mut Diagnostic),
) -> Exit {
    let mut error =
        Diagnostic::new(rejection.code(), format!("rejected: {rejection} ({})", rejection.code()));
    error.help = help;
    detail(&mut error);
    if json {
        let mut result = event::rejected(rejection);
        if let (Some(help), Some(members)) = (error.help, result.as_object_mut()) {
            members.insert("help".to_owned(), help.into());
        }
        output::result(&result.to_string());
        return Exit::Failure;
    }
    output::error(&error);
    Exit::Failure
}

fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    let mut text = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut text).map(|_| text)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| CommandError::unreadable(path, &error))
}

/// Adds where the JSON is wrong, and how.
fn place_syntax_error(error: &mut Diagnostic, path: &Path, text: &[u8]) {
    // The reader of events is stricter than serde_json and reports no line. If only that reader refuses the text, no line is
    // known.
    let Some(syntax) = SyntaxError::find(text) else { return };
    error.file = Some(path.display().to_string());
    (error.line, error.column) = (Some(syntax.line), Some(syntax.column));
    error.help = Some(match &*syntax.reason {
        reason @ "the file is empty" => {
            format!("{reason}: save the event that the Lambda function received, in JSON")
        }
        reason @ "the JSON ends too early" => format!("{reason}: is the file cut off?"),
        reason => reason.to_owned(),
    });
}

fn source(args: &IdentityArgs, event: &Value) -> Result<ChosenSource, CommandError> {
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
    let chosen = args.auth.verifier(&args.config, claims.as_ref(), KeySource::Issuer)?;
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

const fn description(source: &IdentitySource) -> &'static str {
    match source {
        IdentitySource::LambdaAuthorizer(_) => "context of the Lambda authorizer",
        IdentitySource::Alb(_) => "signed header of the load balancer (x-amzn-oidc-data)",
        IdentitySource::Iam(_) => "IAM caller (source = \"iam\" in upsign.toml)",
        _ => "gateway claims or IAM caller (default)",
    }
}

fn print_sources(event: &Value) {
    let found = event::sources(event);
    if found.is_empty() {
        output::notes().detail("found", "no authorizer in this event");
    }
    for (pointer, meaning) in found {
        let path = pointer.trim_start_matches('/').replace('/', ".");
        output::notes().detail("found", &format!("{path}: {meaning}"));
    }
}

fn print_identity(identity: &EventIdentity, source: &IdentitySource) -> Result<Exit, CommandError> {
    let text = serde_json::to_string_pretty(&as_json(identity)?);
    output::result(&text.map_err(|error| CommandError::caused("the identity", &error))?);
    if let EventIdentity::User(user) = identity {
        for reason in user.unreadable() {
            output::warning(&format!("{reason}; it counts as absent"));
        }
    }
    match (identity, identity.identity()) {
        (EventIdentity::Iam(_), None) => {
            output::warning(
                "IAM authenticated this caller, but it is not a user or an identity of the configured pool: uploads are refused",
            );
        }
        (EventIdentity::Iam(_), Some(_)) => {
            output::notes().success("authenticated by the gateway (IAM); a user of the pool");
        }
        _ => output::notes().success(match source {
            IdentitySource::LambdaAuthorizer(_) => "authenticated by the Lambda authorizer",
            IdentitySource::Alb(_) => "authenticated by the load balancer",
            _ => "authenticated by the gateway",
        }),
    }
    Ok(Exit::Success)
}

fn as_json(identity: &EventIdentity) -> Result<Value, CommandError> {
    event::identified(identity).ok_or_else(|| {
        CommandError::failure("the event identifies a kind of caller that this version does not support")
    })
}
