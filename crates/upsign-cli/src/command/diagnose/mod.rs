//! `upsign diagnose`: finds out why an upload was refused.

mod input;
mod report;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use upsign::{Clock, SystemClock};
use upsign_core::Timestamp;
use upsign_diagnose::{ChosenRequest, Diagnosis, Evidence, SignedUrl, Subject, UnreadableEvidence, diagnose};
use upsign_documents::FoundDocuments;
use zeroize::Zeroizing;

pub(in crate::command) use self::report::print_found;
use crate::exit::{CommandError, Exit};
use crate::{environment, output, value_parser};

#[derive(Debug, Args)]
pub(crate) struct DiagnoseArgs {
    /// What is known of the refusal; `-` reads standard input. Detected: the answer of the store or API, `curl -i` or `curl -v`,
    /// a HAR file, "Copy as cURL", "Copy as PowerShell", "Copy as fetch", messages of a browser's console, and those of
    /// `upsign upload`.
    #[arg(value_name = "FILE", required_unless_present = "url")]
    file: Option<PathBuf>,
    /// Presigned URL as it was issued. Without it, the URL of the request counts as such.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// JSON answer that contained the URL: it has the method and the headers that were signed.
    #[arg(long, value_name = "FILE")]
    grant: Option<PathBuf>,
    /// Status of the answer, if FILE does not have it; 0 if the browser shows none.
    #[arg(long, value_name = "STATUS", value_parser = clap::value_parser!(u16).range(0..600))]
    status: Option<u16>,
    /// CORS configuration of the bucket, in any form that `upsign check --against` reads.
    #[arg(long, value_name = "FILE")]
    cors: Option<PathBuf>,
    /// Policies of the role that signed.
    #[arg(long, value_name = "FILE")]
    iam: Option<PathBuf>,
    /// Policy of the bucket.
    #[arg(long, value_name = "FILE")]
    bucket_policy: Option<PathBuf>,
    /// Policy of the KMS key that encrypts the objects of the bucket.
    #[arg(long, value_name = "FILE")]
    kms_policy: Option<PathBuf>,
    /// Time of the upload, if FILE does not have it: now (the default), or as in 2026-01-31T23:59:59Z.
    #[arg(long, value_name = "TIME", value_parser = value_parser::time)]
    at: Option<Timestamp>,
}

pub(crate) fn run(args: &DiagnoseArgs, json: bool) -> Result<Exit, CommandError> {
    let evidence = evidence(args)?;
    let found = diagnose(&evidence);
    if json {
        output::result(&as_json(&evidence, &found).to_string());
    } else {
        report::print(&evidence, &found);
    }
    Ok(Exit::Success)
}

fn evidence(args: &DiagnoseArgs) -> Result<Evidence, CommandError> {
    let url = args.url.as_deref().map(parse_url).transpose()?;
    let mut evidence = match (&args.file, url) {
        (Some(file), url) => {
            let read =
                Evidence::read(&input::read(file)?).map_err(|error| refused(&input::name(file), &error))?;
            match url {
                Some(url) => read.with_url(url).map_err(|error| refused("--url", &error))?,
                None => read,
            }
        }
        (None, Some(url)) => {
            Evidence::of_url(url.clone()).with_url(url).map_err(|error| refused("--url", &error))?
        }
        (None, None) => return Err(CommandError::usage("pass a FILE, or --url")),
    };
    if let Some(file) = &args.grant {
        let text = input::text(file)?;
        evidence = evidence.with_grant(&text).map_err(|error| match error {
            UnreadableEvidence::OtherJson if is_form(&text) => {
                let message = format!("{}: this is the answer with a form, and not with a URL", input::name(file));
                let help = "leave --grant out: the request itself has the policy of the form, if FILE shows the fields";
                CommandError::usage(message).with_code("grant").with_help(help)
            }
            UnreadableEvidence::OtherJson => {
                let message = format!("{}: this is not JSON with a presigned URL of S3", input::name(file));
                CommandError::usage(message).with_code("grant")
            }
            error => refused(&input::name(file), &error),
        })?;
    }
    if let Some(status) = args.status {
        evidence = evidence.with_status(status);
    }
    evidence = with_documents(args, evidence)?;
    if let Some(secret) = environment::variable("AWS_SECRET_ACCESS_KEY").filter(|secret| !secret.is_empty()) {
        let id = environment::variable("AWS_ACCESS_KEY_ID").filter(|id| !id.is_empty());
        evidence = evidence.with_secret(id.as_deref(), Zeroizing::new(secret));
    }
    Ok(evidence.with_time(args.at.unwrap_or_else(|| SystemClock.now())))
}

