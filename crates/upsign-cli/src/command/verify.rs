//! `upsign verify`: checks a token.

use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;
use upsign::{Clock, SystemClock};
use upsign_cognito::{
    MAX_TOKEN_BYTES_RANGE, Rejection, VerifiedClaims, Verifier, VerifierConfig, VerifyError,
};
use upsign_core::Timestamp;

use crate::auth::chosen::ChosenVerifier;
use crate::auth::{AuthArgs, KeySource};
use crate::batch;
use crate::config_file::ConfigFile;
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::verdict::unverified::UnverifiedClaims;
use crate::verdict::{change, help, token};
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
        print_no_token(&Rejection::NotCompact { parts }, &token, json);
        return Ok(Exit::Failure);
    }
    let claims = UnverifiedClaims::of_token(&token);
    let keys = if args.jwks.is_some() { KeySource::NotFetched } else { KeySource::Issuer };
    let chosen = args.auth.verifier(&args.config, claims.as_ref(), keys)?;
    let rejected = Rejected { token: &token, claims: claims.as_ref(), chosen: &chosen, json };
    // The keys of an issuer say nothing about a token that names another, so they are not fetched for it.
    if let Some(mismatch) = &chosen.mismatch
        && (args.jwks.is_none() || chosen.place.is_one_of_several())
    {
        rejected.print(mismatch, &[]);
        return Ok(Exit::Failure);
    }
    let at = args.at.unwrap_or_else(|| SystemClock.now());
    match verify(args, &chosen, &chosen.config, &token, at).await? {
        Ok(claims) => print_accepted(&claims, &chosen, json),
        Err(VerifyError::Rejected(rejection)) => {
            let further = further_changes(args, &rejected, &rejection, at).await?;
            rejected.print(&rejection, &further);
            Ok(Exit::Failure)
        }
        Err(error) => Err(CommandError::caused("cannot verify the token", &error)
            .with_code(error.code())
            .with_help("is the issuer right, and does this machine reach it? --jwks FILE needs no network")),
    }
}

/// Verifies the token with these requirements, which are those of the configuration or less strict ones.
async fn verify(
    args: &VerifyArgs,
    chosen: &ChosenVerifier,
    config: &VerifierConfig,
    token: &str,
    at: Timestamp,
) -> Result<Result<VerifiedClaims, VerifyError>, CommandError> {
    let Some(path) = &args.jwks else {
        return Ok(Verifier::new(config.clone(), chosen.keys()?).verify(token, at).await);
    };
    let document = std::fs::read(path).map_err(|error| CommandError::unreadable(path, &error))?;
    let verifier = Verifier::with_static_keys(config.clone(), document);
    let verifier = verifier.map_err(|error| CommandError::caused(&path.display().to_string(), &error))?;
    Ok(verifier.verify(token, at).await)
}

/// The largest number of changes after the first. There are fewer requirements that a change can relax.
const MAX_CHANGES: usize = 6;

/// Returns what would have to change in addition to what the first rejection asks for, so that one run shows all of it.
async fn further_changes(
    args: &VerifyArgs,
    rejected: &Rejected<'_>,
    first: &Rejection,
    at: Timestamp,
) -> Result<Vec<String>, CommandError> {
    let Rejected { token, claims, chosen, .. } = *rejected;
    let mut further = Vec::new();
    let mut relaxed = change::for_rejection(first, claims, Some(&chosen.config), &chosen.place)
        .and_then(|change| change.relaxed);
    while let Some(config) = relaxed.take()
        && further.len() < MAX_CHANGES
    {
        let Err(VerifyError::Rejected(next)) = verify(args, chosen, &config, token, at).await? else { break };
        let text = help::for_rejection(&next, claims, Some(&config), &chosen.place);
        further.push(text.map_or_else(|| next.to_string(), |text| format!("{next}: {text}")));
        relaxed = change::for_rejection(&next, claims, Some(&config), &chosen.place)
            .and_then(|change| change.relaxed);
    }
    Ok(further)
}

/// A token that is rejected, and what is known of it.
struct Rejected<'a> {
    token: &'a str,
    claims: Option<&'a UnverifiedClaims>,
    chosen: &'a ChosenVerifier,
    json: bool,
}

impl Rejected<'_> {
    /// Prints the reason with the setting that rejects the token, and every change after which it would be accepted.
    fn print(&self, rejection: &Rejection, further: &[String]) {
        let Self { token, claims, chosen, json } = *self;
        let pasted = pasted(rejection, token);
        let accepted = Some(&chosen.config);
        let help = pasted.or_else(|| help::for_rejection(rejection, claims, accepted, &chosen.place));
        // A token of another issuer is not rejected by one of several.
        let issuer = chosen.place.name().filter(|_| chosen.mismatch.is_none());
        if json {
            let result = token::rejected(rejection.code(), rejection);
            let mut result = token::with_context(result, issuer, help);
            if !further.is_empty() {
                result.insert("further".to_owned(), further.into());
            }
            output::result(&Value::Object(result).to_string());
            return;
        }
        let issuer = issuer.map(|name| format!(" by the issuer {name}")).unwrap_or_default();
        let code = rejection.code();
        let mut error = Diagnostic::new(code, format!("rejected{issuer}: {rejection} ({code})"));
        chosen.place.point(&mut error, rejection, accepted);
        output::error(&Diagnostic { help, ..error });
        for next in further {
            output::notes().detail("then", next);
        }
    }
}

/// Prints that a text is no token, which needs no configuration.
fn print_no_token(rejection: &Rejection, token: &str, json: bool) {
    let code = rejection.code();
    let help = pasted(rejection, token);
    if json {
        let result = token::with_context(token::rejected(code, rejection), None, help);
        return output::result(&Value::Object(result).to_string());
    }
    let error = Diagnostic::new(code, format!("rejected: {rejection} ({code})"));
    output::error(&Diagnostic { help, ..error });
}

/// Returns what was pasted in place of a token, if that is apparent.
fn pasted(rejection: &Rejection, token: &str) -> Option<String> {
    let is_no_token = matches!(rejection, Rejection::NotCompact { .. } | Rejection::PastedText { .. });
    is_no_token.then(|| help::for_pasted(token).map(str::to_owned)).flatten()
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
        let result = token::with_context(token::accepted(claims), chosen.place.name(), None);
        output::result(&Value::Object(result).to_string());
        return Ok(Exit::Success);
    }
    let text = serde_json::to_string_pretty(claims.claims());
    output::result(&text.map_err(|error| CommandError::caused("the claims", &error))?);
    if let Some(incomplete) = incomplete {
        return Err(incomplete);
    }
    let of_issuer = chosen.place.name().map(|name| format!(" of the issuer {name}")).unwrap_or_default();
    output::notes().success(&format!(
        "valid {}token{of_issuer}, expires at {}",
        claims.token_use().map(|kind| format!("{kind} ")).unwrap_or_default(),
        claims.expires_at()
    ));
    Ok(Exit::Success)
}
