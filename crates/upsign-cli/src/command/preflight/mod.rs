//! `upsign preflight`: asks a store what a browser asks before an upload, and explains the answer.

pub(in crate::command) mod exchange;
mod input;
mod report;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use upsign_core::Origin;
use upsign_diagnose::{PageRequest, PreflightReport};
use upsign_documents::{CorsDocument, FoundDocuments};

use self::exchange::Exchange;
use crate::command::diagnose;
use crate::exit::{CommandError, Exit};
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct PreflightArgs {
    /// Presigned URL, a form with its address, or the answer of a service with either; a file, or `-` for standard input, which keeps a
    /// URL out of the shell's history.
    #[arg(value_name = "URL|FILE")]
    subject: String,
    /// Origin of the page: scheme, host and, if it is not the default, port; without a path.
    #[arg(long, value_name = "ORIGIN")]
    origin: Origin,
    /// Method that the page uses, if the URL does not tell. Default: that of the answer or the URL, otherwise PUT.
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// Header that the page sends in addition, as "NAME" or "NAME: VALUE"; repeatable. "NAME:" removes one.
    #[arg(long = "header", value_name = "HEADER", value_parser = header)]
    headers: Vec<(String, Option<String>)>,
    /// The page listens to the progress of the upload (`XMLHttpRequest.upload`), for which browsers always send a preflight.
    #[arg(long)]
    progress: bool,
    /// Evaluate these rules in place of the bucket's, and send nothing: a CORS configuration in any form that
    /// `upsign check --against` reads.
    #[arg(long, value_name = "FILE")]
    cors: Option<PathBuf>,
}

pub(crate) async fn run(args: &PreflightArgs, json: bool) -> Result<Exit, CommandError> {
    let request = request(args)?;
    let exchange = match &args.cors {
        Some(file) => Exchange::of_rules(&request, &rules(file)?),
        None => {
            refuse_plain_http(&request)?;
            Exchange::with_server(&request).await?
        }
    };
    let rules = args.cors.as_ref().map(|file| input::name(file));
    if json {
        output::result(&as_json(&request, &exchange).to_string());
    } else {
        report::print(&request, &exchange, rules.as_deref());
    }
    Ok(if exchange.report.passes() { Exit::Success } else { Exit::Failure })
}

fn request(args: &PreflightArgs) -> Result<PageRequest, CommandError> {
    let (input, place) = input::read(&args.subject)?;
    let refused = |error: &upsign_diagnose::InvalidPageRequest| {
        let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
        CommandError::usage(format!("{place}{error}")).with_code(format!("input-{}", error.code()))
    };
    let mut request = PageRequest::read(&input, args.origin.clone()).map_err(|error| refused(&error))?;
    if let Some(method) = &args.method {
        request = request.with_method(method).map_err(|error| of_option("--method", &error))?;
    }
    request
        .check_method()
        .map_err(|error| of_option("--method", &error).with_help("pass --method, as in --method PUT"))?;
    for (name, value) in &args.headers {
        request =
            request.with_header(name, value.as_deref()).map_err(|error| of_option("--header", &error))?;
    }
    Ok(if args.progress { request.with_upload_listener() } else { request })
}

fn of_option(option: &str, error: &upsign_diagnose::InvalidPageRequest) -> CommandError {
    CommandError::usage(format!("{option}: {error}")).with_code(format!("input-{}", error.code()))
}

/// The URL contains a signature, which must not travel unencrypted.
fn refuse_plain_http(request: &PageRequest) -> Result<(), CommandError> {
    let is_sent = PreflightReport::of_unsent(request).is_none();
    if request.is_https() || request.is_loopback() || !is_sent {
        return Ok(());
    }
    let message = format!(
        "the URL begins with http:// and {} is not this machine: the signature would be sent unencrypted",
        request.host()
    );
    let help = "use the https address of the store, or evaluate its rules with --cors FILE";
    Err(CommandError::usage(message).with_code("insecure").with_help(help))
}

fn rules(file: &Path) -> Result<CorsDocument, CommandError> {
    let text = input::text(file)?;
    let found = FoundDocuments::read(&text).map_err(|error| {
        CommandError::usage(format!("{}: {error}", input::name(file))).with_code("document")
    })?;
    found.cors.ok_or_else(|| {
        CommandError::usage(format!("{} holds no CORS configuration", input::name(file)))
            .with_code("document")
    })
}

/// Reads `NAME` or `NAME: VALUE`.
fn header(text: &str) -> Result<(String, Option<String>), &'static str> {
    let (name, value) = match text.split_once(':') {
        Some((name, value)) => (name.trim(), Some(value.trim().to_owned())),
        None => (text.trim(), None),
    };
    if name.is_empty() {
        return Err("must be \"NAME\" or \"NAME: VALUE\"");
    }
    Ok((name.to_owned(), value))
}

/// Returns what `upsign diagnose` prints, with the preflight in place of the request. Without a finding, the members of a diagnosis are
/// null.
fn as_json(request: &PageRequest, exchange: &Exchange) -> Value {
    let found = exchange.report.found();
    let (first, others) =
        found.split_first().map_or((None, &[][..]), |(first, others)| (Some(first), others));
    let mut document = first.map_or_else(nothing_found, |first| diagnose::object(first));
    if let Some(members) = document.as_object_mut() {
        members.insert("preflight".to_owned(), exchange.to_json(request));
        members.insert("others".to_owned(), others.iter().map(|it| diagnose::object(it)).collect());
    }
    document
}

fn nothing_found() -> Value {
    json!({
        "cause": null, "certain": true, "field": null, "owner": null, "sentence": report::SUCCESS, "fix": null, "diff": [],
        "proof": null, "source": null,
    })
}
