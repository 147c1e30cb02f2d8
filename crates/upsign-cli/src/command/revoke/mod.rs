//! `upsign revoke`: the statement that stops URLs that were already issued.

mod input;
mod report;

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use upsign::{Clock, SystemClock};
use upsign_config::Config;
use upsign_core::{Region, Timestamp};
use upsign_diagnose::{ConfigMatch, NamedPolicy, Revocation, RevocationError, Subject};

use crate::config_file::ConfigFile;
use crate::exit::{CommandError, Exit};
use crate::{output, summary, value_parser};

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["url", "caller", "user_id", "issued_before"])))]
pub(crate) struct RevokeArgs {
    /// Presigned URL that leaked, or a file with it; `-` reads standard input, which keeps a URL out of the shell's history. With
    /// --config, only a URL that a route of the file issues is accepted.
    #[arg(value_name = "URL|FILE")]
    url: Option<String>,
    /// Stop the uploads of this subject, to the keys of the routes that contain `{sub}`. Needs --config.
    #[arg(long, value_name = "SUB", requires = "config")]
    caller: Option<String>,
    /// Stop what one identity of AWS signed: `AROA…:SESSION`, `AROA…` or `AIDA…`, as `aws sts get-caller-identity` prints it.
    #[arg(long, value_name = "ID")]
    user_id: Option<String>,
    /// Stop what was signed with sessions from before this time: now, or as in 2026-01-31T23:59:59Z.
    #[arg(long, value_name = "TIME", value_parser = value_parser::time)]
    issued_before: Option<Timestamp>,
    /// Bucket whose policy is written. Default: that of the URL, or the only one of --config.
    #[arg(long, value_name = "BUCKET")]
    bucket: Option<String>,
    /// Present policy of the bucket, to which the statement is added: what `aws s3api get-bucket-policy` prints.
    #[arg(long, value_name = "FILE")]
    bucket_policy: Option<PathBuf>,
    /// Time from which the URLs are stopped: now (the default), or as in 2026-01-31T23:59:59Z.
    #[arg(long, value_name = "TIME", value_parser = value_parser::time)]
    at: Option<Timestamp>,
    /// Configuration file of the service. UPSIGN_… variables override its values.
    #[arg(long, value_name = "FILE", env = "UPSIGN_CONFIG")]
    config: Option<PathBuf>,
}

pub(crate) fn run(args: &RevokeArgs, json: bool) -> Result<Exit, CommandError> {
    let config = args.config.clone().map(|path| ConfigFile { config: Some(path) }.load()).transpose()?;
    let revocation = revocation(args, config.as_ref())?;
    let policy = match &args.bucket_policy {
        Some(file) => revocation
            .merged(&input::text(file)?)
            .map_err(|error| refused(&file.display().to_string(), &error))?,
        None => revocation.policy().to_json(),
    };
    if json {
        let mut result = revocation.to_json();
        if let Some(members) = result.as_object_mut() {
            members.insert("policy".to_owned(), serde_json::from_str(&policy).unwrap_or_default());
            let apply = report::steps(&revocation, args.bucket_policy.is_some());
            members.insert("apply".to_owned(), apply.into_iter().map(|(_, command)| command).collect());
        }
        output::result(&result.to_string());
    } else {
        report::print(&revocation, args.bucket_policy.is_some());
        output::result(policy.trim_end());
    }
    Ok(Exit::Success)
}

fn revocation(args: &RevokeArgs, config: Option<&Config>) -> Result<Revocation, CommandError> {
    let at = args.at.unwrap_or_else(|| SystemClock.now());
    if let Some(url) = &args.url {
        return of_url(args, url, config, at);
    }
    let (bucket, region) = bucket(args, config)?;
    let made = match (&args.caller, &args.user_id, args.issued_before) {
        (Some(subject), ..) => {
            let routes = config.map(named).unwrap_or_default();
            Revocation::of_caller(subject, &bucket, &routes, at)
        }
        (_, Some(user_id), _) => Revocation::of_signer(user_id, &bucket, region, at),
        (.., Some(instant)) => Revocation::issued_before(instant, &bucket, region, at),
        _ => return Err(CommandError::usage("pass a URL, --caller, --user-id or --issued-before")),
    };
    made.map_err(|error| refused("", &error))
}

fn of_url(
    args: &RevokeArgs,
    url: &str,
    config: Option<&Config>,
    at: Timestamp,
) -> Result<Revocation, CommandError> {
    let subject = input::subject(url)?;
    let Subject::Url(request) = &subject else {
        return Err(CommandError::usage("this is a form: a form has no URL that could be revoked by itself")
            .with_code("form")
            .with_help("stop the caller with --caller, or everything with --issued-before"));
    };
    if let Some(config) = config
        && !matches!(ConfigMatch::of(&subject, &named(config)), ConfigMatch::Route(_))
    {
        return Err(CommandError::usage("the URL is not one that a route of --config issues")
            .with_code("not-ours")
            .with_help("leave --config out to revoke a URL of another signer"));
    }
    if let (Some(bucket), Some(other)) = (&args.bucket, request.url.bucket())
        && bucket != other
    {
        return Err(CommandError::usage(format!("the URL leads to the bucket {other}, not to {bucket}"))
            .with_code("other-bucket"));
    }
    Revocation::of_url(&request.url, at).map_err(|error| refused("", &error))
}

/// Returns the bucket with its region, which is known only from a configuration.
fn bucket<'a>(
    args: &RevokeArgs,
    config: Option<&'a Config>,
) -> Result<(String, Option<&'a Region>), CommandError> {
    let mut found: Vec<(&str, &Region)> = config
        .map(Config::routes)
        .unwrap_or_default()
        .iter()
        .map(|route| (route.policy.target().bucket().as_str(), route.policy.target().region()))
        .collect();
    found.dedup_by_key(|(name, _)| *name);
    match (&args.bucket, found.as_slice()) {
        (Some(name), _) => {
            let region = found.iter().find(|(known, _)| known == name).map(|(_, region)| *region);
            Ok((name.clone(), region))
        }
        (None, [(name, region)]) => Ok(((*name).to_owned(), Some(region))),
        (None, []) => Err(CommandError::usage("which bucket? pass --bucket, or --config")),
        (None, several) => {
            let names: Vec<&str> = several.iter().map(|(name, _)| *name).collect();
            Err(CommandError::usage(format!(
                "the routes have several buckets, and each has its own policy: pass --bucket ({})",
                names.join(", ")
            )))
        }
    }
}

fn named(config: &Config) -> Vec<NamedPolicy<'_>> {
    let routes = config.routes().iter();
    routes.map(|route| NamedPolicy { name: summary::route_name(route), policy: &route.policy }).collect()
}

fn refused(place: &str, error: &RevocationError) -> CommandError {
    let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
    let message = format!("{place}{error}");
    // With nothing to revoke, the command line is right.
    let error_of =
        if error.is_over() { CommandError::failure(message) } else { CommandError::usage(message) };
    error_of.with_code(format!("revoke-{}", error.code()))
}
