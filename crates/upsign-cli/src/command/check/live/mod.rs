//! `upsign check --live`: compares the configuration with the bucket itself.
//!
//! Three parts: the documents of the bucket, the preflights of the pages that may upload, and the experiments of `upsign probe` for
//! what the routes rely on. What was not checked is never reported as in order.

mod keys;
mod preflights;
mod probe;
mod relied;
mod report;
mod requests;

use serde_json::Value;
use upsign_config::{Config, RouteConfig};

use self::preflights::Preflights;
use self::probe::Probed;
use super::CheckArgs;
use crate::command::documents::{self, ComparedDocuments, PARTS_OF_LIVE};
use crate::exit::{CommandError, Exit};
use crate::output;

/// What was found about one part, or why it was not checked.
enum Part<T> {
    Checked(T),
    Unchecked(String),
}

/// Everything that was found.
struct Live<'a> {
    documents: Part<ComparedDocuments>,
    preflights: Preflights<'a>,
    probe: Probed,
    /// The names of the parts that may stay unchecked.
    allowed: Vec<&'static str>,
}

pub(super) async fn run(args: &CheckArgs, json: bool) -> Result<Exit, CommandError> {
    let comparison = &args.comparison;
    let config = comparison.deployment.config.load()?;
    let routes = routes(&config, comparison.bucket());
    let documents = match documents::inspect(comparison).await {
        Ok(documents) => Part::Checked(documents),
        Err(error) => Part::Unchecked(reason(error)?),
    };
    let live = Live {
        documents,
        preflights: Preflights::send(&config, &routes).await?,
        probe: Probed::run(&routes, args.probe).await?,
        // Experiments write to the bucket, so they are part of the check only if the caller wants them.
        allowed: PARTS_OF_LIVE
            .into_iter()
            .filter(|name| comparison.allows(name) || *name == "probe" && !args.probe)
            .collect(),
    };
    if json {
        output::result(&live.to_json(&config).to_string());
    } else {
        report::print(&live, &config, &comparison.deployment.config);
    }
    Ok(if live.agrees() { Exit::Success } else { Exit::Failure })
}

/// Returns the routes of the bucket that the command line names, or all.
fn routes<'a>(config: &'a Config, bucket: Option<&str>) -> Vec<&'a RouteConfig> {
    let is_chosen =
        |route: &&RouteConfig| bucket.is_none_or(|name| route.policy.target().bucket().as_str() == name);
    config.routes().iter().filter(is_chosen).collect()
}

/// Returns why the documents were not compared. An error of the command line or the configuration stays one.
fn reason(error: CommandError) -> Result<String, CommandError> {
    let Some(first) = error.diagnostics().next() else { return Err(error) };
    if error.exit == Exit::Usage && first.code != "missing-feature" {
        return Err(error);
    }
    let help = first.help.as_ref().and_then(|help| help.lines().next());
    Ok(match help {
        Some(help) => format!("{}; {help}", first.message),
        None => first.message.clone(),
    })
}

impl Live<'_> {
    /// Returns the parts that were not checked, or not wholly, with the reason.
    fn unchecked(&self) -> Vec<(&'static str, String)> {
        let mut unchecked = Vec::new();
        if let Part::Unchecked(reason) = &self.documents {
            unchecked.push(("documents", reason.clone()));
        }
        unchecked.extend(self.preflights.unchecked().into_iter().map(|reason| ("preflights", reason)));
        unchecked.extend(self.probe.unchecked().into_iter().map(|reason| ("probe", reason)));
        unchecked
    }

    fn agrees(&self) -> bool {
        let documents = match &self.documents {
            Part::Checked(documents) => documents.agree(),
            Part::Unchecked(_) => true,
        };
        documents
            && self.preflights.refused() == 0
            && self.probe.missing() == 0
            && self.probe.left_over().0 == 0
            && self.unchecked().iter().all(|(part, _)| self.allowed.contains(part))
    }

    /// Returns the report: the members of a comparison of documents, with `preflights`, `probe` and `unchecked`.
    fn to_json(&self, config: &Config) -> Value {
        let mut report = match &self.documents {
            Part::Checked(documents) => documents.to_json(),
            Part::Unchecked(_) => Value::Object(serde_json::Map::new()),
        };
        let unchecked = self.unchecked().into_iter().map(|(part, reason)| {
            serde_json::json!({"part": part, "reason": reason, "allowed": self.allowed.contains(&part)})
        });
        if let Some(members) = report.as_object_mut() {
            members.insert("preflights".to_owned(), self.preflights.to_json(config));
            members.insert("probe".to_owned(), self.probe.to_json());
            members.insert("unchecked".to_owned(), unchecked.collect());
            let verdict = if self.agrees() { "ok" } else { "failed" };
            members.insert("verdict".to_owned(), verdict.into());
        }
        report
    }
}
