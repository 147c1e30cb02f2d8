//! `upsign identity`: shows which caller an API Gateway, ALB or AppSync event identifies.

mod source;

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use upsign::{Clock, SystemClock};
use upsign_cognito::Rejection;
use upsign_cognito::authorizer::{EventIdentity, IdentitySource, parse_event};
use upsign_core::Timestamp;

use self::source::{SourceArgs, description, source};
use crate::auth::AuthArgs;
use crate::batch;
use crate::config_file::ConfigFile;
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::json_syntax::SyntaxError;
use crate::verdict::unverified::UnverifiedClaims;
use crate::verdict::{event, help};
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
    if let Some(reason) = chosen.reason_to_verify_tokens().filter(|_| !json && identity.is_ok()) {
        output::warning(&format!(
            "with this upsign.toml, the Lambda function does not read these claims but verifies tokens itself: {reason}"
        ));
    }
    match identity {
        Ok(identity) if json => {
            let mut result = as_json(&identity)?;
            if let (Some(reason), Some(members)) = (chosen.source.explain(&identity), result.as_object_mut())
            {
                members.insert("reason".to_owned(), reason.into());
            }
            output::result(&result.to_string());
            Ok(Exit::Success)
        }
        Ok(identity) => print_identity(&identity, &chosen.source),
        Err(rejection) => {
            let claims = UnverifiedClaims::of_event(&event);
            let help = chosen.help_for_source(&rejection).map(str::to_owned);
            let help = help
                .or_else(|| {
                    help::for_rejection(&rejection, claims.as_ref(), chosen.accepted(), &chosen.place)
                })
                .or_else(|| chosen.help_for_context(&rejection));
            Ok(print_rejected(&rejection, help, json, |error| chosen.point(error, &rejection)))
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
        (_, None) => {
            let reason = source.explain(identity).unwrap_or_else(|| "the event names no user".to_owned());
            output::warning(&format!("uploads of this caller are refused: {reason}"));
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
