//! `upsign explain`: takes a presigned URL or a form apart.

mod input;
mod report;

use std::path::PathBuf;

use clap::Args;
use upsign::{Clock, SystemClock};
use upsign_config::Config;
use upsign_core::Timestamp;
use upsign_diagnose::{ConfigMatch, Explanation, NamedPolicy, Severity, Subject};

use crate::config_file::ConfigFile;
use crate::exit::{CommandError, Exit};
use crate::{output, summary, value_parser};

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Presigned URL, or a file; `-` reads standard input, which keeps a URL out of the shell's history. Detected in a file: a URL,
    /// the JSON answer of a service, the fields of a form as JSON, as HTML or as a command of curl.
    #[arg(value_name = "URL|FILE")]
    subject: String,
    /// Time for which to explain: now (the default), or as in 2026-01-31T23:59:59Z.
    #[arg(long, value_name = "TIME", value_parser = value_parser::time)]
    at: Option<Timestamp>,
    /// Compare with the routes of this configuration file. UPSIGN_… variables override its values.
    #[arg(long, value_name = "FILE", env = "UPSIGN_CONFIG")]
    config: Option<PathBuf>,
}

pub(crate) fn run(args: &ExplainArgs, json: bool) -> Result<Exit, CommandError> {
    let config = args.config.clone().map(|path| ConfigFile { config: Some(path) }.load()).transpose()?;
    let subject = input::read(&args.subject)?;
    let at = args.at.unwrap_or_else(|| SystemClock.now());
    let explained = Explanation::of(&subject, at);
    let found = config.as_ref().map(|config| compare(config, &subject));
    if json {
        let mut result = explained.to_json();
        if let (Some(found), Some(members)) = (&found, result.as_object_mut()) {
            members.insert("config".to_owned(), found.to_json());
        }
        output::result(&result.to_string());
    } else {
        report::print(&explained, found.as_ref());
    }
    let fails = explained.oddities.iter().any(|oddity| oddity.kind.severity == Severity::Fails);
    Ok(if fails { Exit::Failure } else { Exit::Success })
}

fn compare(config: &Config, subject: &Subject) -> ConfigMatch {
    let routes = config.routes().iter();
    let routes = routes.map(|route| NamedPolicy { name: summary::route_name(route), policy: &route.policy });
    ConfigMatch::of(subject, &routes.collect::<Vec<_>>())
}
