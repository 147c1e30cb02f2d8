//! `upsign verify`: checks a token.

use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;
use upsign::{Clock, SystemClock};
use upsign_cognito::{
    HttpFetch, MAX_TOKEN_BYTES_RANGE, Rejection, VerifiedClaims, Verifier, VerifierConfig, VerifyError,
};
use upsign_core::Timestamp;

use crate::auth::{AuthArgs, ChosenVerifier, KeySource};
use crate::batch;
use crate::config_file::ConfigFile;
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::verdict::unverified::{IssuerMismatch, UnverifiedClaims};
use crate::verdict::{help, token};
use crate::{output, value_parser};

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Token to verify; `-` reads it from standard input, which keeps it out of the shell's history.
    #[arg(required_unless_present = "batch")]
    token: Option<String>,
    /// Verify with the key set in this file instead of fetching the issuer's.
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// Time at which the token has to be valid: now (the default), or as in 2026-01-31T23:59:59Z.
    #[arg(long, value_name = "TIME", value_parser = value_parser::time)]
    at: Option<Timestamp>,
    #[command(flatten)]
    config: ConfigFile,
    /// Verify one token per line of standard input (format: end of --help).
    #[arg(long)]
    batch: bool,
    /// With --batch, verify only the signature of messages with any payload.
    #[arg(long, requires = "batch")]
    signature_only: bool,
    #[command(flatten)]
    auth: AuthArgs,
}

pub(crate) async fn run(args: &VerifyArgs, json: bool) -> Result<Exit, CommandError> {
    if args.signature_only {
        return batch::verify::signatures().await;
    }
    if args.batch {
        return batch::verify::tokens().await;
    }
    let token = read_token(args.token.as_deref().unwrap_or("-"))?;
    // No configuration would make a token of it, so none is needed to say so.
    let parts = token.split('.').count();
    if parts != 3 {
        print_rejected(&Rejection::NotCompact { parts }, &token, None, json);
        return Ok(Exit::Failure);
    }
    let claims = UnverifiedClaims::of_token(&token);
    let keys = if args.jwks.is_some() { KeySource::File } else { KeySource::Issuer };
    let chosen = args.auth.verifier(&args.config, claims.as_ref(), keys)?;
    let config = &chosen.config;
    // The keys of an issuer say nothing about a token that names another, so they are not fetched for it.
    if args.jwks.is_none()
        && let Some(claims) = &claims
        && let Some(mismatch) = IssuerMismatch::find(claims, config)
    {
        print_mismatch(&mismatch, claims, json);
        return Ok(Exit::Failure);
    }
    let at = args.at.unwrap_or_else(|| SystemClock.now());
    let verified = match &args.jwks {
        None => {
            let fetcher = match &chosen.auth {
                Some(auth) => auth.fetch_keys(HttpFetch::new()),
                None => Ok(Box::new(HttpFetch::new()) as _),
            };
            let fetcher = fetcher.map_err(|error| CommandError::caused("cannot verify", &error))?;
            Verifier::new(config.clone(), fetcher).verify(&token, at).await
        }
        Some(path) => {
            let document = std::fs::read(path).map_err(|error| CommandError::unreadable(path, &error))?;
            let verifier = Verifier::with_static_keys(config.clone(), document);
            let verifier =
                verifier.map_err(|error| CommandError::caused(&path.display().to_string(), &error))?;
            verifier.verify(&token, at).await
        }
    };
    match verified {
        Ok(claims) => print_accepted(&claims, &chosen, json),
        Err(VerifyError::Rejected(rejection)) => {
            print_rejected(&rejection, &token, Some(config), json);
            Ok(Exit::Failure)
        }
        Err(error) => Err(CommandError::caused("cannot verify the token", &error)
            .with_code(error.code())
            .with_help("is the issuer right, and does this machine reach it? --jwks FILE needs no network")),
    }
}

fn print_rejected(rejection: &Rejection, token: &str, config: Option<&VerifierConfig>, json: bool) {
    if json {
        output::result(&Value::Object(token::rejected(rejection.code(), rejection)).to_string());
        return;
    }
    let mut error =
        Diagnostic::new(rejection.code(), format!("rejected: {rejection} ({})", rejection.code()));
    let is_token = !matches!(rejection, Rejection::NotCompact { .. } | Rejection::PastedText { .. });
    let pasted = if is_token { None } else { help::for_pasted(token).map(str::to_owned) };
    error.help = pasted.or_else(|| help::for_rejection(rejection, config));
    output::error(&error);
}

/// Prints that the token names an issuer whose tokens are not accepted.
fn print_mismatch(mismatch: &IssuerMismatch, claims: &UnverifiedClaims, json: bool) {
    if json {
        output::result(&Value::Object(token::rejected(IssuerMismatch::CODE, mismatch)).to_string());
        return;
    }
    let code = IssuerMismatch::CODE;
    let error = Diagnostic::new(code, format!("rejected: {mismatch} ({code})"));
    output::error(&Diagnostic { help: Some(help::for_other_issuer(claims)), ..error });
}

fn read_token(argument: &str) -> Result<String, CommandError> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let mut token = String::new();
    // A token over the limit is rejected as too long; two more bytes leave room for a line ending.
    let limit = u64::try_from(*MAX_TOKEN_BYTES_RANGE.end()).unwrap_or(u64::MAX) + 2;
    let read = std::io::stdin().take(limit).read_to_string(&mut token);
    read.map_err(|error| CommandError::caused("standard input", &error).into_usage())?;
    Ok(token.trim_end().to_owned())
}

/// Prints the claims. A token that was not checked completely is not accepted: a script must be able to rely on exit code 0.
fn print_accepted(
    claims: &VerifiedClaims,
    chosen: &ChosenVerifier,
    json: bool,
) -> Result<Exit, CommandError> {
    let incomplete = (!chosen.unchecked.is_empty()).then(|| {
        let message =
            format!("signature, issuer and times are valid; not checked: {}", chosen.unchecked_text());
        CommandError::failure(message)
            .with_code("not-checked")
            .with_help(format!("if this token is of the right kind, pass {}", chosen.options()))
    });
    if json {
        if let Some(incomplete) = incomplete {
            return Err(incomplete);
        }
        output::result(&Value::Object(token::accepted(claims)).to_string());
        return Ok(Exit::Success);
    }
    let text = serde_json::to_string_pretty(claims.claims());
    output::result(&text.map_err(|error| CommandError::caused("the claims", &error))?);
    if let Some(incomplete) = incomplete {
        return Err(incomplete);
    }
    output::notes().success(&format!(
        "valid {}token, expires at {}",
        claims.token_use().map(|kind| format!("{kind} ")).unwrap_or_default(),
        claims.expires_at()
    ));
    Ok(Exit::Success)
}