/// Returns whether a text is the answer of a service that contains the fields of a form.
fn is_form(text: &str) -> bool {
    matches!(Subject::read(text.as_bytes()), Ok(Subject::Form(_)))
}

fn parse_url(text: &str) -> Result<SignedUrl, CommandError> {
    SignedUrl::parse(text).map_err(|error| {
        CommandError::usage(format!("--url: {error}")).with_code(format!("url-{}", error.code()))
    })
}

fn with_documents(args: &DiagnoseArgs, mut evidence: Evidence) -> Result<Evidence, CommandError> {
    if let Some(file) = &args.cors {
        let rules = documents(file)?.cors.ok_or_else(|| holds_no(file, "CORS configuration"))?;
        evidence = evidence.with_cors(rules);
    }
    let role = match &args.iam {
        Some(file) => Some(documents(file)?.role.ok_or_else(|| holds_no(file, "policy of a role"))?),
        None => None,
    };
    let bucket = match &args.bucket_policy {
        Some(file) => {
            Some(documents(file)?.bucket_policy.ok_or_else(|| holds_no(file, "policy of a bucket"))?)
        }
        None => None,
    };
    if let Some(file) = &args.kms_policy {
        // A policy that names principals is read as that of a bucket, whatever it belongs to.
        let policy = documents(file)?.bucket_policy.ok_or_else(|| holds_no(file, "policy of a KMS key"))?;
        evidence = evidence.with_kms_policy(policy);
    }
    Ok(evidence.with_policies(role, bucket))
}

fn documents(file: &Path) -> Result<FoundDocuments, CommandError> {
    let text = input::text(file)?;
    FoundDocuments::read(&text)
        .map_err(|error| CommandError::usage(format!("{}: {error}", input::name(file))).with_code("document"))
}

fn holds_no(file: &Path, what: &str) -> CommandError {
    CommandError::usage(format!("{} holds no {what}", input::name(file))).with_code("document")
}

fn refused(name: &str, error: &UnreadableEvidence) -> CommandError {
    CommandError::usage(format!("{name}: {error}")).with_code(error.code())
}

/// Returns the first diagnosis, with the request that it is about, and the others in the order of their probability.
fn as_json(evidence: &Evidence, found: &[Diagnosis]) -> Value {
    let request = evidence.request().as_ref().map(request);
    let Some((first, others)) = found.split_first() else { return json!({}) };
    let mut document = object(first);
    if let Some(members) = document.as_object_mut() {
        members.insert("request".to_owned(), request.into());
        members.insert("others".to_owned(), others.iter().map(object).collect());
    }
    document
}

fn request(request: &ChosenRequest) -> Value {
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "method": request.method.as_ref(),
        "host": request.host.as_ref(),
        "path": request.path.as_ref(),
        "at": at(request.at),
        "status": request.status,
        "among": request.among,
        "laterSuccess": request.later_success.map(|later| json!({"at": at(later.at), "status": later.status})),
    })
}

/// Returns a diagnosis as `--json` prints it.
pub(crate) fn object(diagnosis: &Diagnosis) -> Value {
    let diff: Vec<Value> = diagnosis
        .diff
        .iter()
        .map(|line| {
            json!({
                "field": line.field.to_string(),
                "signed": line.signed.as_ref().map(AsRef::as_ref),
                "sent": line.sent.as_ref().map(AsRef::as_ref),
            })
        })
        .collect();
    json!({
        "cause": diagnosis.cause.code,
        "certain": diagnosis.certain,
        "field": diagnosis.field.to_string(),
        "owner": diagnosis.owner.as_str(),
        "sentence": diagnosis.sentence,
        "fix": diagnosis.fix,
        "diff": diff,
        "proof": diagnosis.proof,
        "source": diagnosis.cause.source,
    })
}
